// SPDX-License-Identifier: Apache-2.0
// One write port, one read port, synchronous read: block RAM on every family.
// A read in the cycle of a write to the same address gives either value: no
// user may depend on it. Clock-to-data of a block RAM is slow (5.6 ns on
// ECP5), so every user puts a plain register behind rd_data_o.
module weft_ram #(
  parameter int Width = 32,
  parameter int Depth = 512,
  localparam int AddrW = $clog2(Depth)
) (
  input  logic             clk_i,
  input  logic             wr_en_i,
  input  logic [AddrW-1:0] wr_addr_i,
  input  logic [Width-1:0] wr_data_i,
  input  logic             rd_en_i,
  input  logic [AddrW-1:0] rd_addr_i,
  output logic [Width-1:0] rd_data_o
);
  (* ram_style = "block", no_rw_check *)
  logic [Width-1:0] mem [Depth] /* verilator public_flat_rw */;
  always_ff @(posedge clk_i) begin
    if (wr_en_i) mem[wr_addr_i] <= wr_data_i;
  end
  always_ff @(posedge clk_i) begin
    if (rd_en_i) rd_data_o <= mem[rd_addr_i];
  end
endmodule
