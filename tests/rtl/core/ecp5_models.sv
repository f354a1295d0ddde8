// SPDX-License-Identifier: Apache-2.0
// What the ECP5 cells of rtl/common do, for the core bench with FAMILY=ecp5:
// the carry cell by its equations, the multiplier in the one mode that is used.
/* verilator lint_off DECLFILENAME */
module CCU2C #(
  parameter bit [15:0] INIT0 = 16'h0000,
  parameter bit [15:0] INIT1 = 16'h0000,
  parameter INJECT1_0 = "YES",
  parameter INJECT1_1 = "YES"
) (
  input  logic CIN, A0, B0, C0, D0, A1, B1, C1, D1,
  output logic S0, S1, COUT
);
  if (INJECT1_0 != "NO" || INJECT1_1 != "NO") $error("model: INJECT is not modelled");
  logic p0, p1, g0, g1, mid;
  assign p0 = INIT0[{D0, C0, B0, A0}];
  assign g0 = INIT0[{2'b00, B0, A0}];
  assign p1 = INIT1[{D1, C1, B1, A1}];
  assign g1 = INIT1[{2'b00, B1, A1}];
  assign S0 = p0 ^ CIN;
  assign mid = p0 ? CIN : g0;
  assign S1 = p1 ^ mid;
  assign COUT = p1 ? mid : g1;
endmodule

module MULT18X18D #(
  parameter REG_INPUTA_CLK = "NONE", parameter REG_INPUTA_CE = "CE0", parameter REG_INPUTA_RST = "RST0",
  parameter REG_INPUTB_CLK = "NONE", parameter REG_INPUTB_CE = "CE0", parameter REG_INPUTB_RST = "RST0",
  parameter REG_INPUTC_CLK = "NONE", parameter REG_PIPELINE_CLK = "NONE",
  parameter REG_OUTPUT_CLK = "NONE", parameter REG_OUTPUT_CE = "CE0", parameter REG_OUTPUT_RST = "RST0",
  parameter CLK0_DIV = "ENABLED", parameter GSR = "ENABLED", parameter RESETMODE = "SYNC",
  parameter SOURCEB_MODE = "B_SHIFT", parameter MULT_BYPASS = "DISABLED"
) (
  input  logic A0, A1, A2, A3, A4, A5, A6, A7, A8, A9, A10, A11, A12, A13, A14, A15, A16, A17,
  input  logic B0, B1, B2, B3, B4, B5, B6, B7, B8, B9, B10, B11, B12, B13, B14, B15, B16, B17,
  input  logic SIGNEDA, SIGNEDB, SOURCEA, SOURCEB, CLK0, CE0, RST0,
  output logic P0, P1, P2, P3, P4, P5, P6, P7, P8, P9, P10, P11, P12, P13, P14, P15, P16, P17,
  output logic P18, P19, P20, P21, P22, P23, P24, P25, P26, P27, P28, P29, P30, P31, P32, P33,
  output logic P34, P35
);
  if (REG_INPUTA_CLK != "CLK0" || REG_INPUTB_CLK != "CLK0" || REG_OUTPUT_CLK != "CLK0"
      || REG_PIPELINE_CLK != "NONE" || REG_INPUTC_CLK != "NONE") $error("model: registers");
  logic signed [17:0] a_q, b_q;
  logic signed [35:0] p_q;
  always_ff @(posedge CLK0) begin
    a_q <= {A17, A16, A15, A14, A13, A12, A11, A10, A9, A8, A7, A6, A5, A4, A3, A2, A1, A0};
    b_q <= {B17, B16, B15, B14, B13, B12, B11, B10, B9, B8, B7, B6, B5, B4, B3, B2, B1, B0};
    p_q <= 36'(a_q) * 36'(b_q);
  end
  assign {P35, P34, P33, P32, P31, P30, P29, P28, P27, P26, P25, P24, P23, P22, P21, P20, P19, P18,
          P17, P16, P15, P14, P13, P12, P11, P10, P9, P8, P7, P6, P5, P4, P3, P2, P1, P0} = p_q;
endmodule
