// SPDX-License-Identifier: Apache-2.0
// Scratchpad of the small machine: one access a cycle, word address row * Rows + bank.
// The banks have the names of weft_spm, by which simulators look at tensors.
module weft_micro_spm #(
  parameter int Rows = 2,
  parameter int SpmRows = 512,
  localparam int RowW = $clog2(Rows),
  localparam int AddrW = $clog2(SpmRows) + RowW
) (
  input  logic             clk_i,
  input  logic             read_i,         // the word is seen in the next cycle
  input  logic             write_i,
  input  logic [AddrW-1:0] addr_i,
  input  logic [31:0]      data_i,
  output logic [31:0]      data_o
);
  logic [31:0] data [Rows];
  logic [RowW-1:0] bank_q;
  always_ff @(posedge clk_i) if (read_i) bank_q <= addr_i[RowW-1:0];
  assign data_o = data[bank_q];
  for (genvar b = 0; b < Rows; b++) begin : g_bank
    logic here;
    assign here = addr_i[RowW-1:0] == RowW'(b);
    for (genvar s = 0; s < 1; s++) begin : g_slice
      weft_ram #(.Width(32), .Depth(SpmRows)) u_ram (
        .clk_i, .wr_en_i(write_i && here), .wr_addr_i(addr_i[AddrW-1:RowW]), .wr_data_i(data_i),
        .rd_en_i(read_i && here), .rd_addr_i(addr_i[AddrW-1:RowW]), .rd_data_o(data[b])
      );
    end
  end
endmodule
