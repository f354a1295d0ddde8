// SPDX-License-Identifier: Apache-2.0
// Small FIFO whose oldest entry stands in a register. What was pushed into an empty one is
// at data_o in the next cycle; what is pushed with the last pop, two cycles later, so that a
// pop does not decide where a push goes. count_o does not count the register.
// push_i when count_o = Depth, or pop_i when !valid_o, is a bug of the user.
module weft_fifo_head #(
  parameter int Width = 8,
  parameter int Depth = 16        // a power of two
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,
  input  logic                   clear_i,
  input  logic                   push_i,
  input  logic [Width-1:0]       data_i,
  input  logic                   pop_i,
  output logic                   valid_o,
  output logic [Width-1:0]       data_o,
  output logic                   waits_o,     // entries behind the register
  output logic [$clog2(Depth):0] count_o
);
  logic [Width-1:0] behind;
  logic             take;

  assign take = !valid_o || pop_i;
  weft_fifo_lut #(.Width(Width), .Depth(Depth)) u_behind (
    .clk_i, .rst_ni, .clear_i, .push_i(push_i && (valid_o || waits_o)), .data_i,
    .pop_i(take && waits_o), .valid_o(waits_o), .data_o(behind), .count_o
  );

  always_ff @(posedge clk_i) begin
    if (take) data_o <= waits_o ? behind : data_i;
    if (!rst_ni || clear_i) valid_o <= 1'b0;
    else valid_o <= !take || waits_o || (push_i && !valid_o);
  end
endmodule
