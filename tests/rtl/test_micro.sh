#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The small machine (rtl/micro): its memory holds the assembled microprogram; the
# operators and a network, byte for byte, on 2x4 and 4x4; cycles do not depend on data;
# a machine that it cannot be is refused. Random programs: tests/unit/rtl/test_rtl_random.c.
set -eu
build=${BUILD:-build}
command -v verilator >/dev/null || { echo "SKIP micro: no verilator"; exit 77; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
[ -x "$build/weft-gen" ] || make --no-print-directory "$build/weft-gen" BUILD="$build"
"$build/weft-gen" micro rtl/micro/weft_micro.asm "$dir/rom.sv" >/dev/null
cmp "$dir/rom.sv" rtl/micro/weft_micro_rom.sv || { echo "micro: weft_micro_rom.sv is stale, make micro writes it"; exit 1; }
# A source with one fault each: named with its line, nothing written.
while IFS='|' read -r text found; do
  printf 'idle: wait\n%b\n' "$text" >"$dir/bad.asm"
  rm -f "$dir/bad.sv"
  ! "$build/weft-gen" micro "$dir/bad.asm" "$dir/bad.sv" >"$dir/out" 2>&1 && grep -q "bad.asm:2: $found" "$dir/out" && [ ! -e "$dir/bad.sv" ] || {
    cat "$dir/out"; echo "micro: $text was not refused with $found"; exit 1; }
done <<'EOF'
jump idle|jump
add a, b|add
add a, b, c, d, e|add
ext a, b, 1, 2, 3, jump, 5|ext
ext a, b, 1, 2, 3|ext
jmp nowhere|nowhere
li a, 1024|1024
li a, -513|-513
li a, OP.NONE|OP.NONE
fld a, EXC.NONE|EXC.NONE
ext a, b, 20, 13|13
ext a, b, 1, 0|0
ext a, b, -1, 1|-1
ext a, b, 32, 1|32
retire 4|4
retire -1|-1
fld a, EX.POST.RS|EX.POST.RS
lmr a, zero, EX.POST.RS|EX.POST.RS
wait\0 ; and the rest is lost|a NUL byte
add a, b, 3|3
idle: wait|idle
EOF
for empty in "" "; a comment\n\nidle:\n"; do
  printf '%b' "$empty" >"$dir/bad.asm"
  ! "$build/weft-gen" micro "$dir/bad.asm" "$dir/bad.sv" >"$dir/out" 2>&1 && grep -q "no word" "$dir/out" && [ ! -e "$dir/bad.sv" ] || {
    cat "$dir/out"; echo "micro: a source without words was taken"; exit 1; }
done
nets=0
for rows in 2 4; do
  sed "s/^array.rows: .*/array.rows: $rows/" boards/icebreaker/machine.yaml >"$dir/$rows.yaml"
  for net in tests/models/cnn_mnist_int8.tflite tests/golden/ops/max_pool_2d_*.tflite tests/golden/ops/add_*.tflite \
    tests/golden/ops/depthwise_conv_2d_*.tflite tests/golden/ops/conv_2d_*.tflite tests/golden/ops/mean_*.tflite \
    tests/golden/ops/fully_connected_*.tflite tests/golden/ops/average_pool_2d_*.tflite \
    tests/golden/ops/concat*_*.tflite tests/golden/ops/pad_*.tflite; do
    "$build/weft" verify "$net" -c "$dir/$rows.yaml" --backend rtl --seed 3 --progress none >"$dir/out" 2>&1 || {
      cat "$dir/out"; echo "micro: $net on $rows rows"; exit 1; }
    nets=$((nets + 1))
  done
done
# No timing depends on data, clamps included: smallest and largest inputs, two seeds.
head -c 784 /dev/zero | tr '\000' '\200' >"$dir/low.bin"
head -c 784 /dev/zero | tr '\000' '\177' >"$dir/high.bin"
for net in tests/models/cnn_mnist_int8.tflite tests/golden/ops/add_00.tflite tests/golden/ops/add_28.tflite; do
  : >"$dir/cycles"
  for in in "--seed 1" "--seed 2" "--seed 3" "--input $dir/low.bin" "--input $dir/high.bin"; do
    case "$net $in" in *add*--input*) continue ;; esac
    # shellcheck disable=SC2086
    "$build/weft" verify "$net" -c "$dir/4.yaml" --backend rtl $in --progress none 2>&1 | grep "^cycles" >>"$dir/cycles"
  done
  [ "$(sort -u "$dir/cycles" | wc -l)" = 1 ] || { sort -u "$dir/cycles"; echo "micro: $net: cycles depend on data"; exit 1; }
done
for wrong in array.cols=8 array.rows=8 array.lanes=2 array.taps=128; do
  more=
  [ "$wrong" = array.cols=8 ] && more="--set scratchpad.word_bytes=8"
  # shellcheck disable=SC2086
  if "$build/weft" config show -c "$dir/4.yaml" --set "$wrong" $more >"$dir/out" 2>&1; then
    echo "micro: $wrong was taken"; exit 1
  fi
  grep -q "array.micro" "$dir/out" || { cat "$dir/out"; echo "micro: $wrong: array.micro is not named"; exit 1; }
done
echo "micro: $nets networks equal on 2 machines, cycles free of data, 4 impossible machines refused"
