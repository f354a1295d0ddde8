// SPDX-License-Identifier: Apache-2.0
// Raster walker of the feed: (x, y) of each row of a tile, one pixel a cycle,
// into a waiting set; copy_i moves the waiting set to the active one and starts
// the next tile. The sequencer knows when a set is full (weft_seq).
// x and y are 13 bits: bit 12 set means beyond every tap bound.
module weft_raster
  import weft_isa_pkg::*;
#(
  parameter int Rows = 8,
  localparam int RowW = $clog2(Rows)
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic [31:0] cfg_i [32],
  input  logic        start_i,          // EXC starts: fill tile 0
  input  logic        copy_i,           // one cycle after the first step's issue
  input  logic [RowW-1:0] last_row_i,   // of the tile being filled
  input  logic        group_last_i,     // the tile being filled is its n-group's last
  output logic [12:0] x_o [Rows],
  output logic [12:0] y_o [Rows]
);
  logic [11:0] x0, y0;
  logic [12:0] width;
  assign x0 = cfg_i[REG_EX_ORIGIN][R_EX_ORIGIN_X0_LSB +: R_EX_ORIGIN_X0_W];
  assign y0 = cfg_i[REG_EX_ORIGIN][R_EX_ORIGIN_Y0_LSB +: R_EX_ORIGIN_Y0_W];
  assign width = cfg_i[REG_EX_RASTER][R_EX_RASTER_WIDTH_LSB +: R_EX_RASTER_WIDTH_W];

  logic [12:0] wx_q [Rows];
  logic [12:0] wy_q [Rows];
  logic [12:0] tx_q [Rows];
  logic [12:0] ty_q [Rows];
  logic [12:0] x_q, y_q, left_q;        // next pixel; pixels left in its line
  logic fill_q, fill, last, line_end_q, next_line;
  logic [RowW-1:0] row_q;
  assign fill = fill_q || copy_i;
  assign last = row_q == last_row_i;
  assign next_line = start_i || (fill && (line_end_q || (last && group_last_i)));
  always_ff @(posedge clk_i) begin
    if (!rst_ni) fill_q <= 1'b0;
    else if (start_i) fill_q <= 1'b1;
    else if (fill) fill_q <= !last;
  end
  always_ff @(posedge clk_i) begin
    if (start_i) begin
      row_q <= '0;
    end else if (fill) begin
      row_q <= last ? '0 : row_q + 1'b1;
      wx_q[row_q] <= x_q;
      wy_q[row_q] <= y_q;
    end
    if (next_line) begin
      x_q <= {1'b0, x0};
      left_q <= width + '1;
      line_end_q <= width == 13'd1;
    end else if (fill) begin
      if (!x_q[12]) x_q <= x_q + 1'b1;
      left_q <= left_q + '1;
      line_end_q <= left_q == 13'd1;
    end
    if (start_i || (fill && last && group_last_i)) y_q <= {1'b0, y0};
    else if (fill && line_end_q && !y_q[12]) y_q <= y_q + 1'b1;
    if (copy_i) begin
      tx_q <= wx_q;
      ty_q <= wy_q;
    end
  end
  assign x_o = tx_q;
  assign y_o = ty_q;
endmodule
