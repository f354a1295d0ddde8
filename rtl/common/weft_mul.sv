// SPDX-License-Identifier: Apache-2.0
// Num signed multipliers, each with input and output registers:
// p_o = a_i * b_i two clocks earlier. en_in_i loads the input registers,
// en_out_i the output registers; a user reads p_o only in the cycle after
// en_out_i, so that a family body may leave the enables out.
// Bit n of ANat or BNat: the top bit of operand n is always 0, which lets a
// family take a 17 bit operand for an unsigned one of 16.
// WEFT_ECP5: one MULT18X18D each (AW, BW <= 18). WEFT_FAMILY_MUL: weft_mul_dsp
// of boards/family. Otherwise plain SystemVerilog.
module weft_mul #(
  parameter int Num = 1,
  parameter int AW = 8,
  parameter int BW = 8,
  /* verilator lint_off UNUSEDPARAM */
  parameter bit [Num-1:0] ANat = '0,
  parameter bit [Num-1:0] BNat = '0
  /* verilator lint_on UNUSEDPARAM */
) (
  input  logic             clk_i,
  input  logic             en_in_i,
  input  logic             en_out_i,
  input  logic [AW-1:0]    a_i [Num],
  input  logic [BW-1:0]    b_i [Num],
  output logic [AW+BW-1:0] p_o [Num]
);
`ifdef WEFT_ECP5
  logic unused_en;
  assign unused_en = en_in_i ^ en_out_i;
  for (genvar n = 0; n < Num; n++) begin : g_mul
    weft_mul18 #(.AW(AW), .BW(BW)) u_mul (.clk_i, .a_i(a_i[n]), .b_i(b_i[n]), .p_o(p_o[n]));
  end
`elsif WEFT_FAMILY_MUL
  logic unused_en;
  assign unused_en = en_in_i ^ en_out_i;
  weft_mul_dsp #(.Num(Num), .AW(AW), .BW(BW), .ANat(ANat), .BNat(BNat)) u_dsp (
    .clk_i, .a_i, .b_i, .p_o
  );
`else
  localparam int PW = AW + BW;
  logic signed [AW-1:0] a_q [Num];
  logic signed [BW-1:0] b_q [Num];
  logic [PW-1:0] p_q [Num];
  always_ff @(posedge clk_i) begin
    if (en_out_i) begin
      for (int n = 0; n < Num; n++) p_q[n] <= PW'(a_q[n]) * PW'(b_q[n]);
    end
    if (en_in_i) begin
      for (int n = 0; n < Num; n++) begin
        a_q[n] <= a_i[n];
        b_q[n] <= b_i[n];
      end
    end
  end
  assign p_o = p_q;
`endif
endmodule
