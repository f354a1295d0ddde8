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
