#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Netlist = RTL. The machine is synthesized for a family, the netlist with its
# cells' models stands beside the RTL in the simulator, sees the same inputs, and
# every output of every cycle is compared while a whole network runs and is
# verified against the reference kernels. Then in four states (iverilog), reset
# and the first cycles, replayed: no x may leave. A flipped LUT must be seen.
set -u
build=$(realpath "${BUILD:-build}")
venv=$(realpath "${WEFT_VENV:-build/eda}" 2>/dev/null)
python=$venv/bin/python3
[ -x "$python" ] && "$python" -c 'import pyosys' 2>/dev/null && command -v verilator >/dev/null ||
  { echo "SKIP netlist: no pyosys ('weft doctor --install') or no verilator"; exit 77; }
share=$("$python" -c 'import pyosys, os; print(os.path.join(os.path.dirname(pyosys.__file__), "share"))')
root=$(pwd)
top=$build/tests/netlist
vectors=20000
bad=0
fail() { echo "FAIL: $*"; bad=1; }

# synth FAMILY DEFINES COMMAND MACHINE FILES...: netlist.v of weft_top as weft_net
synth() {
  family=$1 defines=$2 command=$3 machine=$4
  shift 4
  dir=$top/$family
  rm -rf "$dir"
  mkdir -p "$dir/gen"
  "$build/weft-gen" sv "$dir/gen" "$machine" || exit 1
  printf '%s\n' "read_slang $defines --top weft_top $dir/gen/weft_isa_pkg.sv $dir/gen/weft_csr_pkg.sv $dir/gen/weft_params_pkg.sv $(find rtl -name '*.sv' | sort | tr '\n' ' ') $*" \
    "hierarchy -check -top weft_top" proc "setattr -unset ram_style a:ram_style=distributed" "$command -top weft_top" "delete */t:\$scopeinfo" \
    "rename weft_top weft_net" "rename -hide" "rename -enumerate -pattern n%" "write_verilog -noattr $dir/netlist.v" >"$dir/script.ys"
  [ "$family" = ice40 ] || sed -i '/ram_style/d' "$dir/script.ys"
  "$python" boards/flow/yosys_run.py "$dir/script.ys" >"$dir/synth.log" 2>&1 ||
    { tail -n 5 "$dir/synth.log"; echo "netlist: synthesis for $family"; exit 1; }
  # memories start as zeros in the models
  sed -i -e '/\.INITVAL_[0-9A-F]*(320.h0*),$/d' -e '/\.INIT_[0-9A-F](256.h0*),$/d' "$dir/netlist.v"
  grep -E '\.INIT(VAL)?_[0-9A-F]+\(.*[1-9a-f][0-9a-f]*\),$' "$dir/netlist.v" | head -n 1 | grep . && fail "$family: a memory that starts with data"
}

# models FAMILY: one file with what the cells do, vendor's models and ours
models() {
  case $1 in
  ecp5) cat "$share/lattice/common_sim.vh" "$share/lattice/ccu2c_sim.vh" | grep -v -e '^`include' -e '\$error('
    cat tests/boards/cells/mult18x18d.v tests/boards/cells/dp16kd.v ;;
  ice40) echo '`define NO_ICE40_DEFAULT_ASSIGNMENTS'; cat "$share/ice40/cells_sim.v" ;;
  esac
}

# tree DIR NETLIST: a root for weft whose weft_top holds the netlist too
tree() {
  rm -rf "$1"
  mkdir -p "$1"
  cp -r rtl sim src configs "$1/"
  models "$family" >"$1/rtl/a_models.sv"
  cp "$2" "$1/rtl/b_netlist.sv"
  sed -e '/^endmodule/,$d' rtl/weft_top.sv >"$1/rtl/weft_top.sv"
  cat >>"$1/rtl/weft_top.sv" <<END
  logic [31:0] n_rdata, n_addr;
  logic n_irq, n_valid, n_write;
  logic [6:0] n_beats;
  logic [BeatBytes*8-1:0] n_data;
  logic [BeatBytes-1:0] n_strb;
  logic [3:0] n_retire, n_issue;
  weft_net u_net (
    .clk_i, .rst_ni, .csr_valid_i, .csr_write_i, .csr_addr_i, .csr_wdata_i, .csr_rdata_o(n_rdata),
    .irq_o(n_irq), .mem_req_valid_o(n_valid), .mem_req_ready_i, .mem_req_write_o(n_write),
    .mem_req_addr_o(n_addr), .mem_req_beats_o(n_beats), .mem_w_ready_i, .mem_w_data_o(n_data),
    .mem_w_strb_o(n_strb), .mem_r_valid_i, .mem_r_data_i, .retire_o(n_retire), .issue_o(n_issue)
  );
  int cycle = 0, reads_q = 0, compared = 0;
  int file = 0;
  logic read_q = 0;
  initial file = \$fopen("$1/vectors.txt", "w");
  always_ff @(posedge clk_i) begin
    cycle <= cycle + 1;
    read_q <= csr_valid_i && !csr_write_i;
    if (cycle < $vectors)
      \$fwrite(file, "%b%b%b%h%h%b%b%b%h %b%b%b%h%h%h%h%h%h%h\n", rst_ni, csr_valid_i, csr_write_i, csr_addr_i,
        csr_wdata_i, mem_req_ready_i, mem_w_ready_i, mem_r_valid_i, mem_r_data_i, irq_o, mem_req_valid_o,
        mem_req_write_o, mem_req_addr_o, mem_req_beats_o, mem_w_data_o, mem_w_strb_o, retire_o, issue_o, csr_rdata_o);
    if (cycle == $vectors) \$fflush(file);
    if (rst_ni && cycle > 6) begin
      if (n_irq != irq_o || n_valid != mem_req_valid_o || n_retire != retire_o || n_issue != issue_o ||
          (mem_req_valid_o && {n_write, n_addr, n_beats} != {mem_req_write_o, mem_req_addr_o, mem_req_beats_o}) ||
          (mem_w_ready_i && (n_strb != mem_w_strb_o)) || (read_q && n_rdata != csr_rdata_o)) begin
        \$display("NETLIST DIFFERS from the RTL in cycle %0d", cycle);
        \$fatal;
      end
      if (mem_w_ready_i) begin
        compared <= compared + BeatBytes;
        for (int b = 0; b < BeatBytes; b++)
          if (mem_w_strb_o[b] && n_data[8*b +: 8] != mem_w_data_o[8*b +: 8]) begin
            \$display("NETLIST DIFFERS from the RTL: a byte written in cycle %0d", cycle);
            \$fatal;
          end
      end
    end
  end
  final \$display("netlist: %0d cycles equal, %0d bytes written equal", cycle, compared);
endmodule
END
}

# equal FAMILY MACHINE: the whole network, both at once
run_weft() {
  WEFT_ROOT=$1 XDG_CACHE_HOME=$top/cache timeout 3000 "$build/weft" verify tests/models/cnn_mnist_int8.tflite --seed 1 \
    --backend rtl -c "$machine" --progress none
}
equal() {
  tree "$top/$family/root" "$top/$family/netlist.v"
  run_weft "$top/$family/root" >"$top/$family/run.log" 2>&1 || { tail -n 20 "$top/$family/run.log"; fail "$family: whole network"; }
  grep "cycles equal" "$top/$family/run.log" | sed "s/^/$family, machine $machine: /" || fail "$family: no comparison was made"
}

flipped() {
  sed 's/\(LUT_INIT\|INIT\)(16.h8/\1(16'"'"'h0/' "$top/$family/netlist.v" >"$top/$family/wrong.v"
  cmp -s "$top/$family/netlist.v" "$top/$family/wrong.v" && fail "$family: no LUT was flipped"
  tree "$top/$family/wrong" "$top/$family/wrong.v"
  run_weft "$top/$family/wrong" >"$top/$family/wrong.log" 2>&1 && fail "$family: flipped LUTs were not seen"
  grep -q "NETLIST DIFFERS" "$top/$family/wrong.log" || fail "$family: flipped LUTs: $(tail -n 3 "$top/$family/wrong.log")"
}

# Four states: what the RTL saw is replayed; bits that mean something are compared with !==.
four_states() {
  command -v iverilog >/dev/null || { echo "no iverilog: $family NOT run in four states"; return; }
  beat=$(sed -n 's/.*int BeatBytes = \([0-9]*\);.*/\1/p' "$top/$family/gen/weft_params_pkg.sv")
  { echo '`timescale 1ns/1ns'; models "$family"; cat "$top/$family/netlist.v"; cat <<END
module replay;
  localparam B = $beat;
  reg clk = 0;
  reg [5 + 12 + 32 + B*8:0] in;
  reg rst, cv, cw, rr, wr, rv;
  reg [11:0] ca;
  reg [31:0] cd;
  reg [B*8-1:0] rd;
  wire [31:0] csr, addr;
  wire irq, valid, write;
  wire [6:0] beats;
  wire [B*8-1:0] data;
  wire [B-1:0] strb;
  wire [3:0] retire, issue;
  reg w_irq, w_valid, w_write, read_q = 0;
  reg [31:0] w_addr, w_csr;
  reg [6:0] w_beats;
  reg [B*8-1:0] w_data;
  reg [B-1:0] w_strb;
  reg [3:0] w_retire, w_issue;
  weft_net dut (.clk_i(clk), .rst_ni(rst), .csr_valid_i(cv), .csr_write_i(cw), .csr_addr_i(ca), .csr_wdata_i(cd),
    .csr_rdata_o(csr), .irq_o(irq), .mem_req_valid_o(valid), .mem_req_ready_i(rr), .mem_req_write_o(write),
    .mem_req_addr_o(addr), .mem_req_beats_o(beats), .mem_w_ready_i(wr), .mem_w_data_o(data), .mem_w_strb_o(strb),
    .mem_r_valid_i(rv), .mem_r_data_i(rd), .retire_o(retire), .issue_o(issue));
  integer f, n = 0, bad = 0, live = 0, i;
  initial begin
    f = \$fopen("$top/$family/root/vectors.txt", "r");
    while (n < $1 && \$fscanf(f, "%1b%1b%1b%3h%8h%1b%1b%1b%h %1b%1b%1b%8h%2h%${2}h%1h%1h%1h%8h\n", rst, cv, cw, ca, cd, rr, wr, rv, rd,
        w_irq, w_valid, w_write, w_addr, w_beats, w_data, w_strb, w_retire, w_issue, w_csr) == 19) begin
      #5;
      if (rst && n > 6) begin
        live = live + 1;
        if (irq !== w_irq || valid !== w_valid || retire !== w_retire || issue !== w_issue ||
            (w_valid && {write, addr, beats} !== {w_write, w_addr, w_beats}) || (wr && strb !== w_strb) ||
            (read_q && csr !== w_csr)) bad = bad + 1;
        for (i = 0; i < B; i = i + 1) if (wr && w_strb[i] && data[8*i +: 8] !== w_data[8*i +: 8]) bad = bad + 1;
      end
      read_q = cv && !cw;
      clk = 1;
      #5 clk = 0;
      n = n + 1;
    end
    \$display("four states: %0d of %0d cycles differ", bad, live);
    \$finish;
  end
endmodule
END
  } >"$top/$family/replay.v"
  iverilog -g2012 -s replay -o "$top/$family/replay" "$top/$family/replay.v" >"$top/$family/iverilog.log" 2>&1 ||
    { head -n 10 "$top/$family/iverilog.log"; fail "$family: iverilog"; return; }
  timeout 3000 "$top/$family/replay" | tee "$top/$family/four.log" | sed "s/^/$family: /"
  grep -qE "^four states: 0 of [1-9][0-9]{2,} " "$top/$family/four.log" || fail "$family: four states"
}

machine=${WEFT_NETLIST_MACHINE:-stress}
for family in ${WEFT_NETLIST_FAMILIES:-ice40 ecp5}; do
  case $family in
  ice40) synth ice40 "-D WEFT_ICE40 -D WEFT_FAMILY_MUL -D SYNTHESIS" "synth_ice40 -device u -abc9 -no-rw-check" "$machine" \
    boards/family/ice40/weft_mul_dsp.sv boards/family/ice40/weft_board_cells.sv ;;
  ecp5) synth ecp5 "-D WEFT_ECP5 -D SYNTHESIS" "synth_lattice -family ecp5 -abc9 -nowidelut -no-rw-check" "$machine" ;;
  esac
  equal
  four_states "${WEFT_NETLIST_CYCLES:-3000}" 8
  flipped
done
exit $bad
