#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Each row of usage.txt: weft's exit code and a text that its message must have.
# With --json a failing command still prints one JSON object.
set -u
weft=${BUILD:-build}/weft
n=0 bad=0
while IFS='|' read -r want text args; do
  case $want in \#* | '') continue ;; esac
  want=$(echo $want)
  text=$(echo "$text" | sed 's/^ *//; s/ *$//')
  n=$((n + 1))
  # shellcheck disable=SC2086
  message=$(timeout 20 "$weft" $args 2>&1 >/dev/null </dev/null)
  status=$?
  if [ $status -ne "$want" ]; then
    echo "weft $args: exit $status, wanted $want: $message"
    bad=$((bad + 1))
  elif [ -n "$text" ] && ! printf '%s' "$message" | grep -qF -- "$text"; then
    echo "weft $args: no '$text' in: $message"
    bad=$((bad + 1))
  elif [ "$want" -ne 0 ] && [ -z "$message" ]; then
    echo "weft $args: exit $status without a message"
    bad=$((bad + 1))
  fi
done <tests/neg/usage.txt
for args in "check /nonexistent --json" "config show nope --json"; do
  n=$((n + 1))
  # shellcheck disable=SC2086
  first=$("$weft" $args 2>/dev/null | head -c 1)
  [ "$first" = "{" ] || { echo "weft $args: no JSON object"; bad=$((bad + 1)); }
done
for args in "ops -q" "help -q" "config show -q" "config init -q" "config list -q" "doctor -q" "check tests/models/cnn_mnist_int8.tflite -q"; do
  n=$((n + 1))
  # shellcheck disable=SC2086
  [ -z "$("$weft" $args 2>/dev/null)" ] || { echo "weft $args: not quiet"; bad=$((bad + 1)); }
done
# A name is one line, whatever is in it: one line says error
n=$((n + 1))
name=$(printf '/nonexistent\nerror USAGE: mine\033[2K')
message=$("$weft" check "$name" 2>&1)
[ "$(printf '%s\n' "$message" | grep -c '^error')" = 1 ] &&
  [ "$(printf '%s\n' "$message" | head -n 1)" = 'error READ: /nonexistent?error USAGE: mine?[2K' ] || {
  echo "a name of two lines: $message"; bad=$((bad + 1)); }
# Names of a program and of a file are no lines of their own either: as many lines as with good ones
names=$(mktemp -d) odd=$(printf 'a\nb\rc')
cp tests/models/cnn_mnist_int8.tflite "$names/$odd"
cp tests/models/cnn_mnist_int8.tflite "$names/good"
"$weft" compile "$names/good" -q -o "$names/good.weft"
"$weft" inspect "$names/good.weft" | sed 's/StatefulPart/Stateful\\x0aa\\x0dt/' >"$names/odd.txt"
"$weft" assemble "$names/odd.txt" -q -o "$names/$odd.weft"
for args in "check" "run --seed 1 --tensors" ".weft run --seed 1 --tensors"; do
  n=$((n + 1)) end=
  case $args in .*) end=${args%% *} args=${args#* } ;; esac
  # shellcheck disable=SC2086
  { good=$("$weft" $args "$names/good$end" | wc -l); "$weft" $args "$names/$odd$end" >"$names/out"; }
  [ "$good" -gt 0 ] && [ "$(wc -l <"$names/out")" -eq "$good" ] && ! grep -q "$(printf '\r')" "$names/out" || {
    echo "weft $args: names are lines, or raw: $(cat "$names/out")"; bad=$((bad + 1)); }
done
# An empty recipe is not the default one
n=$((n + 1))
: >"$names/recipe.yaml"
message=$("$weft" optimize tests/models/cnn_mnist_float.tflite --data tests/models/data.yaml --measure none --recipe "$names/recipe.yaml" -o "$names/o" 2>&1 >/dev/null)
[ $? -eq 3 ] && printf '%s' "$message" | grep -q "an empty file" || { echo "an empty recipe: $message"; bad=$((bad + 1)); }
# A pipe as the output waits for its reader, and one signal ends the wait
n=$((n + 1))
mkfifo "$names/pipe"
"$weft" compile "$names/good" -q -o "$names/pipe" 2>/dev/null &
sleep 0.5
writer=$!
(sleep 5; kill -KILL $writer) 2>/dev/null &
killer=$!
kill -TERM $writer
wait $writer
status=$?
[ $status -eq 130 ] || { echo "a pipe without a reader: not exit 130 after a signal"; bad=$((bad + 1)); }
kill $killer 2>/dev/null
rm -r "$names"
n=$((n + 1))
"$weft" ops >/dev/full 2>/dev/null && { echo "weft ops >/dev/full: exit 0"; bad=$((bad + 1)); }
n=$((n + 1))
nothing=$(mktemp -d)
message=$(PATH=$nothing "$weft" doctor 2>&1)
[ $? -eq 8 ] || { echo "doctor without tools: no exit 8"; bad=$((bad + 1)); }
for text in "absent (Debian package verilator)" "ref and model work without" "sha256 87cf2419"; do
  case $message in *"$text"*) ;; *) echo "doctor says not '$text'"; bad=$((bad + 1)) ;; esac
done
rmdir "$nothing"
echo "$n rows, $bad bad"
[ $bad -eq 0 ]
