#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# weft deploy over pseudo terminals: boards that work, boards with every defect (own
# message and exit 9, in time), bad cables, bitstreams; and the Verilated ULX3S
# (SDRAM) and iCEBreaker (flash and RAM, the small machine), whose cycles are those of weft sim.
set -u
build=${BUILD:-build}
weft=$build/weft
net=tests/models/cnn_mnist_int8.tflite
t=$(mktemp -d)
trap 'rm -rf "$t"' EXIT
[ -x "$build/board-serve" ] || make -s BUILD="$build" "$build/board-serve" >/dev/null || exit 1
. tests/board/serve.sh
n=0 bad=0

# expect EXIT TEXT SECONDS ARGUMENT...: of weft deploy
expect() {
  exit_code=$1 text=$2 seconds=$3
  shift 3
  n=$((n + 1))
  timeout "$seconds" "$weft" deploy "$@" --progress none >"$t/out" 2>"$t/err"
  status=$?
  [ "$status" -eq "$exit_code" ] || { echo "deploy $*: exit $status, wanted $exit_code: $(cat "$t/err")"; bad=$((bad + 1)); return; }
  grep -qF -- "$text" "$t/out" "$t/err" || { echo "deploy $*: no '$text': $(cat "$t/err")"; bad=$((bad + 1)); }
}

want=$("$weft" run "$net" -c tiny --seed 3 --json | sed 's/.*"outputs": *"\([0-9a-f]*\)".*/\1/')
[ ${#want} -eq 16 ] || { echo "no hash: $want"; exit 1; }

serve model ulx3s-85f tiny
expect 0 "every output equal to the reference kernels" 30 ulx3s-85f "$net" -c tiny --seed 3 --port "$port"
expect 0 "\"outputs\": \"$want\"" 30 ulx3s-85f "$net" -c tiny --seed 3 --port "$port" --json
grep -qF "\"verified\": true, \"outputs\": \"$want\"" "$t/out" || { echo "JSON: $(cat "$t/out")"; bad=$((bad + 1)); }
expect 0 "832 bytes sent, " 30 ulx3s-85f "$net" -c tiny --seed 3 --port "$port"
"$weft" compile "$net" -q -c tiny -o "$t/net.weft" && "$weft" compile "$net" -q -c base -o "$t/base.weft"
expect 0 "equal to the machine model" 30 ulx3s-85f "$t/net.weft" -c tiny --seed 3 --port "$port"
expect 3 "the machine it was compiled for" 30 ulx3s-85f "$t/base.weft" -c tiny --seed 3 --port "$port"
expect 9 "wrong bitstream" 30 ulx3s-85f "$net" -c base --seed 3 --port "$port"
expect 9 "wrong board" 30 ulx3s-45f "$net" -c tiny --seed 3 --port "$port"
"$weft" run "$net" -c tiny --seed 3 --backend board --port "$port" --json --progress none >"$t/out" 2>"$t/err"
grep -qF "\"outputs\": \"$want\"" "$t/out" || { echo "run --backend board: $(cat "$t/out" "$t/err")"; bad=$((bad + 1)); }
unserve

for seed in 1 2 3 4 5 6; do
  serve model ulx3s-85f tiny seed=$seed ppm=10000
  expect 0 "\"outputs\": \"$want\"" 60 ulx3s-85f "$net" -c tiny --seed 3 --port "$port" --json
  unserve
done
grep -q 'damaged [1-9]' "$t/serve.log" || { echo "nothing was damaged: $(cat "$t/serve.log")"; bad=$((bad + 1)); }

# faulty KEY=VALUE.. EXIT TEXT SECONDS [OPTION..]: a deploy to a board with these faults
faulty() {
  keys=$1 code=$2 said=$3 limit=$4
  shift 4
  # shellcheck disable=SC2086
  serve model ulx3s-85f tiny $keys
  expect "$code" "$said" "$limit" ulx3s-85f "$net" -c tiny --seed 3 --port "$port" "$@"
  unserve
}
faulty "cut=325 hangup=1" 9 ": upload" 15   # in the upload
grep -qF "the connection failed" "$t/err" || { echo "cut: $(cat "$t/err")"; bad=$((bad + 1)); }
faulty cut=325 9 "no answer in 8 tries" 15
faulty mute=1 9 "no answer in 8 tries" 8
faulty dead=0x801 9 "dead memory" 15
n_bytes=$("$weft" inspect "$t/net.weft" | sed -n 's/.*region_bytes=\([0-9]*\),.*/\1/p' | head -n 1)
faulty dead=$(((n_bytes + 64 + 4095) / 4096 * 4096 + 16)) 9 "dead memory" 15   # in the input
# Wrong results, from the first run on: the self-tests are runs 1 and 2, the network is the third
faulty wrong=1 9 ": DMA test" 15
faulty wrong=2 9 ": array test" 15
faulty wrong=3 6 "on the board, 0x" 15 --json
grep -qF '"error": "MISMATCH"' "$t/out" || { echo "wrong outputs: $(cat "$t/out")"; bad=$((bad + 1)); }
expect 9 "a serial port that can be opened" 5 ulx3s-85f "$net" -c tiny --seed 3 --port "$t/none"
expect 2 "neither --sim nor --port" 5 ulx3s-85f "$net"
expect 3 "ulx3s-85f" 5 ulx3s-85 "$net" --sim

# Bitstreams: the manifest beside it, and a loader that says what part it found.
mkdir "$t/bits" "$t/bin"
echo bits >"$t/bits/b.bit"
sha=$(sha256sum "$t/bits/b.bit" | cut -d' ' -f1)
hash=$("$weft" inspect "$t/net.weft" | sed -n 's/.*config_hash=0x\([0-9a-f]\{16\}\).*/\1/p' | head -n 1)
manifest() { # board config_hash sha build_id [timing_met]
  printf '{"board":"%s","config_hash":"%s","build_id":"%s","bitstream":{"file":"b.bit","sha256":"%s"},"timing_met":%s,"fmax_mhz":31.5,"target_mhz":50}' \
    "$1" "$2" "$4" "$3" "${5:-true}" >"$t/bits/manifest.json"
}
loader() {
  printf '#!/bin/sh\ncase "$*" in *--detect*) echo "idcode %s" ;; esac\n' "$1" >"$t/bin/openFPGALoader"
  chmod +x "$t/bin/openFPGALoader"
}
bits=$t/bits/b.bit
with() { PATH="$t/bin:$PATH" expect "$@" ulx3s-85f "$net" -c tiny --seed 3 --port "$port" --bitstream "$bits"; }
serve model ulx3s-85f tiny build_id=0x77
if [ -n "$hash" ]; then
  manifest ulx3s-85f "$hash" "$sha" 0000000000000077
  command -v openFPGALoader >/dev/null || with 8 "openFPGALoader" 15
  loader 0x41113043
  with 0 "bitstream loaded" 30
  loader 0x41111043
  with 9 "IDCODE 0x41111043" 15
  loader 0x41113043
  manifest ulx3s-85f "$hash" "$sha" 0000000000000078
  with 9 "wrong bitstream: build 0000000000000077" 15
  manifest ulx3s-45f "$hash" "$sha" 0000000000000077
  with 3 "a bitstream of board ulx3s-45f" 15
  manifest ulx3s-85f 0123456789abcdef "$sha" 0000000000000077
  with 3 "machine 0123456789abcdef" 15
  manifest ulx3s-85f "$hash" "00$sha" 0000000000000077
  with 3 "SHA-256" 15
  manifest ulx3s-85f "$hash" "$sha" 0000000000000077 false
  with 7 "timing is missed: 31.50 MHz" 15
  PATH="$t/bin:$PATH" expect 0 "warning: $bits: timing is missed: 31.50 MHz of 50.00 MHz" 30 ulx3s-85f "$net" -c tiny --seed 3 --port "$port" \
    --bitstream "$bits" --allow-timing-fail
  manifest ulx3s-85f "$hash" "$sha" 0000000000000077 null
  with 3 "timing_met" 15
  manifest ulx3s-85f "$hash" "$sha" 0000000000000077
  printf '#!/bin/sh\necho "many words"\necho "unable to open ftdi device"\nexit 1\n' >"$t/bin/openFPGALoader"
  with 9 "unable to open ftdi device" 15
  grep -qF "weft-loader-" "$t/err" && { echo "the loader's log is named, and gone"; bad=$((bad + 1)); }
  printf '#!/nonexistent/shell\n' >"$t/bin/openFPGALoader"
  with 8 "an openFPGALoader that starts" 15
  loader 0x41113043
  mkdir "$t/bits/pack" && mv "$t/bits/b.bit" "$t/bits/pack" && bits=$t/bits/pack/b.bit   # as weft build leaves them
  with 0 "bitstream loaded" 30
else
  echo "inspect prints no hash"; bad=$((bad + 1))
fi
unserve

if command -v verilator >/dev/null && command -v g++ >/dev/null; then
  tests/board/same_cycles.py "$weft" "$net" ulx3s-85f stress 1 || bad=$((bad + 1))
  tests/board/same_cycles.py "$weft" "$net" icebreaker boards/icebreaker/machine.yaml 1 || bad=$((bad + 1))
  n=$((n + 2))
else
  echo "no verilator or g++: the simulated board was NOT tried"
fi
echo "$n deploys, $bad wrong"
[ $bad -eq 0 ]
