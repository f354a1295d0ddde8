#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The multipliers of each family, synthesized, with the vendor cells' models,
# against the behavioural twin and C: all 65,536 pairs of bytes. A model that is
# off by a register, and a cell whose sign is off, must be seen. Two products in
# one DSP48E1 (weft_mul_pair): all 2^24 triples; without its constant, red.
set -u
build=${BUILD:-build}
venv=${WEFT_VENV:-build/eda}
python=$venv/bin/python3
[ -x "$python" ] && "$python" -c 'import pyosys' 2>/dev/null && command -v verilator >/dev/null ||
  { echo "SKIP mul: no pyosys ('weft doctor --install') or no verilator"; exit 77; }
share=$("$python" -c 'import pyosys, os; print(os.path.join(os.path.dirname(pyosys.__file__), "share"))')
top=$build/tests/mul
mkdir -p "$top"
bad=0
dut=mul

synth() { # FAMILY DEFINES SCRIPT FILES -> $top/FAMILY/netlist.v
  family=$1 defines=$2 script=$3
  shift 3
  mkdir -p "$top/$family"
  printf '%s\n' "read_slang $defines --top ${dut}_dut rtl/common/weft_mul.sv $* tests/boards/mul/${dut}_dut.sv" \
    "hierarchy -check -top ${dut}_dut" "$script" "rename ${dut}_dut net" \
    "write_verilog -noattr $top/$family/netlist.v" >"$top/$family/script.ys"
  "$python" boards/flow/yosys_run.py "$top/$family/script.ys" >"$top/$family/synth.log" 2>&1 ||
    { tail -n 5 "$top/$family/synth.log"; echo "mul: synthesis for $family"; exit 1; }
}

bench() { # FAMILY MODELS...: exit code of the bench
  family=$1
  shift
  dir=$top/$family/obj
  rm -rf "$dir"
  verilator --cc -Wno-fatal -O3 --prefix Vnet --top-module net --Mdir "$dir" "$top/$family/netlist.v" "$@" \
    >"$top/$family/verilate.log" 2>&1 &&
    verilator --cc -Wno-fatal -O3 --prefix Vtwin --top-module ${dut}_dut --Mdir "$dir" rtl/common/weft_mul.sv \
      rtl/common/weft_mul_pair.sv "tests/boards/mul/${dut}_dut.sv" >>"$top/$family/verilate.log" 2>&1 &&
    make -s -C "$dir" -f Vnet.mk OPT_FAST=-O2 Vnet__ALL.a verilated.o verilated_threads.o >>"$top/$family/verilate.log" 2>&1 &&
    make -s -C "$dir" -f Vtwin.mk OPT_FAST=-O2 Vtwin__ALL.a >>"$top/$family/verilate.log" 2>&1 &&
    g++ -O2 -I"$dir" -isystem "$(sed -n 's/^VERILATOR_ROOT = //p' "$dir/Vnet.mk")/include" -o "$dir/bench" \
      "tests/boards/mul/${dut}_bench.cc" "$dir"/Vnet__ALL.a "$dir"/Vtwin__ALL.a "$dir"/verilated.o "$dir"/verilated_threads.o \
      -lpthread -latomic || { tail -n 20 "$top/$family/verilate.log"; return 2; }
  "$dir/bench" 300000
}

family_is_right() {
  printf '%s: ' "$1"
  bench "$@" || bad=1
}

cells=tests/boards/cells
synth ecp5 "-D WEFT_ECP5" "synth_lattice -family ecp5 -abc9 -nowidelut -top mul_dut" \
  rtl/common/weft_mul18.sv rtl/common/weft_ecp5_cells.sv
family_is_right ecp5 "-I$share/lattice" "$share/lattice/cells_sim_ecp5.v" $cells/mult18x18d.v
synth ice40 "-D WEFT_FAMILY_MUL" "synth_ice40 -device u -abc9 -top mul_dut" \
  boards/family/ice40/weft_mul_dsp.sv boards/family/ice40/weft_board_cells.sv
family_is_right ice40 -DNO_ICE40_DEFAULT_ASSIGNMENTS "$share/ice40/cells_sim.v"
synth gowin "-D WEFT_FAMILY_MUL" "synth_gowin -family gw2a -nowidelut -nodsp -top mul_dut" \
  boards/family/gowin/weft_mul_dsp.sv boards/family/gowin/weft_board_cells.sv
family_is_right gowin "$share/gowin/cells_sim.v" $cells/gowin_mult.v
synth xilinx "-D WEFT_FAMILY_MUL" "synth_xilinx -family xc7 -nodsp -top mul_dut" \
  boards/family/xilinx/weft_mul_dsp.sv boards/family/xilinx/weft_board_cells.sv
family_is_right xilinx "$share/xilinx/cells_sim.v"
dut=pair
pair=boards/family/xilinx/weft_mul_pair_dsp.sv
synth xilinx_pair "-D WEFT_FAMILY_MUL -D WEFT_MUL_PAIR" "synth_xilinx -family xc7 -nodsp -top pair_dut" \
  rtl/common/weft_mul_pair.sv $pair boards/family/xilinx/weft_board_cells.sv
family_is_right xilinx_pair "$share/xilinx/cells_sim.v"
mkdir -p "$top/wrong_pair"
sed "s/.C(48'h8000)/.C(48'h0)/; s/{!p\[15\], p\[14:0\]}/p[15:0]/" $pair >"$top/wrong_pair/cell.sv"
cmp -s $pair "$top/wrong_pair/cell.sv" && { echo "mul: the pair was not made wrong"; bad=1; }
synth wrong_pair "-D WEFT_FAMILY_MUL -D WEFT_MUL_PAIR" "synth_xilinx -family xc7 -nodsp -top pair_dut" \
  rtl/common/weft_mul_pair.sv "$top/wrong_pair/cell.sv" boards/family/xilinx/weft_board_cells.sv
bench wrong_pair "$share/xilinx/cells_sim.v" >/dev/null
[ $? -eq 1 ] || { echo "mul: a pair whose products touch was not seen"; bad=1; }
dut=mul

for f in ecp5:MULT18X18D:7 ice40:SB_MAC16:6 gowin:MULT9X9:3 gowin:MULT18X18:4 xilinx:DSP48E1:7 xilinx_pair:DSP48E1:2 xilinx_pair:LUT[0-9]:0; do
  family=${f%%:*} rest=${f#*:}
  n=$(grep -cE "^  *${rest%:*} " "$top/$family/netlist.v")
  [ "$n" -eq "${rest#*:}" ] || { echo "$family: $n ${rest%:*}, wanted ${rest#*:}"; bad=1; }
done

mkdir -p "$top/wrong"
sed 's/SIGNEDA & a\[17\]/a[17] \& 1'"'"'b0/' $cells/mult18x18d.v >"$top/wrong/mult.v"
cp "$top/ecp5/netlist.v" "$top/wrong/netlist.v"
bench wrong "-I$share/lattice" "$share/lattice/cells_sim_ecp5.v" "$top/wrong/mult.v" >/dev/null
[ $? -eq 1 ] || { echo "mul: an unsigned multiplier was not seen"; bad=1; }
exit $bad
