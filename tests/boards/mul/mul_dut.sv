// SPDX-License-Identifier: Apache-2.0
// The multipliers as the accelerator has them: three bytes (an odd number, so
// that a dual cell is half used) and the four of a requant lane.
module mul_dut (
  input  logic        clk_i,
  input  logic [23:0] a8_i,
  input  logic [23:0] b8_i,
  output logic [47:0] p8_o,
  input  logic [31:0] x_i,
  input  logic [30:0] m_i,
  output logic [135:0] p17_o
);
  logic [7:0] a8 [3], b8 [3];
  logic [15:0] p8 [3];
  logic [16:0] a17 [4], b17 [4];
  logic [33:0] p17 [4];
  for (genvar n = 0; n < 3; n++) begin : g_8
    assign a8[n] = a8_i[8*n +: 8];
    assign b8[n] = b8_i[8*n +: 8];
    assign p8_o[16*n +: 16] = p8[n];
  end
  for (genvar n = 0; n < 4; n++) begin : g_17
    assign a17[n] = n < 2 ? 17'($signed(x_i[31:16])) : {1'b0, x_i[15:0]};
    assign b17[n] = n % 2 == 0 ? {2'b0, m_i[30:16]} : {1'b0, m_i[15:0]};
    assign p17_o[34*n +: 34] = p17[n];
  end
  weft_mul #(.Num(3), .AW(8), .BW(8)) u_8 (
    .clk_i, .en_in_i(1'b1), .en_out_i(1'b1), .a_i(a8), .b_i(b8), .p_o(p8)
  );
  weft_mul #(.Num(4), .AW(17), .BW(17), .ANat(4'b1100), .BNat(4'b1111)) u_17 (
    .clk_i, .en_in_i(1'b1), .en_out_i(1'b1), .a_i(a17), .b_i(b17), .p_o(p17)
  );
endmodule
