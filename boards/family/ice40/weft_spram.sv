// SPDX-License-Identifier: Apache-2.0
// 128 KiB, one port, 32 bits with byte strobes: the four SB_SPRAM256KA of a
// UP5K. rdata_o holds the word of the last read; contents start undefined.
module weft_spram (
  input  logic        clk_i,
  input  logic        en_i,
  input  logic        write_i,
  input  logic [14:0] addr_i,
  input  logic [31:0] wdata_i,
  input  logic [3:0]  strb_i,
  output logic [31:0] rdata_o
);
  logic [31:0] rdata [2];
  logic half_q;
  always_ff @(posedge clk_i) if (en_i && !write_i) half_q <= addr_i[14];
  assign rdata_o = rdata[half_q];
  for (genvar h = 0; h < 2; h++) begin : g_half
    for (genvar w = 0; w < 2; w++) begin : g_word
      SB_SPRAM256KA u_ram (
        .CLOCK(clk_i), .CHIPSELECT(en_i && addr_i[14] == 1'(h)), .WREN(write_i),
        .ADDRESS(addr_i[13:0]), .DATAIN(wdata_i[16*w +: 16]),
        .MASKWREN({{2{strb_i[2*w+1]}}, {2{strb_i[2*w]}}}), .DATAOUT(rdata[h][16*w +: 16]),
        .STANDBY(1'b0), .SLEEP(1'b0), .POWEROFF(1'b1)
      );
    end
  end
endmodule
