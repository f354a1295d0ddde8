#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The array job that --launcher slurm makes, on stand-ins for sbatch and squeue (a real
# Slurm: long_slurm.sh): its tasks give the same bytes as --launcher local, odd names
# reach them whole, and a queue that fails or says nothing is told.
set -u
set -- launcher
. tests/explore/set_up.sh
mkdir "$dir/bin"
cp tests/models/cnn_mnist_int8.tflite "$dir/it's a \"net\".tflite"
net="$dir/it's a \"net\".tflite"
cat >"$dir/bin/sbatch" <<'EOF'
#!/bin/sh
# stand-in: one task after the other, in the background
here=$(dirname "$0")
for a in "$@"; do
  case $a in --array=*) list=${a#--array=} list=${list%%%*} ;; --output=*) log=${a#--output=} ;; *) script=$a ;; esac
done
echo "$@" >"$here/sbatch.args"
(for i in $(echo "$list" | tr , ' '); do
  SLURM_ARRAY_TASK_ID=$i sh "$script" >"$(echo "$log" | sed "s/%a/$i/")" 2>&1
  [ -e "$(dirname "$log")/front.csv" ] && touch "$here/whole"
done; touch "$here/done") &
echo "42;cluster"
EOF
cat >"$dir/bin/squeue" <<'EOF'
#!/bin/sh
[ "$*" = "-h -j 42" ] || exit 1
[ -e "$(dirname "$0")/done" ] || echo "42_1 debug weft-explore R"
EOF
chmod +x "$dir/bin"/*
PATH="$dir/bin:$PATH" "$weft" explore "$net" --board ulx3s-25f --space "$space" -o "$dir/an array" --launcher slurm -j 3 -q </dev/null ||
  { fail "slurm: exit $?"; cat "$dir/an array"/slurm-*.log; }
grep -q -- "--array=[0-9,]*%3 " "$dir/bin/sbatch.args" || fail "array: $(cat "$dir/bin/sbatch.args")"
"$weft" explore "$net" --board ulx3s-25f --space "$space" -o "$dir/local" -q </dev/null || fail "local: exit $?"
for f in front.csv explore.json front.svg chosen.yaml; do cmp -s "$dir/local/$f" "$dir/an array/$f" || fail "another $f"; done
[ -e "$dir/bin/whole" ] && fail "a task ran more than its point"
[ "$(ls "$dir/an array"/slurm-*.log | wc -l)" = 2 ] || fail "not two tasks"

# No results: the log of the task is named. No number, no sbatch: exit 8
printf '#!/bin/sh\necho 42\n' >"$dir/bin/sbatch"
touch "$dir/bin/done"
PATH="$dir/bin:$PATH" "$weft" explore "$net" --board ulx3s-25f --space "$space" -o "$dir/lost" --launcher slurm -q </dev/null 2>"$dir/err"
[ $? -eq 8 ] && grep -q "slurm-[0-9]*.log" "$dir/err" || { fail "lost tasks"; cat "$dir/err"; }
printf '#!/bin/sh\necho no\n' >"$dir/bin/sbatch"
PATH="$dir/bin:$PATH" "$weft" explore "$net" --board ulx3s-25f --space "$space" -o "$dir/no" --launcher slurm -q </dev/null 2>"$dir/err"
[ $? -eq 8 ] && grep -q "the number of the job" "$dir/err" || { fail "no number"; cat "$dir/err"; }
# A nearly full part: what was built is measured, a smaller machine that was not is too large
printf '#!/bin/sh\necho "$@" >"%s"\n' "$dir/full" >"$dir/bin/sbatch"
printf 'array.cols: [4, 8]\n' >"$dir/cols.yaml"
PATH="$dir/bin:$PATH" "$weft" explore "$net" --board tangnano20k --space "$dir/cols.yaml" -o "$dir/no" --launcher slurm -q </dev/null 2>"$dir/err"
[ $? -eq 8 ] && grep -q -- "--array=1%" "$dir/full" || { fail "a nearly full part"; cat "$dir/err" "$dir/full"; }
exit $bad
