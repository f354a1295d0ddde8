// SPDX-License-Identifier: Apache-2.0
// Body of weft_mul: one DSP48E1 each (the tools retarget it to DSP48E2), with
// input and output registers.
module weft_mul_dsp #(
  parameter int Num = 1,
  parameter int AW = 8,
  parameter int BW = 8,
  /* verilator lint_off UNUSEDPARAM */
  parameter bit [Num-1:0] ANat = '0,
  parameter bit [Num-1:0] BNat = '0
  /* verilator lint_on UNUSEDPARAM */
) (
  input  logic             clk_i,
  input  logic [AW-1:0]    a_i [Num],
  input  logic [BW-1:0]    b_i [Num],
  output logic [AW+BW-1:0] p_o [Num]
);
  if (AW > 25 || BW > 18) $error("operands of at most 25 and 18 bits");
  for (genvar n = 0; n < Num; n++) begin : g_mul
    logic [47:0] p;
    assign p_o[n] = p[AW+BW-1:0];
    DSP48E1 #(
      .ACASCREG(1), .ADREG(0), .ALUMODEREG(0), .AREG(1), .AUTORESET_PATDET("NO_RESET"),
      .A_INPUT("DIRECT"), .BCASCREG(1), .BREG(1), .B_INPUT("DIRECT"), .CARRYINREG(0),
      .CARRYINSELREG(0), .CREG(0), .DREG(0), .INMODEREG(0), .MREG(0), .OPMODEREG(0), .PREG(1),
      .USE_DPORT("FALSE"), .USE_MULT("MULTIPLY"), .USE_SIMD("ONE48")
    ) u_dsp (
      .CLK(clk_i), .A(30'($signed(a_i[n]))), .B(18'($signed(b_i[n]))), .C(48'd0), .D(25'd0), .P(p),
      .OPMODE(7'b0000101), .ALUMODE(4'd0), .INMODE(5'd0), .CARRYIN(1'b0), .CARRYINSEL(3'd0),
      .ACIN(30'd0), .BCIN(18'd0), .PCIN(48'd0), .CARRYCASCIN(1'b0), .MULTSIGNIN(1'b0),
      .CEA1(1'b0), .CEA2(1'b1), .CEAD(1'b0), .CEALUMODE(1'b0), .CEB1(1'b0), .CEB2(1'b1), .CEC(1'b0),
      .CECARRYIN(1'b0), .CECTRL(1'b0), .CED(1'b0), .CEINMODE(1'b0), .CEM(1'b0), .CEP(1'b1),
      .RSTA(1'b0), .RSTALLCARRYIN(1'b0), .RSTALUMODE(1'b0), .RSTB(1'b0), .RSTC(1'b0), .RSTCTRL(1'b0),
      .RSTD(1'b0), .RSTINMODE(1'b0), .RSTM(1'b0), .RSTP(1'b0)
    );
  end
endmodule
