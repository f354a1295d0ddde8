// SPDX-License-Identifier: Apache-2.0
// Twin of weft_spram: 128 KiB, one port, 32 bits with byte strobes. rdata_o
// holds the word of the last read.
module weft_spram (
  input  logic        clk_i,
  input  logic        en_i,
  input  logic        write_i,
  input  logic [14:0] addr_i,
  input  logic [31:0] wdata_i,
  input  logic [3:0]  strb_i,
  output logic [31:0] rdata_o
);
  logic [31:0] mem [32768] /* verilator public_flat_rw */;
  always_ff @(posedge clk_i) begin
    if (en_i && write_i) begin
      for (int b = 0; b < 4; b++) if (strb_i[b]) mem[addr_i][8*b +: 8] <= wdata_i[8*b +: 8];
    end
    if (en_i && !write_i) rdata_o <= mem[addr_i];
  end
endmodule
