// SPDX-License-Identifier: Apache-2.0
// Body of weft_mul_pair: two products of bytes in one DSP48E1 (the tools retarget
// it to DSP48E2), with input and output registers and no logic around it.
// The pre-adder makes a1 * 2^16 + a0 (25 bits); C adds 2^15, so that the lower
// product, at least -128 * 127, stays natural and takes nothing from the upper one:
//   P = 2^16 * (a1 * b) + (a0 * b + 2^15)
module weft_mul_pair_dsp #(
  parameter int Num = 1
) (
  input  logic        clk_i,
  input  logic [7:0]  a0_i [Num],
  input  logic [7:0]  a1_i [Num],
  input  logic [7:0]  b_i [Num],
  output logic [15:0] p0_o [Num],
  output logic [15:0] p1_o [Num]
);
  for (genvar n = 0; n < Num; n++) begin : g_mul
    logic [47:0] p;
    assign p0_o[n] = {!p[15], p[14:0]};
    assign p1_o[n] = p[31:16];
    DSP48E1 #(
      .ACASCREG(1), .ADREG(0), .ALUMODEREG(0), .AREG(1), .AUTORESET_PATDET("NO_RESET"),
      .A_INPUT("DIRECT"), .BCASCREG(1), .BREG(1), .B_INPUT("DIRECT"), .CARRYINREG(0),
      .CARRYINSELREG(0), .CREG(0), .DREG(1), .INMODEREG(0), .MREG(0), .OPMODEREG(0), .PREG(1),
      .USE_DPORT("TRUE"), .USE_MULT("MULTIPLY"), .USE_SIMD("ONE48")
    ) u_dsp (
      .CLK(clk_i), .A({30'($signed(a1_i[n])) << 16}), .B(18'($signed(b_i[n]))), .C(48'h8000),
      .D(25'($signed(a0_i[n]))), .P(p),
      .OPMODE(7'b0110101), .ALUMODE(4'd0), .INMODE(5'b00100), .CARRYIN(1'b0), .CARRYINSEL(3'd0),
      .ACIN(30'd0), .BCIN(18'd0), .PCIN(48'd0), .CARRYCASCIN(1'b0), .MULTSIGNIN(1'b0),
      .CEA1(1'b0), .CEA2(1'b1), .CEAD(1'b0), .CEALUMODE(1'b0), .CEB1(1'b0), .CEB2(1'b1), .CEC(1'b0),
      .CECARRYIN(1'b0), .CECTRL(1'b0), .CED(1'b1), .CEINMODE(1'b0), .CEM(1'b0), .CEP(1'b1),
      .RSTA(1'b0), .RSTALLCARRYIN(1'b0), .RSTALUMODE(1'b0), .RSTB(1'b0), .RSTC(1'b0), .RSTCTRL(1'b0),
      .RSTD(1'b0), .RSTINMODE(1'b0), .RSTM(1'b0), .RSTP(1'b0)
    );
  end
endmodule
