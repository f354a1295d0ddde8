// SPDX-License-Identifier: Apache-2.0
// Black boxes of the iCE40 cells that this folder names: slang does not take
// parameters of modules that yosys loaded before it.
(* blackbox *)
module SB_PLL40_PAD #(
  parameter FEEDBACK_PATH = "SIMPLE", parameter DIVR = 4'b0000, parameter DIVF = 7'b0000000,
  parameter DIVQ = 3'b000, parameter FILTER_RANGE = 3'b000
) (
  input  logic PACKAGEPIN, RESETB, BYPASS,
  output logic PLLOUTGLOBAL, LOCK
);
endmodule

(* blackbox *)
module SB_IO #(
  parameter [5:0] PIN_TYPE = 6'b000000, parameter [0:0] PULLUP = 1'b0
) (
  inout  wire  PACKAGE_PIN,
  input  logic CLOCK_ENABLE, INPUT_CLK, OUTPUT_CLK, OUTPUT_ENABLE, D_OUT_0, D_OUT_1,
  output logic D_IN_0, D_IN_1
);
endmodule

(* blackbox *)
module SB_SPRAM256KA (
  input  logic [13:0] ADDRESS,
  input  logic [15:0] DATAIN,
  input  logic [3:0]  MASKWREN,
  input  logic        WREN, CHIPSELECT, CLOCK, STANDBY, SLEEP, POWEROFF,
  output logic [15:0] DATAOUT
);
endmodule

(* blackbox *)
module SB_MAC16 #(
  parameter [0:0] A_REG = 0, parameter [0:0] B_REG = 0, parameter [0:0] A_SIGNED = 0,
  parameter [0:0] B_SIGNED = 0, parameter [0:0] TOP_8x8_MULT_REG = 0,
  parameter [0:0] BOT_8x8_MULT_REG = 0, parameter [0:0] PIPELINE_16x16_MULT_REG2 = 0,
  parameter [1:0] TOPOUTPUT_SELECT = 0, parameter [1:0] BOTOUTPUT_SELECT = 0,
  parameter [0:0] MODE_8x8 = 0
) (
  input  logic CLK, CE,
  input  logic [15:0] C, A, B, D,
  input  logic AHOLD, BHOLD, CHOLD, DHOLD, IRSTTOP, IRSTBOT, ORSTTOP, ORSTBOT, OLOADTOP, OLOADBOT,
  input  logic ADDSUBTOP, ADDSUBBOT, OHOLDTOP, OHOLDBOT, CI, ACCUMCI, SIGNEXTIN,
  output logic [31:0] O
);
endmodule
