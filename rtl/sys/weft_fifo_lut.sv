// SPDX-License-Identifier: Apache-2.0
// Small FIFO in distributed memory: what was pushed is at data_o one cycle
// later. push_i when count_o = Depth, or pop_i when !valid_o, is a bug of the user.
module weft_fifo_lut #(
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
  output logic [$clog2(Depth):0] count_o
);
  localparam int AddrBits = $clog2(Depth);

  (* ram_style = "distributed" *)
  logic [Width-1:0]    mem [Depth];
  logic [AddrBits-1:0] wr_q, rd_q;
  logic [AddrBits:0]   count_q;
  logic                valid_q;

  assign count_o = count_q;
  assign valid_o = valid_q;
  assign data_o  = mem[rd_q];

  always_ff @(posedge clk_i) begin
    if (push_i) mem[wr_q] <= data_i;
    if (!rst_ni || clear_i) begin
      wr_q    <= '0;
      rd_q    <= '0;
      count_q <= '0;
      valid_q <= 1'b0;
    end else begin
      if (push_i) wr_q <= wr_q + AddrBits'(1);
      if (pop_i) rd_q <= rd_q + AddrBits'(1);
      if (push_i != pop_i) count_q <= count_q + {{AddrBits{pop_i}}, 1'b1};
      valid_q <= push_i || (count_q != '0 && !(pop_i && count_q == (AddrBits + 1)'(1)));
    end
  end
endmodule
