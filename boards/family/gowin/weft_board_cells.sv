// SPDX-License-Identifier: Apache-2.0
// Black boxes of the Gowin cells that this folder names: slang does not take
// parameters of modules that yosys loaded before it.
(* blackbox *)
module rPLL #(
  parameter FCLKIN = "100.0", parameter DEVICE = "GW2A-18",
  parameter DYN_IDIV_SEL = "false", parameter IDIV_SEL = 0,
  parameter DYN_FBDIV_SEL = "false", parameter FBDIV_SEL = 0,
  parameter DYN_ODIV_SEL = "false", parameter ODIV_SEL = 8,
  parameter PSDA_SEL = "0000", parameter DYN_DA_EN = "false", parameter DUTYDA_SEL = "1000",
  parameter CLKOUT_FT_DIR = 1'b1, parameter CLKOUTP_FT_DIR = 1'b1,
  parameter CLKOUT_DLY_STEP = 0, parameter CLKOUTP_DLY_STEP = 0,
  parameter CLKFB_SEL = "internal", parameter CLKOUT_BYPASS = "false",
  parameter CLKOUTP_BYPASS = "false", parameter CLKOUTD_BYPASS = "false",
  parameter DYN_SDIV_SEL = 2, parameter CLKOUTD_SRC = "CLKOUT", parameter CLKOUTD3_SRC = "CLKOUT"
) (
  input  logic CLKIN, CLKFB, RESET, RESET_P,
  input  logic [5:0] FBDSEL, IDSEL, ODSEL,
  input  logic [3:0] PSDA, FDLY, DUTYDA,
  output logic CLKOUT, LOCK, CLKOUTP, CLKOUTD, CLKOUTD3
);
endmodule

(* blackbox *)
module ODDR #(
  parameter TXCLK_POL = 1'b0
) (
  input  logic D0, D1, TX, CLK,
  output logic Q0, Q1
);
endmodule

(* blackbox *)
module IOBUF (
  input  logic I, OEN,
  output logic O,
  (* iopad_external_pin *) inout wire IO
);
endmodule

(* blackbox *)
module MULT9X9 #(
  parameter AREG = 1'b0, parameter BREG = 1'b0, parameter OUT_REG = 1'b0
) (
  input  logic [8:0] A, SIA, B, SIB,
  input  logic ASIGN, BSIGN, ASEL, BSEL, CE, CLK, RESET,
  output logic [17:0] DOUT
);
endmodule

(* blackbox *)
module MULT18X18 #(
  parameter AREG = 1'b0, parameter BREG = 1'b0, parameter OUT_REG = 1'b0
) (
  input  logic [17:0] A, SIA, B, SIB,
  input  logic ASIGN, BSIGN, ASEL, BSEL, CE, CLK, RESET,
  output logic [35:0] DOUT
);
endmodule

(* blackbox *)
module ALU #(
  parameter ALU_MODE = 0
) (
  input  logic I0, I1, I3, CIN,
  output logic SUM, COUT
);
endmodule
