#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Netlist = RTL. A machine is synthesized for a family; the netlist with its cells'
# models stands beside the RTL in the simulator, sees the same inputs, and every
# output of every cycle is compared while a whole network runs and is verified
# against the reference kernels. Flipped bits of look-up tables must be seen. Then
# in four states (iverilog), all x at the start: the reset and a network of the same
# layers, replayed; without the reset x must leave, and a flipped bit that the short
# network excites must be seen.
# WEFT_NETLIST_FAMILIES: of ice40, ecp5, gowin (2 x 4 each; gowin with block RAM's own registers), icebreaker (the
# small machine; the short network). WEFT_NETLIST_FOUR=1: ecp5 and gowin in four states too: minutes of iverilog, not seen to their end.
set -u
build=$(realpath "${BUILD:-build}")
venv=$(realpath "${WEFT_VENV:-build/eda}" 2>/dev/null)
python=$venv/bin/python3
[ -x "$python" ] && "$python" -c 'import pyosys' 2>/dev/null && command -v verilator >/dev/null ||
  { echo "SKIP netlist: no pyosys ('weft doctor --install') or no verilator"; exit 77; }
share=$("$python" -c 'import pyosys, os; print(os.path.join(os.path.dirname(pyosys.__file__), "share"))')
root=$(pwd)
here=tests/boards/netlist
faults=8
bad=0
fail() { echo "FAIL: $family: $*"; bad=1; }

# synth DEFINES COMMANDS FILES...: netlist.v of weft_top as weft_net
synth() {
  defines=$1 commands=$2
  shift 2
  rm -rf "$top"
  mkdir -p "$top/gen"
  "$build/weft-gen" sv "$top/gen" "$machine" || exit 1
  printf '%s\n' "read_slang $defines $micro -D SYNTHESIS --top weft_top $top/gen/weft_isa_pkg.sv $top/gen/weft_csr_pkg.sv $top/gen/weft_params_pkg.sv $(find rtl -name '*.sv' | sort | tr '\n' ' ') $*" \
    "hierarchy -check -top weft_top" proc "check -assert" "$commands -top weft_top" "delete */t:\$scopeinfo" \
    "rename weft_top weft_net" "rename -hide" "rename -enumerate -pattern n%" "write_json $top/yosys.json" >"$top/script.ys"
  printf '%s\n' "read_json $top/yosys.json" "write_verilog -noattr $top/yosys.v" >"$top/write.ys"
  "$python" boards/flow/yosys_run.py "$top/script.ys" --tidy "$top/yosys.json" >"$top/synth.log" 2>&1 &&
    "$python" boards/flow/yosys_run.py "$top/write.ys" >"$top/write.log" 2>&1 &&
    "$python" "$here/prepare.py" "$top/yosys.v" "$top/netlist.v" $faults ${micro:+rom} ||
    { tail -n 5 "$top/synth.log"; fail synthesis; return 1; }
}

# models: what the cells do, vendor's models and ours
models() {
  case $family in
  ecp5) echo '`define WEFT_FLIP_ECP5'
    cat "$share/lattice/common_sim.vh" "$share/lattice/ccu2c_sim.vh" | grep -v -e '^`include' -e '\$error('
    cat tests/boards/cells/mult18x18d.v tests/boards/cells/dp16kd.v ;;
  gowin) echo '`define WEFT_FLIP_GOWIN'
    sed '/^module SP (/,$d' "$share/gowin/cells_sim.v"
    cat tests/boards/cells/gowin_bsram.v tests/boards/cells/gowin_mult.v ;;
  ice40 | icebreaker) printf '%s\n' '`define NO_ICE40_DEFAULT_ASSIGNMENTS'; cat "$share/ice40/cells_sim.v" ;;
  esac
  cat "$here/flip.v"
}

# A root for weft whose weft_top holds the netlist too
tree() {
  mkdir -p "$top/root"
  cp -r rtl sim src configs "$top/root/"
  models >"$top/root/rtl/a_models.sv"
  cp "$top/netlist.v" "$top/root/rtl/b_netlist.sv"
  { sed -e '/^endmodule/,$d' rtl/weft_top.sv
    sed -e "s#@ROOT@#$top/root#" -e "s#@VECTORS@#$cycles#" "$here/beside.sv"; } >"$top/root/rtl/weft_top.sv"
}
run_weft() { # MACHINE NETWORK
  WEFT_ROOT=$top/root XDG_CACHE_HOME=$top/cache OBJCACHE=$root/$here/light.sh timeout 2400 "$build/weft" verify "$2" --seed 1 --backend rtl -c "$1" --progress none
}

two_states() {
  tree
  "$python" "$here/crop.py" tests/models/cnn_mnist_int8.tflite "$top/crop.tflite" || { fail crop; return 1; }
  # slow memory; fast memory; then the short one, whose vectors are kept
  for run in "$slow $whole" "$machine $whole" "$machine $top/crop.tflite"; do
    run_weft $run >"$top/run.log" 2>&1 || { tail -n 20 "$top/run.log"; fail "machine and network $run"; return 1; }
    grep "cycles equal" "$top/run.log" | grep -v " 0 " | sed "s#^#$family, ${run##*/} on ${run%% *}: #" | grep . ||
      fail "no comparison was made"
  done
  seen=0
  early=
  for k in $(seq $faults); do
    echo $k >"$top/root/fault"
    for network in "$top/crop.tflite" "$whole"; do
      run_weft "$machine" "$network" >"$top/fault$k.log" 2>&1 && continue
      grep -q "NETLIST DIFFERS" "$top/fault$k.log" || { fail "fault $k: $(tail -n 3 "$top/fault$k.log")"; break; }
      seen=$((seen + 1))
      [ "$(sed -n 's/.*DIFFERS.* cycle \([0-9]*\)$/\1/p' "$top/fault$k.log" | head -n 1)" -ge "$cycles" ] ||
        [ "$network" = tests/models/cnn_mnist_int8.tflite ] || early="$early $k"
      break
    done
  done
  rm -f "$top/root/fault"
  echo "$family: of $faults flipped bits of look-up tables $seen were seen, early in the short network$early"
  [ $seen -ge 1 ] || fail "no flipped bit was seen" # the others lie in rows that no network here reads
}

replay() { # MORE...
  timeout 1500 "$top/replay" "+vectors=$top/root/vectors.txt" "+cycles=$cycles" "$@"
}
four_states() {
  command -v iverilog >/dev/null || { echo "no iverilog: $family NOT run in four states"; return; }
  case $family in
  ecp5 | gowin) [ -n "${WEFT_NETLIST_FOUR:-}" ] || { echo "$family NOT run in four states: WEFT_NETLIST_FOUR=1"; return; } ;;
  esac
  beat=$(sed -n 's/.*int BeatBytes = \([0-9]*\);.*/\1/p' "$top/gen/weft_params_pkg.sv")
  # registers and memories start as x, not as the models have it
  models | sed -e 's/^`define SB_DFF_INIT .*/`define SB_DFF_INIT/' -e 's/^\t*initial Q = srval;//' \
    -e 's/^ *initial Q <= INIT;//' -e 's/^ *initial begin q = 0; r = 0; end//' -e 's/^ *initial q36 = 0;//' \
    -e 's/^ *initial for (i = 0; i < 2048; .*//' -e '/parameter \[319:0\] INITVAL_/d' >"$top/models.v"
  iverilog -g2012 -DBEAT_BYTES="$beat" -s replay -o "$top/replay" "$here/replay.v" "$top/models.v" "$top/netlist.v" \
    >"$top/iverilog.log" 2>&1 || { head -n 10 "$top/iverilog.log"; fail iverilog; return; }
  replay | tee "$top/four.log" | sed "s/^/$family: /"
  grep -qE "^four states: 0 of [1-9][0-9]{3,} " "$top/four.log" || fail "four states"
  [ "$family" = icebreaker ] || grep -q " [1-9][0-9]* bytes" "$top/four.log" || fail "four states: no output was stored"
  replay +unreset +first >"$top/unreset.log"
  grep -qE "^four states: [1-9][0-9]* of" "$top/unreset.log" || fail "without a reset no x left: $(cat "$top/unreset.log")"
  [ -n "$early" ] || { echo "$family: no flipped bit to show in four states"; return; }
  replay "+fault=${early##* }" +first >"$top/flip.log"
  grep -qE "^four states: [1-9][0-9]* of" "$top/flip.log" || fail "four states: flipped bit ${early##* } was not seen"
}

for family in ${WEFT_NETLIST_FAMILIES:-ice40 ecp5 gowin icebreaker}; do
  top=$build/tests/netlist/$family
  machine=$here/machine.yaml slow=stress micro= cycles=20000 whole=tests/models/cnn_mnist_int8.tflite
  if [ "$family" = icebreaker ]; then # 231,320 cycles for the short network
    machine=boards/icebreaker/machine.yaml slow=boards/icebreaker/machine.yaml micro="-D WEFT_MICRO" cycles=4000 whole=$top/crop.tflite
  fi
  case $family in
  ice40 | icebreaker) synth "-D WEFT_ICE40 -D WEFT_FAMILY_MUL" "setattr -unset ram_style a:ram_style=distributed
synth_ice40 -device u -abc9 -no-rw-check" boards/family/ice40/weft_mul_dsp.sv boards/family/ice40/weft_board_cells.sv ;;
  ecp5) synth "-D WEFT_ECP5" "synth_lattice -family ecp5 -abc9 -nowidelut -no-rw-check" ;;
  gowin) synth "-D WEFT_GOWIN -D WEFT_FAMILY_MUL -D WEFT_FF_LUT" "scratchpad -copy abc9.script.default.area abc9.script
synth_gowin -family gw2a -nowidelut -nodsp -noiopads -no-rw-check -run begin:map_gates -top weft_top
techmap t:\$alu r:Y_WIDTH<6 %i
synth_gowin -family gw2a -nowidelut -nodsp -noiopads -no-rw-check -run map_gates:" boards/family/gowin/weft_mul_dsp.sv boards/family/gowin/weft_board_cells.sv ;;
  esac && two_states && four_states
done
exit $bad
