// SPDX-License-Identifier: Apache-2.0
// Reset of a board: low from configuration on, and for Cycles clocks after
// ready_i (PLL locked, button released) has come; asynchronous input.
module weft_reset #(
  parameter int Cycles = 1024
) (
  input  logic clk_i,
  input  logic ready_i,
  output logic rst_no
);
  localparam int CountW = $clog2(Cycles + 1);
  logic [2:0] ready_q = '0;
  logic [CountW-1:0] count_q = '0;
  logic rst_nq = 1'b0;
  always_ff @(posedge clk_i) begin
    ready_q <= {ready_q[1:0], ready_i};
    rst_nq <= count_q == CountW'(Cycles);
    if (!ready_q[2]) count_q <= '0;
    else if (count_q != CountW'(Cycles)) count_q <= count_q + 1'b1;
  end
  assign rst_no = rst_nq;
endmodule
