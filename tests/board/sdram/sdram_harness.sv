// SPDX-License-Identifier: Apache-2.0
// weft_sdram between registers, reached through three pins, for place and route:
// no path of it begins or ends at a pad (boards/fpga_check/weft_harness.sv).
module sdram_harness #(
  parameter int ClkHz     = 100_000_000,
  parameter int DataBits  = 16,
  parameter int BeatBytes = 4,
  parameter int RowBits   = 13,
  parameter int ColBits   = 10,
  parameter bit HasDqm    = 1'b1
) (
  input  logic clk_i,
  input  logic shift_i,
  input  logic sdi_i,
  output logic sdo_o
);
  localparam int InW  = 43 + BeatBytes*9 + DataBits;
  localparam int OutW = 58 + BeatBytes*8 + DataBits/8 + DataBits;
  localparam int B    = BeatBytes*8;

  logic [InW-1:0]  in_q, hold_q;
  logic [OutW-1:0] out, capture_q, out_q;
  logic            shift_q, sdi_q;

  always_ff @(posedge clk_i) begin
    shift_q   <= shift_i;
    sdi_q     <= sdi_i;
    in_q      <= {in_q[InW-2:0], sdi_q};
    if (shift_q) hold_q <= in_q;
    capture_q <= out;
    out_q     <= shift_q ? capture_q : {out_q[OutW-2:0], out_q[OutW-1]};
  end
  assign sdo_o = out_q[OutW-1];

  weft_sdram #(
    .ClkHz(ClkHz), .DataBits(DataBits), .BeatBytes(BeatBytes), .RowBits(RowBits), .ColBits(ColBits),
    .ProbeCol(ColBits > 9), .HasDqm(HasDqm), .CasLatency(ClkHz > 100_000_000 ? 3 : 2)
  ) u_sdram (
    .clk_i, .rst_ni(hold_q[0]), .sync_i(hold_q[1]),
    .mem_req_valid_i(hold_q[2]), .mem_req_write_i(hold_q[3]), .mem_req_addr_i(hold_q[4 +: 32]),
    .mem_req_beats_i(hold_q[36 +: 7]), .mem_w_data_i(hold_q[43 +: B]), .mem_w_strb_i(hold_q[43+B +: BeatBytes]),
    .sdram_dq_i(hold_q[43+B+BeatBytes +: DataBits]),
    .ready_o(out[0]), .error_o(out[1]), .status_o(out[2 +: 32]), .mem_req_ready_o(out[34]), .mem_w_ready_o(out[35]),
    .mem_r_valid_o(out[36]), .mem_r_data_o(out[37 +: B]),
    .sdram_cke_o(out[37+B]), .sdram_cs_n_o(out[38+B]), .sdram_ras_n_o(out[39+B]), .sdram_cas_n_o(out[40+B]),
    .sdram_we_n_o(out[41+B]), .sdram_ba_o(out[42+B +: 2]), .sdram_a_o(out[44+B +: 13]), .sdram_dq_oe_o(out[57+B]),
    .sdram_dqm_o(out[58+B +: DataBits/8]), .sdram_dq_o(out[58+B+DataBits/8 +: DataBits])
  );
endmodule
