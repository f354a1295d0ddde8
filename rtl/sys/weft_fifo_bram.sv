// SPDX-License-Identifier: Apache-2.0
// FIFO in block memory, first word at data_o: two cycles from push to valid_o,
// one word a cycle. It never reads the address that it writes, so no tool has to
// care what a collision gives. data_o is the memory's own output, late in the cycle:
// a register belongs behind it. push_i when full, or pop_i when !valid_o, is a bug.
module weft_fifo_bram #(
  parameter int Width = 32,
  parameter int Depth = 64        // a power of two
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

  (* ram_style = "block" *)
  logic [Width-1:0]    mem [Depth];
  logic [Width-1:0]    data_q;
  logic [AddrBits-1:0] wr_q, rd_q, rd_d;
  logic [AddrBits:0]   count_q;
  logic                valid_q;

  assign rd_d    = pop_i ? rd_q + AddrBits'(1) : rd_q;
  assign count_o = count_q;
  assign valid_o = valid_q;
  assign data_o  = data_q;

  always_ff @(posedge clk_i) begin
    if (push_i) mem[wr_q] <= data_i;
    data_q <= mem[rd_d];
    if (!rst_ni || clear_i) begin
      wr_q    <= '0;
      rd_q    <= '0;
      count_q <= '0;
      valid_q <= 1'b0;
    end else begin
      if (push_i) wr_q <= wr_q + AddrBits'(1);
      rd_q    <= rd_d;
      if (push_i != pop_i) count_q <= count_q + {{AddrBits{pop_i}}, 1'b1};
      valid_q <= count_q != '0 && !(pop_i && count_q == (AddrBits + 1)'(1));
    end
  end
endmodule
