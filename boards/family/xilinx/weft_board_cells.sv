// SPDX-License-Identifier: Apache-2.0
// Black boxes for slang; vendor tools know these cells and do not read this file.
`ifndef WEFT_VENDOR
(* blackbox *)
module DSP48E1 #(
  parameter int ACASCREG = 1, parameter int ADREG = 1, parameter int ALUMODEREG = 1,
  parameter int AREG = 1, parameter AUTORESET_PATDET = "NO_RESET", parameter A_INPUT = "DIRECT",
  parameter int BCASCREG = 1, parameter int BREG = 1, parameter B_INPUT = "DIRECT",
  parameter int CARRYINREG = 1, parameter int CARRYINSELREG = 1, parameter int CREG = 1,
  parameter int DREG = 1, parameter int INMODEREG = 1, parameter int MREG = 1,
  parameter int OPMODEREG = 1, parameter int PREG = 1, parameter USE_DPORT = "FALSE",
  parameter USE_MULT = "MULTIPLY", parameter USE_SIMD = "ONE48"
) (
  input  logic CLK,
  input  logic [29:0] A, ACIN,
  input  logic [17:0] B, BCIN,
  input  logic [47:0] C, PCIN,
  input  logic [24:0] D,
  input  logic [6:0] OPMODE,
  input  logic [4:0] INMODE,
  input  logic [3:0] ALUMODE,
  input  logic [2:0] CARRYINSEL,
  input  logic CARRYIN, CARRYCASCIN, MULTSIGNIN, CEA1, CEA2, CEAD, CEALUMODE, CEB1, CEB2, CEC,
  input  logic CECARRYIN, CECTRL, CED, CEINMODE, CEM, CEP, RSTA, RSTALLCARRYIN, RSTALUMODE, RSTB,
  input  logic RSTC, RSTCTRL, RSTD, RSTINMODE, RSTM, RSTP,
  output logic [47:0] P
);
endmodule
`endif
