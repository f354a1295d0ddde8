// SPDX-License-Identifier: Apache-2.0
// Black boxes of the ECP5 cells that this folder names: slang does not take
// parameters of modules that yosys loaded before it.
(* blackbox *)
module EHXPLLL #(
  parameter CLKI_DIV = 1, parameter CLKFB_DIV = 1,
  parameter CLKOP_DIV = 8, parameter CLKOS_DIV = 8,
  parameter CLKOP_ENABLE = "ENABLED", parameter CLKOS_ENABLE = "DISABLED",
  parameter CLKOP_CPHASE = 0, parameter CLKOS_CPHASE = 0,
  parameter CLKOP_FPHASE = 0, parameter CLKOS_FPHASE = 0,
  parameter FEEDBK_PATH = "CLKOP", parameter OUTDIVIDER_MUXA = "DIVA",
  parameter OUTDIVIDER_MUXB = "DIVB", parameter OUTDIVIDER_MUXC = "DIVC",
  parameter OUTDIVIDER_MUXD = "DIVD", parameter PLLRST_ENA = "DISABLED",
  parameter INTFB_WAKE = "DISABLED", parameter STDBY_ENABLE = "DISABLED",
  parameter DPHASE_SOURCE = "DISABLED"
) (
  input  logic CLKI, CLKFB, RST, STDBY, PHASESEL0, PHASESEL1, PHASEDIR, PHASESTEP,
  input  logic PHASELOADREG, PLLWAKESYNC, ENCLKOP, ENCLKOS,
  output logic CLKOP, CLKOS, LOCK
);
endmodule

(* blackbox *)
module ODDRX1F (
  input  logic SCLK, RST, D0, D1,
  output logic Q
);
endmodule

(* blackbox *)
module BB (
  input  logic I, T,
  output logic O,
  (* iopad_external_pin *) inout wire B
);
endmodule
