#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The simulated ULX3S runs kws01 and ic01: outputs, cycles and layers as weft sim. The
# same over a bad cable. 1,000 deploys over bad cables to the C model of a board: never
# a wrong result, no wait beyond its limit.
#   WEFT_DEPLOYS=N  that many instead of 1,000
set -u
build=${BUILD:-build}
weft=$build/weft
net=tests/models/cnn_mnist_int8.tflite
t=$(mktemp -d)
trap 'rm -rf "$t"' EXIT
[ -x "$build/board-serve" ] || make -s BUILD="$build" "$build/board-serve" >/dev/null || exit 1
. tests/board/serve.sh
bad=0

# One deploy over a bad cable: a line "good", "error MESSAGE" or "WRONG ...".
one() {
  seed=$1
  t=$(mktemp -d)
  ppm=10000
  [ $((seed % 10)) -eq 0 ] && ppm=50000
  serve model ulx3s-85f tiny seed="$seed" ppm=$ppm
  timeout 120 "$weft" deploy ulx3s-85f "$net" -c tiny --seed 3 --port "$port" --json --progress none >"$t/out" 2>"$t/err"
  status=$?
  unserve
  if [ $status -eq 0 ] && grep -qF "\"verified\": true, \"outputs\": \"$want\"" "$t/out"; then
    echo good
  elif [ $status -eq 9 ]; then
    echo "error seed $seed: $(tr '\n' ' ' <"$t/err")"
  else
    echo "WRONG seed $seed: exit $status $(cat "$t/out" "$t/err" | tr '\n' ' ')"
  fi
  rm -rf "$t"
}

want=$("$weft" run "$net" -c tiny --seed 3 --json | sed 's/.*"outputs": *"\([0-9a-f]*\)".*/\1/')
if [ "${1:-}" = --one ]; then
  one "$2"
  exit 0
fi
seq 1 "${WEFT_DEPLOYS:-1000}" | xargs -P 8 -n 1 "$0" --one >"$t/runs"
good=$(grep -c '^good' "$t/runs")
wrong=$(grep -c '^WRONG' "$t/runs")
errors=$(grep -c '^error' "$t/runs")
echo "bad cables: $good good, $errors ended in an error, $wrong wrong"
grep -v '^good' "$t/runs" | head -n 10
[ "$wrong" -eq 0 ] && [ "$good" -ge $((${WEFT_DEPLOYS:-1000} * 98 / 100)) ] &&
  [ $((good + errors)) -eq "${WEFT_DEPLOYS:-1000}" ] || bad=1

command -v verilator >/dev/null && command -v g++ >/dev/null || { echo "no verilator or g++: no simulated board"; exit $bad; }
for seed in 11 12 13; do
  serve rtl ulx3s-85f stress seed=$seed ppm=10000
  timeout 600 "$weft" deploy ulx3s-85f "$net" -c stress --seed 3 --port "$port" --progress none >"$t/out" 2>"$t/err" ||
    { echo "Verilated board, bad cable $seed: $(cat "$t/err")"; bad=1; }
  unserve || bad=1
done
[ -n "${WEFT_MODELS:-}" ] || { echo "WEFT_MODELS is not set: kws01 and ic01 were NOT deployed"; exit $bad; }
for name in kws01_dscnn_int8 ic01_resnet8_int8; do
  file=$WEFT_MODELS/models/mlperf_tiny/$name.tflite
  [ -f "$file" ] || { echo "no network $name in WEFT_MODELS"; bad=1; continue; }
  tests/board/same_cycles.py "$weft" "$file" ulx3s-85f base 1 || bad=1
done
exit $bad
