// SPDX-License-Identifier: Apache-2.0
// Address walker of a drained tensor: bank and row of raster pixel after
// pixel. A pitch is {rows, banks}; a carry out of the banks adds G rows. With
// Px (Py) the pixel (line) advances after odd x (y) only and the plane offset
// is added. Surplus raster columns (x >= valid) are walked and not visible.
// step_i moves on; with group_end_i to the start of the next n-group, whose
// base is one word further. bank_o/row_o/visible_o: one cycle after step_i,
// the pixel that step_i left behind.
module weft_outwalk #(
  parameter int Rows = 8,
  parameter int RowAddrW = 10,
  localparam int RowW = $clog2(Rows)
) (
  input  logic                clk_i,
  input  logic                init_i,        // registers of configuration settle
  input  logic                start_i,       // to pixel 0 of n-group 0
  input  logic [RowAddrW-1:0] base_row_i,
  input  logic [RowW-1:0]     base_mod_i,
  input  logic [RowAddrW-1:0] pitch_row_i,
  input  logic [RowW-1:0]     pitch_mod_i,
  input  logic [RowAddrW-1:0] g_i,
  input  logic [12:0]         width_i,
  input  logic [12:0]         valid_i,
  input  logic                px_i,
  input  logic                py_i,
  input  logic [RowAddrW-1:0] plane_x_i,
  input  logic [RowAddrW-1:0] plane_y_i,
  input  logic                step_i,
  input  logic                group_end_i,
  output logic [RowW-1:0]     bank_o,
  output logic [RowAddrW-1:0] row_o,
  output logic                visible_o
);
  logic [RowAddrW-1:0] pitch_g_q, plane_xy_q, group_row_q, line_row_q, row_q;
  logic [RowW-1:0] line_mod_q, mod_q;
  logic [12:0] left_q, vleft_q;
  logic xodd_q, yodd_q, visible_q;

  logic [RowAddrW-1:0] next_group, next_line_row, offset;
  logic [RowW:0] line_sum;
  logic new_group, line_end;
  assign next_group = start_i ? base_row_i : group_row_q + 1'b1;
  assign line_sum = {1'b0, line_mod_q} + {1'b0, pitch_mod_i};
  assign next_line_row = line_row_q + (line_sum[RowW] ? pitch_g_q : pitch_row_i);
  assign new_group = start_i || (step_i && group_end_i);
  assign line_end = left_q == '0;
  always_comb begin
    case ({yodd_q && py_i, xodd_q && px_i})
      2'b00: offset = '0;
      2'b01: offset = plane_x_i;
      2'b10: offset = plane_y_i;
      default: offset = plane_xy_q;
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (init_i) begin
      pitch_g_q <= pitch_row_i + g_i;
      plane_xy_q <= plane_x_i + plane_y_i;
    end
    if (new_group) begin
      group_row_q <= next_group;
      line_row_q <= next_group;
      row_q <= next_group;
      line_mod_q <= base_mod_i;
      mod_q <= base_mod_i;
      xodd_q <= 1'b0;
      yodd_q <= 1'b0;
      left_q <= width_i - 13'd1;
      vleft_q <= valid_i - 13'd1;
      visible_q <= 1'b1;
    end else if (step_i && line_end) begin
      if (!py_i || yodd_q) begin
        line_row_q <= next_line_row;
        line_mod_q <= line_sum[RowW-1:0];
        row_q <= next_line_row;
        mod_q <= line_sum[RowW-1:0];
      end else begin
        row_q <= line_row_q;
        mod_q <= line_mod_q;
      end
      xodd_q <= 1'b0;
      yodd_q <= !yodd_q;
      left_q <= width_i - 13'd1;
      vleft_q <= valid_i - 13'd1;
      visible_q <= 1'b1;
    end else if (step_i) begin
      if (!px_i || xodd_q) begin
        mod_q <= mod_q + 1'b1;
        if (&mod_q) row_q <= row_q + g_i;
      end
      xodd_q <= !xodd_q;
      left_q <= left_q - 1'b1;
      vleft_q <= vleft_q - 1'b1;
      if (vleft_q == '0) visible_q <= 1'b0;
    end
    if (step_i) begin
      bank_o <= mod_q;
      row_o <= row_q + offset;
      visible_o <= visible_q;
    end
  end
endmodule
