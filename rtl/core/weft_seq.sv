// SPDX-License-Identifier: Apache-2.0
// Step sequencer: walks n-groups, tiles, taps, words and bytes of one EXC and
// issues one step a cycle. Stages: counters -> step register -> issue (cycle 0).
//
// Issue rules; with L(i), F(i) = last and first issue of tile i, S steps, R
// drained rows, P = 1 or Rows, D = R * (Cols/Lanes) * (ADD ? 4 : 1):
//   F(i) = max(L(i-1) + 1, F(i-1) + R(i))     the raster walker needs R(i) cycles
//   L(i) = max(F(i) + S - 1, L(i-1) + D(i-1)) a last step waits for the drain
// and besides: a step of an n-group's first tile (STREAM: of any tile) waits
// for its ring word; the first drained last step of an n-group waits for its
// parameter set. In an EXC with ADD no two steps that read the scratchpad
// issue in successive cycles, so that the residual finds a slot of the port,
// and L(i) = L(0) mod 4, so that the passes of successive tiles never meet.
// Nothing depends on data. start_i comes with all configuration settled;
// the first step can issue 1 + R(0) cycles later.
module weft_seq
  import weft_isa_pkg::*;
#(
  parameter int Rows = 8,
  parameter int Cols = 8,
  parameter int Lanes = 8,
  parameter int Taps = 512,
  parameter int RowAddrW = 10,
  localparam int RowW = $clog2(Rows),
  localparam int TapW = $clog2(Taps),
  localparam int ByteW = $clog2(Cols),
  localparam int HoldW = $clog2(Rows * (Cols / Lanes) * 4 + 1)
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic [31:0]         cfg_i [32],     // EX registers of this EXC
  input  logic [127:0]        exc_i,
  input  logic                init_i,         // one cycle before start_i
  input  logic                start_i,
  input  logic                ring_have_i,    // a ring word waits
  input  logic                par_have_i,     // a parameter set waits
  output logic                busy_o,         // steps are left
  output logic                go_o,           // issue of the step register
  output logic                take_word_o,    // go of a step with a new ring word
  output logic                take_par_o,     // go of the step that claims a parameter set
  output logic                stall_ring_o,
  output logic                stall_drain_o,
  output logic                s_first_o,      // of its tile
  output logic                s_last_o,
  output logic                s_load_o,       // first byte of a word
  output logic                s_pfirst_o,     // first tile of its n-group
  output logic                s_plast_o,
  output logic                s_end_o,        // last step of the EXC
  output logic [ByteW-1:0]    s_k_o,
  output logic [TapW-1:0]     s_tap_o,
  output logic [RowAddrW-1:0] s_row_o,        // tile base row + word
  output logic [RowW-1:0]     s_mod_o,        // tile base bank
  output logic [RowW-1:0]     walk_row_o,     // the tile that the raster walker fills: last row,
  output logic                walk_group_last_o // last of its n-group?
);
  localparam int Slices = Cols / Lanes;

  // Configuration, settled before start_i.
  logic cfg_dw, cfg_unit, cfg_stream, cfg_one, cfg_lastk, cfg_add, cfg_par;
  logic [15:0] cfg_g;
  logic [5:0] cfg_tail, cfg_last_rows;
  assign cfg_dw = exc_i[EXC_DEPTHWISE_LSB];
  assign cfg_unit = exc_i[EXC_UNIT_LSB];
  assign cfg_stream = exc_i[EXC_STREAM_LSB];
  assign cfg_one = exc_i[EXC_ONE_ROW_LSB];
  assign cfg_lastk = exc_i[EXC_LAST_K_LSB];
  assign cfg_add = cfg_i[REG_EX_POST][R_EX_POST_ADD_LSB] && cfg_lastk;
  assign cfg_par = cfg_i[REG_EX_POST][R_EX_POST_PARAMS_LSB +: R_EX_POST_PARAMS_W] != 0 && cfg_lastk;
  assign cfg_g = cfg_i[REG_EX_IN_WORDS][R_EX_IN_WORDS_G_LSB +: R_EX_IN_WORDS_G_W];
  assign cfg_tail = cfg_i[REG_EX_IN_WORDS][R_EX_IN_WORDS_TAIL_LSB +: R_EX_IN_WORDS_TAIL_W];
  assign cfg_last_rows = exc_i[EXC_LAST_ROWS_LSB +: EXC_LAST_ROWS_W];

  // Derived once an EXC, in the init cycle.
  logic [15:0] gm1_q, tilem1_q, groupm1_q;
  logic g1_q, tail1_q, tap1_q, tile1_q, group1_q, par_q, add_q, needw_q;
  logic [ByteW-1:0] tailm1_q;
  logic [9:0] tapm1_q;
  logic [12:0] widthm1_q;
  logic width1_q;
  logic [HoldW-1:0] dm1_full_q, dm1_last_q;
  logic [RowW-1:0] lastm1_q;
  logic [RowAddrW-1:0] x0_q, x1_q, y0_q, y1_q;  // row advance without and with carry
  logic [5:0] rows_full;
  // Drain slots of a tile; powers of two, so shifts and no multiplier.
  function automatic logic [HoldW-1:0] slots(input logic [5:0] rows, input logic add);
    slots = HoldW'(rows) << ($clog2(Slices) + (add ? 2 : 0));
  endfunction
  assign rows_full = cfg_one ? 6'd1 : 6'(Rows);
  always_ff @(posedge clk_i) begin
    if (init_i) begin
      gm1_q <= cfg_dw ? 16'd0 : cfg_g - 16'd1;
      g1_q <= cfg_dw || cfg_g == 16'd1;
      tailm1_q <= cfg_dw ? '0 : ByteW'(cfg_tail - 6'd1);
      tail1_q <= cfg_dw || cfg_tail == 6'd1;
      tapm1_q <= exc_i[EXC_N_TAPS_LSB +: EXC_N_TAPS_W] - 10'd1;
      tap1_q <= exc_i[EXC_N_TAPS_LSB +: EXC_N_TAPS_W] == 10'd1;
      tilem1_q <= exc_i[EXC_N_TILES_LSB +: EXC_N_TILES_W] - 16'd1;
      tile1_q <= exc_i[EXC_N_TILES_LSB +: EXC_N_TILES_W] == 16'd1;
      groupm1_q <= exc_i[EXC_N_GROUPS_LSB +: EXC_N_GROUPS_W] - 16'd1;
      group1_q <= exc_i[EXC_N_GROUPS_LSB +: EXC_N_GROUPS_W] == 16'd1;
      widthm1_q <= cfg_i[REG_EX_RASTER][R_EX_RASTER_WIDTH_LSB +: R_EX_RASTER_WIDTH_W] - 13'd1;
      width1_q <= cfg_i[REG_EX_RASTER][R_EX_RASTER_WIDTH_LSB +: R_EX_RASTER_WIDTH_W] == 13'd1;
      lastm1_q <= RowW'(cfg_last_rows - 6'd1);
      par_q <= cfg_par;
      add_q <= cfg_add;
      needw_q <= !cfg_unit;
      dm1_full_q <= slots(rows_full, cfg_add) - 1'b1;
      dm1_last_q <= slots(cfg_last_rows, cfg_add) - 1'b1;
      x0_q <= RowAddrW'(cfg_i[REG_EX_X_STEP][R_EX_X_STEP_DROW_LSB +: R_EX_X_STEP_DROW_W]);
      x1_q <= RowAddrW'(cfg_i[REG_EX_X_STEP][R_EX_X_STEP_DROW_LSB +: R_EX_X_STEP_DROW_W] + cfg_g);
      y0_q <= RowAddrW'(cfg_i[REG_EX_Y_STEP][R_EX_Y_STEP_DROW_LSB +: R_EX_Y_STEP_DROW_W]);
      y1_q <= RowAddrW'(cfg_i[REG_EX_Y_STEP][R_EX_Y_STEP_DROW_LSB +: R_EX_Y_STEP_DROW_W] + cfg_g);
    end
  end

  logic word_end, tap_end, tile_end, group_end;

  // Counters: the step that enters the step register next. *z: none left.
  logic run_q, first_q, load_q, pfirst_q;
  logic kz_q, gz_q, tz_q, pz_q, nz_q, xz_q;
  logic [ByteW-1:0] k_q, kleft_q;
  logic [15:0] gleft_q, pleft_q, nleft_q;
  logic [9:0] tleft_q;
  logic [12:0] xleft_q;
  logic [TapW-1:0] tap_q;
  logic [RowAddrW-1:0] row_q, base_q, group_row_q;
  logic [RowW-1:0] mod_q;
  logic adv;
  logic s_valid_q;
  assign adv = run_q && (!s_valid_q || go_o);

  // Base of the next tile. Which step leads there is chosen when the tile begins.
  logic carry, to_y;
  logic [RowW:0] mod_sum;
  logic [RowW-1:0] dmod_q;
  logic [RowAddrW-1:0] d0_q, d1_q;              // row advance without and with carry
  logic [RowAddrW-1:0] next_base, next_group_row, in_row;
  logic [RowW-1:0] in_mod;
  assign mod_sum = {1'b0, mod_q} + {1'b0, dmod_q};
  assign carry = mod_sum[RowW];
  assign next_base = base_q + (carry ? d1_q : d0_q);
  // The tile that begins next is its line's last.
  assign to_y = cfg_one && ((start_i || pz_q || xz_q) ? width1_q : xleft_q == 13'd1);
  assign next_group_row = cfg_dw ? group_row_q + 1'b1 : group_row_q;
  assign in_row = RowAddrW'(cfg_i[REG_EX_IN][R_EX_IN_ROW_LSB +: R_EX_IN_ROW_W]);
  assign in_mod = cfg_i[REG_EX_IN][R_EX_IN_MOD_LSB +: RowW];

  assign word_end = kz_q;
  assign tap_end = kz_q && gz_q;
  assign tile_end = tap_end && tz_q;
  assign group_end = tile_end && pz_q;

  always_ff @(posedge clk_i) begin
    if (start_i || (adv && tile_end)) begin
      dmod_q <= to_y ? cfg_i[REG_EX_Y_STEP][R_EX_Y_STEP_DMOD_LSB +: RowW]
                     : cfg_i[REG_EX_X_STEP][R_EX_X_STEP_DMOD_LSB +: RowW];
      d0_q <= to_y ? y0_q : x0_q;
      d1_q <= to_y ? y1_q : x1_q;
    end
  end
  always_ff @(posedge clk_i) begin
    if (start_i) begin
      first_q <= 1'b1;
      load_q <= 1'b1;
      pfirst_q <= 1'b1;
      k_q <= '0;
      kleft_q <= g1_q ? tailm1_q : ByteW'(Cols - 1);
      kz_q <= g1_q && tail1_q;
      gleft_q <= gm1_q;
      gz_q <= g1_q;
      tap_q <= exc_i[EXC_TAP_BASE_LSB +: TapW];
      tleft_q <= tapm1_q;
      tz_q <= tap1_q;
      pleft_q <= tilem1_q;
      pz_q <= tile1_q;
      nleft_q <= groupm1_q;
      nz_q <= group1_q;
      xleft_q <= widthm1_q;
      xz_q <= width1_q;
      row_q <= in_row;
      base_q <= in_row;
      group_row_q <= in_row;
      mod_q <= in_mod;
    end else if (adv) begin
      first_q <= 1'b0;
      load_q <= word_end;
      k_q <= word_end ? '0 : k_q + 1'b1;
      kleft_q <= kleft_q - 1'b1;
      kz_q <= kleft_q == ByteW'(1);
      if (word_end) begin
        gleft_q <= gleft_q - 1'b1;
        gz_q <= gleft_q == 16'd1;
        row_q <= row_q + 1'b1;
        kleft_q <= gleft_q == 16'd1 ? tailm1_q : ByteW'(Cols - 1);
        kz_q <= gleft_q == 16'd1 && tail1_q;
      end
      if (tap_end) begin
        gleft_q <= gm1_q;
        gz_q <= g1_q;
        kleft_q <= g1_q ? tailm1_q : ByteW'(Cols - 1);
        kz_q <= g1_q && tail1_q;
        row_q <= base_q;
        tap_q <= tap_q + 1'b1;
        tleft_q <= tleft_q - 1'b1;
        tz_q <= tleft_q == 10'd1;
      end
      if (tile_end) begin
        first_q <= 1'b1;
        pfirst_q <= 1'b0;
        tap_q <= exc_i[EXC_TAP_BASE_LSB +: TapW];
        tleft_q <= tapm1_q;
        tz_q <= tap1_q;
        pleft_q <= pleft_q - 1'b1;
        pz_q <= pleft_q == 16'd1;
        xleft_q <= xz_q ? widthm1_q : xleft_q - 1'b1;
        xz_q <= xz_q ? width1_q : xleft_q == 13'd1;
        base_q <= next_base;
        row_q <= next_base;
        mod_q <= mod_sum[RowW-1:0];
      end
      if (group_end) begin
        pfirst_q <= 1'b1;
        pleft_q <= tilem1_q;
        pz_q <= tile1_q;
        nleft_q <= nleft_q - 1'b1;
        nz_q <= nleft_q == 16'd1;
        xleft_q <= widthm1_q;
        xz_q <= width1_q;
        group_row_q <= next_group_row;
        base_q <= next_group_row;
        row_q <= next_group_row;
        mod_q <= in_mod;
      end
    end
  end
  always_ff @(posedge clk_i) begin
    if (!rst_ni) run_q <= 1'b0;
    else if (start_i) run_q <= 1'b1;
    else if (adv && group_end && nz_q) run_q <= 1'b0;
  end

  // Step register.
  logic s_last_q, s_drain_q, s_needw_q, s_needp_q;
  logic [HoldW-1:0] s_dm1_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) s_valid_q <= 1'b0;
    else s_valid_q <= run_q || (s_valid_q && !go_o);
  end
  always_ff @(posedge clk_i) begin
    if (adv) begin
      s_first_o <= first_q;
      s_last_q <= tile_end;
      s_drain_q <= tile_end && cfg_lastk;
      s_load_o <= load_q;
      s_pfirst_o <= pfirst_q;
      s_plast_o <= pz_q;
      s_end_o <= group_end && nz_q;
      s_k_o <= k_q;
      s_tap_o <= tap_q;
      s_row_o <= row_q;
      s_mod_o <= mod_q;
      s_needw_q <= needw_q && (pfirst_q || cfg_stream);
      s_needp_q <= par_q && pfirst_q && tile_end;
      s_dm1_q <= pz_q ? dm1_last_q : dm1_full_q;
    end
  end
  assign s_last_o = s_last_q;

  // Issue.
  logic hold_z_q, walk_ready_q, load_prev_q, phase_run_q;
  logic [1:0] phase_q;
  logic [HoldW-1:0] hold_q;
  logic ok_drain, ok_words;
  assign ok_drain = !s_drain_q || (hold_z_q && phase_q == '0);
  assign ok_words = (!s_needw_q || ring_have_i) && (!s_needp_q || par_have_i);
  assign go_o = s_valid_q && ok_drain && ok_words && (!s_first_o || walk_ready_q)
                && !(s_load_o && load_prev_q);
  assign take_word_o = go_o && s_needw_q;
  assign take_par_o = go_o && s_needp_q;
  assign stall_ring_o = s_valid_q && !ok_words;
  assign stall_drain_o = s_valid_q && ok_words && !ok_drain;
  assign busy_o = run_q || s_valid_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      hold_z_q <= 1'b1;
      hold_q <= '0;
      load_prev_q <= 1'b0;
      phase_q <= '0;
      phase_run_q <= 1'b0;
    end else begin
      load_prev_q <= go_o && s_load_o && add_q;
      if (start_i) begin
        phase_q <= '0;
        phase_run_q <= 1'b0;
      end else if (add_q && (phase_run_q || (go_o && s_drain_q))) begin
        phase_q <= phase_q + 1'b1;
        phase_run_q <= 1'b1;
      end
      if (go_o && s_drain_q) begin
        hold_q <= s_dm1_q;
        hold_z_q <= s_dm1_q == '0;
      end else if (!hold_z_q) begin
        hold_q <= hold_q - 1'b1;
        hold_z_q <= hold_q == HoldW'(1);
      end
    end
  end

  // When has the walker filled the next tile's rows? It runs one cycle behind.
  logic [15:0] wleft_q;
  logic wz_q;             // the tile being filled is its n-group's last
  logic [5:0] wait_q;
  assign walk_row_o = wz_q ? lastm1_q : cfg_one ? '0 : RowW'(Rows - 1);
  assign walk_group_last_o = wz_q;
  logic walk_go;
  assign walk_go = go_o && s_first_o;
  logic [5:0] next_rows;
  logic [15:0] wleft_d;
  logic wz_d;
  always_comb begin
    wleft_d = wz_q ? tilem1_q : wleft_q - 16'd1;
    wz_d = wz_q ? tile1_q : wleft_q == 16'd1;
    next_rows = wz_d ? cfg_last_rows : rows_full;
  end
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      walk_ready_q <= 1'b0;
    end else if (start_i) begin
      wleft_q <= tilem1_q;
      wz_q <= tile1_q;
      walk_ready_q <= 1'b0;
      wait_q <= tile1_q ? cfg_last_rows : rows_full;
    end else if (walk_go) begin
      wleft_q <= wleft_d;
      wz_q <= wz_d;
      walk_ready_q <= next_rows == 6'd1;
      wait_q <= next_rows - 6'd1;
    end else if (!walk_ready_q) begin
      walk_ready_q <= wait_q == 6'd1;
      wait_q <= wait_q - 6'd1;
    end
  end
endmodule
