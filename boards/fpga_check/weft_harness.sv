// SPDX-License-Identifier: Apache-2.0
// weft_top between registers, reached through three pins: what is placed and
// routed is the machine, and no path of it begins or ends at a pad. All inputs
// come from a shift register, all outputs go through a capture register into
// another one.
module weft_harness (
  input  logic clk_i,
  input  logic shift_i,
  input  logic sdi_i,
  output logic sdo_o
);
  localparam int BeatBytes = weft_params_pkg::BeatBytes;
  localparam int InW = 1 + 2 + 12 + 32 + 3 + BeatBytes * 8;
  localparam int OutW = 32 + 1 + 2 + 32 + 7 + BeatBytes * 9 + 8;

  logic [InW-1:0] in_q, hold_q;
  logic [OutW-1:0] out, capture_q, out_q;
  logic shift_q, sdi_q, sdo_q;

  always_ff @(posedge clk_i) begin
    shift_q <= shift_i;
    sdi_q <= sdi_i;
    in_q <= {in_q[InW-2:0], sdi_q};
    if (shift_q) hold_q <= in_q;
    capture_q <= out;
    out_q <= shift_q ? capture_q : {out_q[OutW-2:0], out_q[OutW-1]};
    sdo_q <= out_q[OutW-1];
  end
  assign sdo_o = sdo_q;

  weft_top u_weft (
    .clk_i,
    .rst_ni(hold_q[0]),
    .csr_valid_i(hold_q[1]),
    .csr_write_i(hold_q[2]),
    .csr_addr_i(hold_q[3 +: 12]),
    .csr_wdata_i(hold_q[15 +: 32]),
    .csr_rdata_o(out[0 +: 32]),
    .irq_o(out[32]),
    .mem_req_valid_o(out[33]),
    .mem_req_ready_i(hold_q[47]),
    .mem_req_write_o(out[34]),
    .mem_req_addr_o(out[35 +: 32]),
    .mem_req_beats_o(out[67 +: 7]),
    .mem_w_ready_i(hold_q[48]),
    .mem_w_data_o(out[74 +: BeatBytes*8]),
    .mem_w_strb_o(out[74 + BeatBytes*8 +: BeatBytes]),
    .mem_r_valid_i(hold_q[49]),
    .mem_r_data_i(hold_q[50 +: BeatBytes*8]),
    .retire_o(out[74 + BeatBytes*9 +: 4]),
    .issue_o(out[78 + BeatBytes*9 +: 4])
  );
endmodule
