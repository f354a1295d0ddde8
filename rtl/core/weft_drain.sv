// SPDX-License-Identifier: Apache-2.0
// Drain: from the shadow of the array to the scratchpad. A tile of R rows has
// R * Slices slots (Slices = Cols/Lanes), row by row; the first is d0 of array
// cycle 11. Slots come every cycle, or every 4 cycles in an EXC with ADD whose
// three further passes go through the same lanes in between (weft_lane):
//   D = R * Slices            without ADD
//   D = 4 * R * Slices        with ADD
// Lane cycle u of a slot: d0 is u = -1. Whole words are written: in u = 12 of
// a row's last slot, with ADD in u = 37. The residual word of a row is read in
// u = 9 of its first slot, or in u = 10 if a step reads in u = 9 (the sequencer
// never issues two reading steps in succession in an EXC with ADD).
module weft_drain
  import weft_isa_pkg::*;
#(
  parameter bit Moves = 1'b0,     // the shadow moves on with each slot (weft_array)
  parameter int Rows = 8,
  parameter int Cols = 8,
  parameter int Lanes = 8,
  parameter int AccBits = 28,
  parameter int BeatBytes = 4,
  parameter int RowAddrW = 10,
  localparam int RowW = $clog2(Rows),
  localparam int WordW = Cols * 8
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,
  input  logic [31:0]            cfg_i [32],
  input  logic [127:0]           exc_i,
  input  logic                   init_i,
  input  logic                   start_i,
  // Last step of a drained tile in array cycle 10.
  input  logic                   tile_i,
  input  logic                   tile_plast_i,  // last of its n-group
  input  logic                   tile_end_i,    // last of the EXC
  input  logic [AccBits-1:0]     shadow_i [Rows][Cols],
  output logic                   slot_o,        // a slot is read
  // Parameters.
  input  logic                   wt_valid_i,
  input  logic [BeatBytes*8-1:0] wt_i,
  input  logic [1:0]             wt_kind_i,
  input  logic [7:0]             wt_beat_i,
  input  logic                   wt_last_i,
  input  logic                   take_par_i,
  output logic                   par_have_o,
  output logic                   par_freed_o,
  // Residual read.
  output logic                   res_valid_o,
  input  logic                   res_ready_i,
  output logic [RowW-1:0]        res_bank_o,
  output logic [RowAddrW-1:0]    res_row_o,
  input  logic                   res_word_valid_i,
  input  logic [WordW-1:0]       res_word_i,
  // Scratchpad write, one-hot bank.
  output logic [Rows-1:0]        wr_bank_o,
  output logic [RowAddrW-1:0]    wr_row_o,
  output logic [WordW-1:0]       wr_data_o,
  output logic                   done_o         // the EXC's last word was written
);
  localparam int Slices = Cols / Lanes;
  localparam int SliceW = (Slices > 1) ? $clog2(Slices) : 1;
  localparam int LaneW = Lanes * 8;
  localparam int PassB = 14;
  localparam int PassA = 15;
  localparam int PassSum = 25;
  localparam int Seen = 12;               // y of an operation that starts in 0
  localparam int Chain = PassSum + Seen + 1;

  logic add, par;
  assign add = cfg_i[REG_EX_POST][R_EX_POST_ADD_LSB];
  assign par = cfg_i[REG_EX_POST][R_EX_POST_PARAMS_LSB +: R_EX_POST_PARAMS_W] != '0;

  // Slots.
  logic active_q, rz_q, plast_q, end_q, slot, slot_last, slice_last;
  logic [1:0] sub_q;
  logic [SliceW-1:0] slice_q;
  logic [RowW-1:0] row_q;
  logic [5:0] rleft_q, rows;
  assign rows = tile_plast_i ? exc_i[EXC_LAST_ROWS_LSB +: EXC_LAST_ROWS_W]
              : exc_i[EXC_ONE_ROW_LSB] ? 6'd1 : 6'(Rows);
  assign slot = active_q && sub_q == '0;
  assign slice_last = Slices == 1 || slice_q == SliceW'(Slices - 1);
  assign slot_last = slot && slice_last && rz_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      active_q <= 1'b0;
    end else begin
      if (tile_i) active_q <= 1'b1;
      else if (slot_last) active_q <= 1'b0;
    end
  end
  always_ff @(posedge clk_i) begin
    if (tile_i) begin
      sub_q <= '0;
      slice_q <= '0;
      row_q <= '0;
      rleft_q <= rows - 6'd1;
      rz_q <= rows == 6'd1;
      plast_q <= tile_plast_i;
      end_q <= tile_end_i;
    end else if (active_q) begin
      if (add) sub_q <= sub_q + 1'b1;
      if (!add || sub_q == 2'd3) begin
        slice_q <= slice_last ? '0 : slice_q + 1'b1;
        if (slice_last) begin
          row_q <= row_q + 1'b1;
          rleft_q <= rleft_q - 1'b1;
          rz_q <= rleft_q == 6'd1;
        end
      end
    end
  end

  // Slots on their way: bit n of a vector belongs to lane cycle n.
  logic [Chain-1:0] z_q, zlast_q, zgroup_q, zend_q;
  logic [8:0] zfirst_q;
  logic [SliceW-1:0] zslice_q [Chain];
  logic [SliceW-1:0] zslice [Chain];
  always_ff @(posedge clk_i) begin
    if (!rst_ni) z_q <= '0;
    else z_q <= {z_q[Chain-2:Seen+1], z_q[Seen] && add, z_q[Seen-1:0], slot};  // no leftovers for an ADD
  end
  always_ff @(posedge clk_i) begin
    zfirst_q <= {zfirst_q[7:0], slice_q == '0};
    zlast_q <= {zlast_q[Chain-2:0], slice_last};
    zgroup_q <= {zgroup_q[Chain-2:0], slice_last && rz_q && plast_q};
    zend_q <= {zend_q[Chain-2:0], end_q};
    if (Slices > 1) begin
      zslice_q[0] <= slice_q;
      for (int n = 1; n < Chain; n++) zslice_q[n] <= zslice_q[n-1];
    end
  end
  for (genvar n = 0; n < Chain; n++) begin : g_slice
    assign zslice[n] = (Slices > 1) ? zslice_q[n] : '0;
  end

  // Operations in the lanes: valid and pass of lane cycle n.
  logic [12:1] op_q, op0_q, op1_q;
  logic op, b_now, a_now, sum_now;
  logic [1:0] pass;
  assign b_now = add && z_q[PassB];
  assign a_now = add && z_q[PassA];
  assign sum_now = add && z_q[PassSum];
  assign op = z_q[0] || b_now || a_now || sum_now;
  assign pass = sum_now ? 2'd3 : b_now ? 2'd2 : a_now ? 2'd1 : 2'd0;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) op_q <= '0;
    else op_q <= {op_q[11:1], op};
  end
  always_ff @(posedge clk_i) begin
    op0_q <= {op0_q[11:1], pass[0]};
    op1_q <= {op1_q[11:1], pass[1]};
  end

  // Accumulators of a slot.
  logic [AccBits-1:0] acc_q [Lanes];
  always_ff @(posedge clk_i) begin
    if (slot) begin
      for (int l = 0; l < Lanes; l++)
        acc_q[l] <= Moves ? shadow_i[0][l] : shadow_i[row_q][(Slices > 1 ? int'(slice_q) : 0) * Lanes + l];
    end
  end
  assign slot_o = slot;

  logic [31:0] bias [Lanes];
  logic [4:0] ls [Lanes];
  logic [4:0] rs [Lanes];
  logic [30:0] mult [Lanes];
  weft_param #(.Cols(Cols), .Lanes(Lanes), .BeatBytes(BeatBytes)) u_param (
    .clk_i, .rst_ni, .cfg_i, .wt_valid_i, .wt_i, .wt_kind_i, .wt_beat_i, .wt_last_i,
    .take_i(take_par_i), .have_o(par_have_o),
    .d0_valid_i(slot), .d0_end_i(slot_last && plast_q && par), .d0_slice_i(slice_q), .bias_o(bias),
    .v1_i(op_q[1]), .pass1_i({op1_q[1], op0_q[1]}), .slice1_i(zslice[1]), .ls_o(ls),
    .v2_i(op_q[2]), .pass2_i({op1_q[2], op0_q[2]}), .slice2_i(zslice[2]), .mult_o(mult),
    .v6_i(op_q[6]), .pass6_i({op1_q[6], op0_q[6]}), .slice6_i(zslice[6]), .rs_o(rs)
  );
  assign par_freed_o = z_q[7] && zgroup_q[7] && par;

  // Residual. The walker shows a pixel one cycle after the step that leaves it,
  // so it steps when a row's first slot passes, one cycle ahead of the request.
  logic res_pend_q, res_step, res_visible;
  logic [WordW-1:0] res_q;
  logic [7:0] zrow_q;          // the row is its n-group's last
  assign res_step = add && z_q[7] && zfirst_q[7];
  assign res_valid_o = res_pend_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) res_pend_q <= 1'b0;
    else if (add && z_q[8] && zfirst_q[8]) res_pend_q <= 1'b1;
    else if (res_ready_i) res_pend_q <= 1'b0;
  end
  always_ff @(posedge clk_i) begin
    zrow_q <= {zrow_q[6:0], rz_q && plast_q};
    if (res_word_valid_i) res_q <= res_word_i;
  end

  logic [12:0] width, valid;
  logic [RowAddrW-1:0] out_g;
  assign width = cfg_i[REG_EX_RASTER][R_EX_RASTER_WIDTH_LSB +: R_EX_RASTER_WIDTH_W];
  assign valid = cfg_i[REG_EX_RASTER][R_EX_RASTER_VALID_LSB +: R_EX_RASTER_VALID_W];
  assign out_g = RowAddrW'(cfg_i[REG_EX_OUT_WORDS][R_EX_OUT_WORDS_G_LSB +: R_EX_OUT_WORDS_G_W]);
  weft_outwalk #(.Rows(Rows), .RowAddrW(RowAddrW)) u_res (
    .clk_i, .init_i, .start_i,
    .base_row_i(RowAddrW'(cfg_i[REG_EX_RES][R_EX_RES_ROW_LSB +: R_EX_RES_ROW_W])),
    .base_mod_i(cfg_i[REG_EX_RES][R_EX_RES_MOD_LSB +: RowW]),
    .pitch_row_i(RowAddrW'(cfg_i[REG_EX_RES_PITCH][R_EX_RES_PITCH_ROW_LSB +: R_EX_RES_PITCH_ROW_W])),
    .pitch_mod_i(cfg_i[REG_EX_RES_PITCH][R_EX_RES_PITCH_MOD_LSB +: RowW]),
    .g_i(out_g), .width_i(width), .valid_i(valid), .px_i(1'b0), .py_i(1'b0),
    .plane_x_i('0), .plane_y_i('0), .step_i(res_step), .group_end_i(zrow_q[7]),
    .bank_o(res_bank_o), .row_o(res_row_o), .visible_o(res_visible)
  );

  // Lanes.
  logic out10, out11, y12, b10;
  assign out10 = op_q[10] && op0_q[10] == op1_q[10];
  assign out11 = op_q[11] && op0_q[11] == op1_q[11];
  assign y12 = op_q[12] && !op0_q[12] && !op1_q[12];
  assign b10 = op_q[10] && op1_q[10] && !op0_q[10];
  logic [7:0] zp10, lo11, hi11;
  logic [8:0] nz1_q, nz2_q;
  always_ff @(posedge clk_i) begin
    if (init_i) begin
      nz1_q <= -9'($signed(cfg_i[REG_EX_ADD_ZP][R_EX_ADD_ZP_Z1_LSB +: 8]));
      nz2_q <= -9'($signed(cfg_i[REG_EX_ADD_ZP][R_EX_ADD_ZP_Z2_LSB +: 8]));
    end
  end
  assign zp10 = op1_q[10] ? cfg_i[REG_EX_ADD_ZP][R_EX_ADD_ZP_ZO_LSB +: 8]
                          : cfg_i[REG_EX_CLAMP][R_EX_CLAMP_ZP_LSB +: 8];
  assign lo11 = op1_q[11] ? cfg_i[REG_EX_ADD_CLAMP][R_EX_ADD_CLAMP_LO_LSB +: 8]
                          : cfg_i[REG_EX_CLAMP][R_EX_CLAMP_LO_LSB +: 8];
  assign hi11 = op1_q[11] ? cfg_i[REG_EX_ADD_CLAMP][R_EX_ADD_CLAMP_HI_LSB +: 8]
                          : cfg_i[REG_EX_CLAMP][R_EX_CLAMP_HI_LSB +: 8];
  logic [7:0] y [Lanes];
  for (genvar l = 0; l < Lanes; l++) begin : g_lane
    logic [7:0] res;
    assign res = res_q[(int'(zslice[PassB]) * Lanes + l) * 8 +: 8];
    weft_lane #(.AccBits(AccBits)) u_lane (
      .clk_i, .v_i({op_q, op}), .pass0_i(pass), .out10_i(out10), .out11_i(out11),
      .y12_i(y12), .b10_i(b10), .acc_i(acc_q[l]), .bias_i(bias[l]), .res_i(res),
      .nz1_i(nz1_q), .nz2_i(nz2_q), .ls2_i(ls[l]), .mult3_i(mult[l]), .rs7_i(rs[l]),
      .zp10_i(zp10), .lo11_i(lo11), .hi11_i(hi11), .y_o(y[l])
    );
  end

  // Write: address two cycles before, bank one cycle before, word in the cycle.
  logic w10, w11, w12, wg10, we12;
  logic [SliceW-1:0] ws12;
  assign w10 = add ? z_q[Chain-3] && zlast_q[Chain-3] : z_q[Seen-2] && zlast_q[Seen-2];
  assign wg10 = add ? zgroup_q[Chain-3] : zgroup_q[Seen-2];
  assign w11 = add ? z_q[Chain-2] && zlast_q[Chain-2] : z_q[Seen-1] && zlast_q[Seen-1];
  assign w12 = add ? z_q[Chain-1] : z_q[Seen];
  assign ws12 = add ? zslice[Chain-1] : zslice[Seen];
  assign we12 = add ? z_q[Chain-1] && zgroup_q[Chain-1] && zend_q[Chain-1]
                    : z_q[Seen] && zgroup_q[Seen] && zend_q[Seen];
  logic [RowW-1:0] out_bank;
  logic [RowAddrW-1:0] out_row, wr_row_q;
  logic out_visible;
  logic [Rows-1:0] wr_bank_q;
  weft_outwalk #(.Rows(Rows), .RowAddrW(RowAddrW)) u_out (
    .clk_i, .init_i, .start_i,
    .base_row_i(RowAddrW'(cfg_i[REG_EX_OUT][R_EX_OUT_ROW_LSB +: R_EX_OUT_ROW_W])),
    .base_mod_i(cfg_i[REG_EX_OUT][R_EX_OUT_MOD_LSB +: RowW]),
    .pitch_row_i(RowAddrW'(cfg_i[REG_EX_OUT_PITCH][R_EX_OUT_PITCH_ROW_LSB +: R_EX_OUT_PITCH_ROW_W])),
    .pitch_mod_i(cfg_i[REG_EX_OUT_PITCH][R_EX_OUT_PITCH_MOD_LSB +: RowW]),
    .g_i(out_g), .width_i(width), .valid_i(valid),
    .px_i(cfg_i[REG_EX_OUT][R_EX_OUT_PX_LSB]), .py_i(cfg_i[REG_EX_OUT][R_EX_OUT_PY_LSB]),
    .plane_x_i(RowAddrW'(cfg_i[REG_EX_OUT_WORDS][R_EX_OUT_WORDS_PLANE_X_LSB +: R_EX_OUT_WORDS_PLANE_X_W])),
    .plane_y_i(RowAddrW'(cfg_i[REG_EX_OUT_PLANES][R_EX_OUT_PLANES_PLANE_Y_LSB +: R_EX_OUT_PLANES_PLANE_Y_W])),
    .step_i(w10), .group_end_i(wg10), .bank_o(out_bank), .row_o(out_row), .visible_o(out_visible)
  );
  always_ff @(posedge clk_i) begin
    if (!rst_ni) wr_bank_q <= '0;
    else wr_bank_q <= (w11 && out_visible) ? Rows'(1) << out_bank : '0;
  end
  always_ff @(posedge clk_i) begin
    if (w11) wr_row_q <= out_row;
    if (!rst_ni) done_o <= 1'b0;
    else done_o <= we12;
  end
  assign wr_bank_o = wr_bank_q;
  assign wr_row_o = wr_row_q;

  // Slices of a word wait for its last one.
  logic [LaneW-1:0] y_flat;
  for (genvar l = 0; l < Lanes; l++) begin : g_flat
    assign y_flat[l*8 +: 8] = y[l];
  end
  if (Slices > 1) begin : g_wait
    logic [LaneW-1:0] part_q [Slices-1];
    logic [WordW-1:0] word;
    always_ff @(posedge clk_i) begin
      if (w12 && ws12 != SliceW'(Slices - 1)) part_q[ws12] <= y_flat;
    end
    always_comb begin
      word[WordW-1 -: LaneW] = y_flat;
      for (int s = 0; s < Slices - 1; s++) word[s*LaneW +: LaneW] = part_q[s];
    end
    assign wr_data_o = word;
  end else begin : g_whole
    assign wr_data_o = y_flat;
  end

  logic unused;
  assign unused = &{1'b0, res_visible, w12, ws12};
endmodule
