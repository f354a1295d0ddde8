// SPDX-License-Identifier: Apache-2.0
// OutHz from InHz by one altera_pll, and the same clock PhaseDeg later.
module weft_pll #(
  parameter int InHz = 50000000,
  parameter int OutHz = 50000000,
  parameter int PhaseDeg = 180
) (
  input  logic clk_i,
  output logic clk_o,
  output logic clk_shift_o,
  output logic locked_o
);
  localparam int PeriodPs = int'(longint'(64'd1000000000000) / OutHz);
  altera_pll #(
    .fractional_vco_multiplier("false"), .operation_mode("direct"), .number_of_clocks(2),
    .reference_clock_frequency($sformatf("%0d.%06d MHz", InHz / 1000000, InHz % 1000000)),
    .output_clock_frequency0($sformatf("%0d.%06d MHz", OutHz / 1000000, OutHz % 1000000)),
    .output_clock_frequency1($sformatf("%0d.%06d MHz", OutHz / 1000000, OutHz % 1000000)),
    .phase_shift0("0 ps"), .phase_shift1($sformatf("%0d ps", PeriodPs * PhaseDeg / 360))
  ) u_pll (
    .refclk(clk_i), .rst(1'b0), .outclk({clk_shift_o, clk_o}), .locked(locked_o), .fbclk(1'b0),
    .fboutclk()
  );
endmodule
