#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A new board of a known family is one folder: mini, in a scratch folder, to a
# bitstream. Then: the same again; resume; damage; interruption; a target that
# cannot be met; pins that do not match; what is wrong on the command line.
set -u
build=${BUILD:-build}
weft=$(realpath "$build/weft")
"$weft" doctor --json 2>/dev/null | python3 -c '
import json, sys
tools = json.load(sys.stdin)["build_tools"]
sys.exit(any(t["file"] is None for t in tools if t["name"] in ("pyosys", "nextpnr-ecp5", "ecppack")))' ||
  { echo "SKIP weft build: no pyosys or nextpnr-ecp5; 'weft doctor --install' gets them"; exit 77; }
mkdir -p "$build/tests"
dir=$(mktemp -d "$(realpath "$build")/tests/boards.XXXXXX")
trap 'rm -rf "$dir"' EXIT
bad=0
fail() { echo "FAIL: $*"; bad=1; }
# run WANT TEXT ARGS: exit code, and a text of standard error
run() {
  want=$1 text=$2
  shift 2
  "$weft" "$@" >"$dir/out" 2>"$dir/err" </dev/null
  got=$?
  [ $got -eq "$want" ] || { fail "weft $*: exit $got, wanted $want"; cat "$dir/err"; }
  [ -z "$text" ] || grep -qF -- "$text" "$dir/err" || { fail "weft $*: no '$text' in:"; cat "$dir/err"; }
}
board() { rm -rf "$dir/boards/$1" && mkdir -p "$dir/boards" && cp -r tests/boards/mini "$dir/boards/$1"; }
json() { python3 -c 'import json, sys; d = json.load(open(sys.argv[1])); print(eval(sys.argv[2], {"d": d}))' "$1" "$2"; }
sha() { sha256sum "$1" | cut -d ' ' -f 1; }

board scratch
run 0 "" build scratch --boards "$dir/boards" -o "$dir/a" --json
[ "$(json "$dir/out" 'd["board"], d["target_mhz"], d["dsp"], d["bram"], d["seed"]')" = "('scratch', 50, 1, 0, 1)" ] ||
  fail "json: $(cat "$dir/out")"
bit=$dir/a/pack/scratch.bit
[ "$(json "$dir/out" 'd["bitstream"]')" = "$bit" ] || fail "no bitstream in json"
[ "$(json "$dir/a/manifest.json" 'd["bitstream"]["sha256"]')" = "$(sha "$bit")" ] || fail "manifest: another bitstream"
[ "$(json "$dir/a/manifest.json" 'd["idcode"], d["timing_met"]')" = "('0x21111043', True)" ] || fail "manifest"
grep -q "<svg" "$dir/a/index.html" || fail "no floor on the page"
first=$(sha "$bit")

WEFT_BOARDS=$dir/boards run 0 "" build scratch -o "$dir/b" --seeds 2 -j 2
[ -f "$dir/b/seed2/report.json" ] || fail "no second seed"
kept=$(json "$dir/b/manifest.json" 'd["seed"]')
best=$(json "$dir/b/manifest.json" 'max(d["seeds"], key=lambda s: (s["fmax_mhz"], -s["seed"]))["seed"]')
[ "$kept" = "$best" ] || fail "seed $kept kept, $best is faster"
cmp -s "$dir/a/seed1/placed.config" "$dir/b/seed1/placed.config" || fail "same input, same seed, another placement"
cmp -s "$dir/a/synth/netlist.json" "$dir/b/synth/netlist.json" || fail "same input, another netlist"

stamp=$(stat -c %Y.%Z "$dir/a/synth/netlist.json" "$bit")
run 0 "" build scratch --boards "$dir/boards" -o "$dir/a" --resume
[ "$(stat -c %Y.%Z "$dir/a/synth/netlist.json" "$bit")" = "$stamp" ] || fail "resume built again"
echo >>"$dir/a/synth/netlist.json"
run 0 "" build scratch --boards "$dir/boards" -o "$dir/a" --resume
[ "$(sha "$bit")" = "$first" ] || fail "resume over a damaged netlist: another bitstream"
tail -c 2 "$dir/a/synth/netlist.json" | od -An -c | grep -q '\\n *\\n' && fail "the damaged netlist was kept"

(exec "$weft" build scratch --boards "$dir/boards" -o "$dir/a" 2>"$dir/err" >/dev/null) &
pid=$!
sleep 1
kill -INT $pid
wait $pid
got=$?
[ $got -eq 130 ] && grep -qF -- "--resume" "$dir/err" || fail "interrupted: exit $got, $(cat "$dir/err")"
for d in "$dir"/a/*/; do
  case $d in *.part/) continue ;; esac
  [ -f "$d/stage.sum" ] || fail "interrupted: $d is half-written"
done
run 0 "" build scratch --boards "$dir/boards" -o "$dir/a" --resume
[ "$(sha "$bit")" = "$first" ] || fail "resume after an interruption: another bitstream"

# killed: nothing can be put in order, and a later build takes no half for whole
(exec "$weft" build scratch --boards "$dir/boards" -o "$dir/k" 2>/dev/null >/dev/null) &
pid=$!
for _ in $(seq 200); do
  [ -e "$dir/k/synth.part" ] || [ -e "$dir/k/synth" ] && break
  sleep 0.05
done
kill -9 $pid
wait $pid 2>/dev/null
[ -e "$dir/k/elaborate/stage.sum" ] && [ ! -e "$dir/k/manifest.json" ] || fail "killed: not in mid-build"
# its tools die with it (PR_SET_PDEATHSIG): none may write into the next build
for _ in $(seq 100); do
  left=$(find /proc/[0-9]*/cwd -maxdepth 0 -lname "$dir/k*" 2>/dev/null)
  [ -n "$left" ] || break
  sleep 0.05
done
[ -z "$left" ] || fail "killed: a tool lives on: $left"
mkdir -p "$dir/k/seed1.part" && : >"$dir/k/seed1.part/placed.config"
run 0 "" build scratch --boards "$dir/boards" -o "$dir/k" --resume
[ "$(sha "$dir/k/pack/scratch.bit")" = "$first" ] || fail "resume after a kill: another bitstream"

flock "$dir/k/.lock" "$weft" build scratch --boards "$dir/boards" -o "$dir/k" >"$dir/out" 2>"$dir/err" && fail "two builds in one folder"
grep -qF "another build works in it" "$dir/err" || fail "two builds in one folder: $(cat "$dir/err")"
run 3 "No such file" build scratch --boards "$dir/no-such-folder"

board fast
sed -i 's/^target_mhz: .*/target_mhz: 400/' "$dir/boards/fast/board.yaml"
run 7 "worst path" build fast --boards "$dir/boards" -o "$dir/f" --json
[ ! -e "$dir/f/pack" ] || fail "a bitstream though timing is missed"
[ -s "$dir/f/seed4/report.json" ] && [ ! -e "$dir/f/seed5" ] || fail "seeds tried while timing is missed"
[ ! -e "$dir/a/seed2" ] || fail "a second seed though the first met timing"
[ "$(json "$dir/out" 'd["bitstream"], d["timing_met"]')" = "(None, False)" ] || fail "json of missed timing"
run 0 "" build fast --boards "$dir/boards" -o "$dir/f" --resume --allow-timing-fail
[ "$(json "$dir/f/manifest.json" 'd["timing_met"]')" = False ] && [ -s "$dir/f/pack/fast.bit" ] ||
  fail "--allow-timing-fail"

board pins
sed -i '/led\[1\]/d' "$dir/boards/pins/pins.lpf"
run 3 "led[1]" build pins --boards "$dir/boards" -o "$dir/p"
board pins
sed -i 's/SITE "C2"/SITE "B2"/' "$dir/boards/pins/pins.lpf"
run 3 "pin B2, which led[0] has" build pins --boards "$dir/boards" -o "$dir/p"
board pll
sed -i 's/^target_mhz: .*/target_mhz: 33.333333/' "$dir/boards/pll/board.yaml"
run 8 "elaborate.log" build pll --boards "$dir/boards" -o "$dir/p"
grep -q "no PLL dividers" "$dir/p/elaborate.log" || fail "the log says nothing about the PLL"

# every board of the repository elaborates, and each port of its top has one pin
for b in ulx3s-25f ulx3s-85f colorlight-i5 colorlight-i9 tangnano20k icebreaker; do
  run 0 "" build $b -c tiny -o "$dir/e" --until elaborate
done
run 0 "" build ulx3s-12f -c stress -o "$dir/e" --until synth
[ "$(json "$dir/e/synth/area.json" 'd["total"]["MULT18X18D"]')" = 12 ] || fail "stress: not 2*4 + 4 multipliers"

board small
sed -i 's/^lut: .*/lut: 50/' "$dir/boards/small/board.yaml"
run 5 "50 of the part" build small --boards "$dir/boards" -o "$dir/s"
[ ! -e "$dir/s/seed1" ] || fail "placed though it does not fit"

# a part of another family, and one that no tool knows: before any tool runs
board part
for device in GW2AR-LV18QN88C8/I7 up5k LFE5U-99F; do
  sed -i "s#^device: .*#device: $device#" "$dir/boards/part/board.yaml"
  run 3 "$device" build part --boards "$dir/boards" -o "$dir/part"
  grep -q "LFE5U-85F" "$dir/err" && [ ! -e "$dir/part" ] || fail "$device: $(cat "$dir/err")"
done
board part
sed -i 's/^package: .*/package: CABGA999/' "$dir/boards/part/board.yaml"
run 8 "CABGA999" build part --boards "$dir/boards" -o "$dir/part"
[ ! -e "$dir/part/seed1" ] && [ ! -e "$dir/part/pack" ] && [ ! -e "$dir/part/manifest.json" ] || fail "a package that is none left a result"

run 2 "elaborate, synth, place or pack" build ulx3s-85f --until plcae
run 3 "did you mean ulx3s-85f?" build ulx3s-85g -o "$dir/x"
run 3 "export_only" build kv260 -o "$dir/x"
run 3 "/proc/nowhere" build scratch --boards "$dir/boards" -o /proc/nowhere
: >"$dir/file"
run 3 "$dir/file" build scratch --boards "$dir/boards" -o "$dir/file/below"
run 3 "$dir/file" build scratch --boards "$dir/boards" -o "$dir/file"
[ -f "$dir/file" ] && [ ! -s "$dir/file" ] || fail "a file in the way was touched"
env WEFT_VENV=/nonexistent PATH=/nonexistent "$weft" build scratch --boards "$dir/boards" -o "$dir/x" 2>"$dir/err"
[ $? -eq 8 ] && grep -qF "weft doctor --install" "$dir/err" || fail "without tools: $(cat "$dir/err")"
for d in "$dir"/x/*/stage.sum "$dir"/x/manifest.json; do
  [ ! -e "$d" ] || fail "unknown boards and no tools, but $d"
done
[ $bad -eq 0 ] && echo "weft build: all as it should be, bitstream $first"
exit $bad
