// SPDX-License-Identifier: Apache-2.0
// OutHz from InHz by one MMCME2_BASE, and the same clock PhaseDeg later. The
// VCO runs at the multiple of OutHz that is nearest below 1200 MHz.
module weft_pll #(
  parameter int InHz = 100000000,
  parameter int OutHz = 100000000,
  parameter int PhaseDeg = 180
) (
  input  logic clk_i,
  output logic clk_o,
  output logic clk_shift_o,
  output logic locked_o
);
  localparam int OutDiv = 1200000000 / OutHz;
  localparam int Mult = OutDiv * (OutHz / 1000000) / (InHz / 1000000);
  if (longint'(Mult) * InHz != longint'(OutDiv) * OutHz)
    $error("no MMCM dividers give exactly this clock");

  logic feedback, clk, clk_shift;
  MMCME2_BASE #(
    .CLKIN1_PERIOD(1.0e9 / InHz), .DIVCLK_DIVIDE(1), .CLKFBOUT_MULT_F(Mult),
    .CLKOUT0_DIVIDE_F(OutDiv), .CLKOUT1_DIVIDE(OutDiv), .CLKOUT1_PHASE(PhaseDeg)
  ) u_mmcm (
    .CLKIN1(clk_i), .CLKFBIN(feedback), .CLKFBOUT(feedback), .CLKOUT0(clk), .CLKOUT1(clk_shift),
    .LOCKED(locked_o), .PWRDWN(1'b0), .RST(1'b0)
  );
  BUFG u_clk (.I(clk), .O(clk_o));
  BUFG u_clk_shift (.I(clk_shift), .O(clk_shift_o));
endmodule
