// SPDX-License-Identifier: Apache-2.0
// Twin of weft_pll: the simulation's clock is the output clock; no phases,
// locked at once.
/* verilator lint_off UNUSEDPARAM */
module weft_pll #(
  parameter int InHz = 25000000,
  parameter int OutHz = 80000000,
  parameter int PhaseDeg = 180
) (
  input  logic clk_i,
  output logic clk_o,
  output logic clk_shift_o,
  output logic locked_o
);
  assign clk_o = clk_i;
  assign clk_shift_o = clk_i;
  assign locked_o = 1'b1;
endmodule
/* verilator lint_on UNUSEDPARAM */
