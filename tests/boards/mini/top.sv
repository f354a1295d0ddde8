// SPDX-License-Identifier: Apache-2.0
// Every cell of the family once, and a multiplier, around counters.
module top (
  input  logic       clk_25mhz,
  input  logic       button_n,
  output logic [1:0] led,
  output logic       pad_clk,
  inout  wire  [1:0] pad
);
  import weft_board_pkg::*;
  logic clk, clk_shift, locked, rst_n;
  weft_pll #(.InHz(ClockHz), .OutHz(TargetHz), .PhaseDeg(180)) u_pll (
    .clk_i(clk_25mhz), .clk_o(clk), .clk_shift_o(clk_shift), .locked_o(locked)
  );
  weft_reset u_reset (.clk_i(clk), .ready_i(locked && button_n), .rst_no(rst_n));
  weft_ddr_out u_clk (.clk_i(clk_shift), .rise_i(1'b1), .fall_i(1'b0), .pad_o(pad_clk));

  logic [25:0] count_q;
  logic [15:0] sum_q, p [1];
  logic [7:0] a [1], b [1];
  logic [1:0] in;
  assign a[0] = count_q[25:18];
  assign b[0] = count_q[24:17];
  weft_mul #(.Num(1), .AW(8), .BW(8)) u_mul (
    .clk_i(clk), .en_in_i(1'b1), .en_out_i(1'b1), .a_i(a), .b_i(b), .p_o(p)
  );
  weft_iobuf #(.Width(2)) u_pad (
    .pad_io(pad), .out_i(sum_q[1:0]), .oe_i({2{count_q[25]}}), .in_o(in)
  );
  always_ff @(posedge clk) begin
    count_q <= rst_n ? count_q + 26'(in) + 1'b1 : '0;
    sum_q <= rst_n ? sum_q + p[0] : '0;
  end
  assign led = {^sum_q, count_q[25]};
endmodule
