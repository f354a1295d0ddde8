// SPDX-License-Identifier: Apache-2.0
// Two pairs of multipliers that share an operand, as two rows of the array have them.
module pair_dut (
  input  logic        clk_i,
  input  logic [15:0] a0_i,
  input  logic [15:0] a1_i,
  input  logic [15:0] b_i,
  output logic [31:0] p0_o,
  output logic [31:0] p1_o
);
  logic [7:0] a0 [2], a1 [2], b [2];
  logic [15:0] p0 [2], p1 [2];
  for (genvar n = 0; n < 2; n++) begin : g_n
    assign a0[n] = a0_i[8*n +: 8];
    assign a1[n] = a1_i[8*n +: 8];
    assign b[n] = b_i[8*n +: 8];
    assign p0_o[16*n +: 16] = p0[n];
    assign p1_o[16*n +: 16] = p1[n];
  end
  weft_mul_pair #(.Num(2)) u_pair (
    .clk_i, .en_in_i(1'b1), .en_out_i(1'b1), .a0_i(a0), .a1_i(a1), .b_i(b), .p0_o(p0), .p1_o(p1)
  );
endmodule
