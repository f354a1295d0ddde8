// SPDX-License-Identifier: Apache-2.0
// Weight ring: words of Cols weights in the order of the WT stream. The words
// of an n-group stay for all its pixel tiles; the last tile (STREAM: every
// tile) frees each word as it reads it. The writer holds credits, so there is
// no full flag. Cycle 3: read address; 4: block RAM; 5: register; 6: weights.
module weft_ring #(
  parameter int Cols = 8,
  parameter int Words = 8192,
  localparam int AddrW = $clog2(Words)
) (
  input  logic              clk_i,
  input  logic              rst_ni,
  input  logic              push_i,
  input  logic [Cols*8-1:0] word_i,
  input  logic              take_i,        // issue of a step that reads a new word
  output logic              have_o,        // a new word is there
  input  logic              c3_valid_i,
  input  logic              c3_first_i,
  input  logic              c3_pfirst_i,
  input  logic              c3_plast_i,
  input  logic              unit_i,        // weights are 1 and the ring rests
  input  logic              stream_i,
  output logic              freed_o,
  output logic [7:0]        weight_o [Cols]    // cycle 7
);
  logic [AddrW-1:0] wr_q, rd_q, start_q, addr_q;
  logic [AddrW:0] count_q;                    // without what the last cycle pushed and took
  logic pushed_q, taken_q, many, one;
  logic have_q, re4_q, re5_q, re6_q, unit_q, free4_q;

  logic read3, rewind3;
  logic [AddrW-1:0] addr3;
  assign read3 = c3_valid_i && !unit_i;
  assign rewind3 = c3_first_i && !c3_pfirst_i && !stream_i;
  assign addr3 = rewind3 ? start_q : rd_q;

  // More than one new word, or one.
  always_comb begin
    case ({pushed_q, taken_q})
      2'b10: {many, one} = {count_q > (AddrW+1)'(0), count_q == (AddrW+1)'(0)};
      2'b01: {many, one} = {count_q > (AddrW+1)'(2), count_q == (AddrW+1)'(2)};
      default: {many, one} = {count_q > (AddrW+1)'(1), count_q == (AddrW+1)'(1)};
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      wr_q <= '0;
      rd_q <= '0;
      pushed_q <= 1'b0;
      taken_q <= 1'b0;
      count_q <= '0;
      have_q <= 1'b0;
      re4_q <= 1'b0;
      re5_q <= 1'b0;
      re6_q <= 1'b0;
      unit_q <= 1'b0;
      free4_q <= 1'b0;
    end else begin
      if (push_i) wr_q <= wr_q + 1'b1;
      pushed_q <= push_i;
      taken_q <= take_i;
      count_q <= count_q + {{AddrW{1'b0}}, pushed_q} - {{AddrW{1'b0}}, taken_q};
      have_q <= push_i || many || (one && !take_i);
      re4_q <= read3;
      re5_q <= re4_q;
      re6_q <= re5_q;
      unit_q <= c3_valid_i && unit_i;
      free4_q <= read3 && (c3_plast_i || stream_i);
      if (read3) rd_q <= addr3 + 1'b1;
    end
  end
  always_ff @(posedge clk_i) begin
    if (read3) begin
      addr_q <= addr3;
      if (c3_first_i && c3_pfirst_i) start_q <= rd_q;
    end
  end

  // 64-bit slices: words that a simulator keeps in one machine word.
  localparam int SliceW = (Cols * 8 > 64) ? 64 : Cols * 8;
  localparam int Slices = Cols * 8 / SliceW;
  logic [SliceW-1:0] data [Slices];
  logic [SliceW-1:0] data_q [Slices];
  for (genvar s = 0; s < Slices; s++) begin : g_slice
    weft_ram #(.Width(SliceW), .Depth(Words)) u_ram (
      .clk_i, .wr_en_i(push_i), .wr_addr_i(wr_q), .wr_data_i(word_i[s*SliceW +: SliceW]),
      .rd_en_i(re4_q), .rd_addr_i(addr_q), .rd_data_o(data[s])
    );
  end
  logic [7:0] weight_q [Cols];
  always_ff @(posedge clk_i) begin
    if (re5_q) data_q <= data;
    if (unit_q) begin  // early: the array is empty when an EXC starts
      for (int c = 0; c < Cols; c++) weight_q[c] <= 8'd1;
    end else if (re6_q) begin
      for (int c = 0; c < Cols; c++)
        weight_q[c] <= data_q[(c*8) / SliceW][(c*8) % SliceW +: 8];
    end
  end
  assign weight_o = weight_q;
  assign have_o = have_q;
  assign freed_o = free4_q;
endmodule
