// SPDX-License-Identifier: Apache-2.0
// The compute core: instructions of the EX queue in, bytes in the scratchpad
// out. Ports: rtl/README.md. Meaning: configs/README.md. Timing of steps and
// tiles: weft_seq; stages: weft_feed (cycles 0..6), weft_pe_row (7..10),
// weft_drain and weft_lane (from 11).
//
// CFG writes shadow registers at any time, one and two cycles after its take (the
// next CFG waits one cycle, an EXC two); an EXC copies them when taken.
// TAP writes the tap table, and waits while an EXC is issuing whose taps
// include its entry. An ordered instruction is taken when the one before has
// retired: an EXC retires when its last word is written (LAST_K = 0: when the
// accumulators are final). From the take of an EXC to its first issue:
// 3 + R(0) cycles; from its last issue to retirement D + 24, with ADD
// D + 46, without LAST_K 11.
module weft_core
  import weft_isa_pkg::*;
#(
  parameter int Rows = 8,
  parameter int Cols = 8,
  parameter int Lanes = 8,
  parameter int Hop = 0,
  parameter int AccBits = 28,
  parameter int Taps = 512,
  parameter int WordBytes = 8,
  parameter int SpmKib = 64,
  parameter int RingKib = 64,
  parameter int BeatBytes = 4
) (
  input  logic                     clk_i,
  input  logic                     rst_ni,
  input  logic                     clear_i,
  input  logic                     insn_valid_i,
  output logic                     insn_ready_o,
  input  logic [127:0]             insn_i,
  output logic                     retire_o,
  output logic                     mark_valid_o,
  output logic [15:0]              mark_id_o,
  output logic                     idle_o,
  input  logic                     wt_word_valid_i,
  input  logic [Cols*8-1:0]        wt_word_i,
  output logic [15:0]              ring_freed_o,
  input  logic                     wt_par_valid_i,
  input  logic [BeatBytes*8-1:0]   wt_par_i,
  input  logic [1:0]               wt_par_kind_i,
  input  logic [7:0]               wt_par_beat_i,
  input  logic                     wt_par_last_i,
  output logic                     par_freed_o,
  input  logic                     ld_wr_valid_i,
  output logic                     ld_wr_ready_o,
  input  logic [$clog2(Rows)-1:0]  ld_wr_bank_i,
  input  logic [15:0]              ld_wr_row_i,
  input  logic [WordBytes*8-1:0]   ld_wr_data_i,
  input  logic                     st_rd_valid_i,
  output logic                     st_rd_ready_o,
  input  logic [$clog2(Rows)-1:0]  st_rd_bank_i,
  input  logic [15:0]              st_rd_row_i,
  output logic                     st_data_valid_o,
  output logic [WordBytes*8-1:0]   st_data_o,
  output logic                     step_o,
  output logic                     stall_ring_o,
  output logic                     stall_drain_o,
  output logic                     trace_issue_o,
  output logic                     trace_last_o
);
  localparam int SpmRows = SpmKib * 1024 / (Rows * WordBytes);
  localparam int RingWords = RingKib * 1024 / Cols;
  localparam int RowAddrW = $clog2(SpmRows);
  localparam int RowW = $clog2(Rows);
  localparam int TapW = $clog2(Taps);
  localparam int ByteW = $clog2(Cols);
  localparam int Groups = Cols / 4;
  localparam int Regs = 32;               // register file, more than isa.def names
`ifdef WEFT_FF_LUT
  localparam bit Moves = Hop == 0;
`else
  localparam bit Moves = 1'b0;
`endif

  logic rst_n;
  always_ff @(posedge clk_i) rst_n <= rst_ni && !clear_i;

  // Front end.
  logic [5:0] op /* verilator public_flat_rd */;
  logic take /* verilator public_flat_rd */;
  logic insn_valid_q;
  logic [127:0] insn_q;
  logic ordered_q, ready, busy_q, exc_q, tap_valid_q, tap_write, seq_busy;
  logic init_q, start_q, done, mark_q, mark_valid_q;
  logic [15:0] mark_id_q;
  logic [127:0] exc_insn_q, tap_insn_q;
  logic [31:0] shadow_q [Regs];
  logic [31:0] cfg_q [Regs];
  // One instruction waits in a register, decoded as it enters.
  logic is_exc_q, is_cfg_q, is_tap_q, is_mark_q, cfg_a_q, cfg_b_q;
  logic [5:0] op_in;
  assign op_in = insn_i[H_OP_LSB +: H_OP_W];
  assign op = insn_q[H_OP_LSB +: H_OP_W];
  assign ready = (!ordered_q || !busy_q) && (!tap_valid_q || tap_write)
                 && !(cfg_a_q && (is_cfg_q || is_exc_q)) && !(cfg_b_q && is_exc_q);
  assign take = insn_valid_q && ready;
  assign insn_ready_o = !insn_valid_q || ready;
  always_ff @(posedge clk_i) begin
    if (!rst_n) insn_valid_q <= 1'b0;
    else insn_valid_q <= insn_valid_i || (insn_valid_q && !ready);
    if (insn_valid_i && insn_ready_o) begin
      insn_q <= insn_i;
      is_exc_q <= op_in == I_EXC;
      is_cfg_q <= op_in == I_CFG;
      is_tap_q <= op_in == I_TAP;
      is_mark_q <= op_in == I_MARK;
      ordered_q <= op_in == I_EXC || op_in == I_MARK || op_in == I_NOP;
    end
  end

  // CFG: register A is written in the cycle after the take, B in the next one.
  logic [7:0] cfg_reg_q, cfg_next_reg_q;
  logic [31:0] cfg_value_q, cfg_next_value_q;
  always_ff @(posedge clk_i) begin
    if (take && is_cfg_q) begin
      cfg_reg_q <= insn_q[CFG_REG_A_LSB +: CFG_REG_A_W];
      cfg_value_q <= insn_q[CFG_VAL_A_LSB +: CFG_VAL_A_W];
      cfg_next_reg_q <= insn_q[CFG_REG_B_LSB +: CFG_REG_B_W];
      cfg_next_value_q <= insn_q[CFG_VAL_B_LSB +: CFG_VAL_B_W];
    end else begin
      cfg_reg_q <= cfg_next_reg_q;
      cfg_value_q <= cfg_next_value_q;
    end
    if ((cfg_a_q || cfg_b_q) && cfg_reg_q < 8'(Regs)) shadow_q[cfg_reg_q[4:0]] <= cfg_value_q;
  end

  // TAP: one instruction waits here until its entry is free. While an EXC runs
  // that is known one cycle later.
  logic [TapW-1:0] tap_offset;
  logic tap_free_q;
  assign tap_offset = tap_insn_q[TAP_INDEX_LSB +: TapW] - exc_insn_q[EXC_TAP_BASE_LSB +: TapW];
  assign tap_write = tap_valid_q && (!exc_q || tap_free_q);
  always_ff @(posedge clk_i) begin
    tap_free_q <= tap_valid_q && !tap_write && 10'(tap_offset) >= exc_insn_q[EXC_N_TAPS_LSB +: EXC_N_TAPS_W];
    if (!rst_n) begin
      tap_valid_q <= 1'b0;
      cfg_a_q <= 1'b0;
      cfg_b_q <= 1'b0;
      busy_q <= 1'b0;
      exc_q <= 1'b0;
      init_q <= 1'b0;
      start_q <= 1'b0;
      mark_q <= 1'b0;
    end else begin
      cfg_a_q <= take && is_cfg_q;
      cfg_b_q <= cfg_a_q;
      tap_valid_q <= (take && is_tap_q) || (tap_valid_q && !tap_write);
      if (take && ordered_q) busy_q <= 1'b1;
      else if (retire_o) busy_q <= 1'b0;
      if (take && is_exc_q) exc_q <= 1'b1;          // until the last step is issued
      else if (!init_q && !start_q && !seq_busy) exc_q <= 1'b0;
      init_q <= take && is_exc_q;
      start_q <= init_q;
      mark_q <= take && ordered_q && !is_exc_q;
    end
  end
  always_ff @(posedge clk_i) begin
    if (take && is_tap_q) tap_insn_q <= insn_q;
    if (take && is_mark_q) mark_id_q <= insn_q[MARK_ID_LSB +: MARK_ID_W];
    if (take) mark_valid_q <= is_mark_q;
    if (take && is_exc_q) begin
      exc_insn_q <= insn_q;
      cfg_q <= shadow_q;
    end
  end
  assign retire_o = mark_q || done;
  assign mark_valid_o = mark_q && mark_valid_q;
  assign mark_id_o = mark_id_q;
  assign idle_o = !busy_q && !tap_valid_q && !insn_valid_q && !cfg_a_q && !cfg_b_q;

  // Steps.
  logic go, take_word, take_par, s_first, s_last, s_load, s_pfirst, s_plast, s_end, walk_group_last;
  logic ring_have, par_have;
  logic [ByteW-1:0] s_k;
  logic [TapW-1:0] s_tap;
  logic [RowAddrW-1:0] s_row;
  logic [RowW-1:0] s_mod;
  logic [RowW-1:0] walk_row;
  weft_seq #(.Rows(Rows), .Cols(Cols), .Lanes(Lanes), .Taps(Taps), .RowAddrW(RowAddrW)) u_seq (
    .clk_i, .rst_ni(rst_n), .cfg_i(cfg_q), .exc_i(exc_insn_q), .init_i(init_q), .start_i(start_q),
    .ring_have_i(ring_have), .par_have_i(par_have), .busy_o(seq_busy), .go_o(go),
    .take_word_o(take_word), .take_par_o(take_par), .stall_ring_o, .stall_drain_o,
    .s_first_o(s_first), .s_last_o(s_last), .s_load_o(s_load), .s_pfirst_o(s_pfirst),
    .s_plast_o(s_plast), .s_end_o(s_end), .s_k_o(s_k), .s_tap_o(s_tap), .s_row_o(s_row),
    .s_mod_o(s_mod), .walk_row_o(walk_row), .walk_group_last_o(walk_group_last)
  );
  assign step_o = go;
  assign trace_issue_o = go;
  assign trace_last_o = go && s_last;

  // Feed.
  logic c3_valid, c3_first, c3_pfirst, c3_plast, c4_load, c6_load;
  logic c7_valid, c7_first, c7_last, c7_plast, c7_end;
  logic [RowAddrW-1:0] c4_row, c4_row_g;
  logic [Rows-1:0] c4_sel_g, c6_inside;
  logic [RowW-1:0] c6_amount;
  logic [ByteW-1:0] c7_k;
  weft_feed #(.Rows(Rows), .Cols(Cols), .Taps(Taps), .RowAddrW(RowAddrW)) u_feed (
    .clk_i, .rst_ni(rst_n), .cfg_i(cfg_q), .init_i(init_q), .start_i(start_q),
    .tap_wr_i(tap_write), .tap_insn_i(tap_insn_q),
    .go_i(go), .first_i(s_first), .last_i(s_last), .load_i(s_load), .pfirst_i(s_pfirst),
    .plast_i(s_plast), .end_i(s_end), .k_i(s_k), .tap_i(s_tap), .row_i(s_row), .mod_i(s_mod),
    .walk_row_i(walk_row), .walk_group_last_i(walk_group_last),
    .c3_valid_o(c3_valid), .c3_first_o(c3_first), .c3_pfirst_o(c3_pfirst), .c3_plast_o(c3_plast),
    .c4_load_o(c4_load), .c4_row_o(c4_row), .c4_row_g_o(c4_row_g), .c4_sel_g_o(c4_sel_g),
    .c6_load_o(c6_load), .c6_amount_o(c6_amount), .c6_inside_o(c6_inside),
    .c7_valid_o(c7_valid), .c7_first_o(c7_first), .c7_last_o(c7_last),
    .c7_plast_o(c7_plast), .c7_end_o(c7_end), .c7_k_o(c7_k)
  );

  // Weights.
  logic [7:0] weight [Cols];
  logic ring_freed;
  weft_ring #(.Cols(Cols), .Words(RingWords)) u_ring (
    .clk_i, .rst_ni(rst_n), .push_i(wt_word_valid_i), .word_i(wt_word_i), .take_i(take_word),
    .have_o(ring_have), .c3_valid_i(c3_valid), .c3_first_i(c3_first), .c3_pfirst_i(c3_pfirst),
    .c3_plast_i(c3_plast), .unit_i(exc_insn_q[EXC_UNIT_LSB]), .stream_i(exc_insn_q[EXC_STREAM_LSB]),
    .freed_o(ring_freed), .weight_o(weight)
  );
  assign ring_freed_o = {15'd0, ring_freed};

  // Words.
  logic [31:0] bank [Rows][Groups];
  logic [31:0] word [Rows][Groups];
  logic [7:0] pad [Rows];
  logic res_valid, res_ready, res_word_valid;
  logic [RowW-1:0] res_bank;
  logic [RowAddrW-1:0] res_row, wr_row;
  logic [Rows-1:0] wr_bank;
  logic [WordBytes*8-1:0] spm_word, wr_data;
  weft_spm #(.Rows(Rows), .WordBytes(WordBytes), .SpmRows(SpmRows)) u_spm (
    .clk_i, .rst_ni(rst_n), .c4_load_i(c4_load), .c4_row_i(c4_row), .c4_row_g_i(c4_row_g),
    .c4_sel_g_i(c4_sel_g), .bank_o(bank),
    .res_valid_i(res_valid), .res_ready_o(res_ready), .res_bank_i(res_bank), .res_row_i(res_row),
    .res_valid_o(res_word_valid),
    .st_valid_i(st_rd_valid_i), .st_ready_o(st_rd_ready_o), .st_bank_i(st_rd_bank_i),
    .st_row_i(st_rd_row_i[RowAddrW-1:0]), .st_valid_o(st_data_valid_o), .word_o(spm_word),
    .dr_bank_i(wr_bank), .dr_row_i(wr_row), .dr_data_i(wr_data),
    .ld_valid_i(ld_wr_valid_i), .ld_ready_o(ld_wr_ready_o), .ld_bank_i(ld_wr_bank_i),
    .ld_row_i(ld_wr_row_i[RowAddrW-1:0]), .ld_data_i(ld_wr_data_i)
  );
  assign st_data_o = spm_word;
  weft_rotate #(.Rows(Rows), .Groups(Groups)) u_rotate (
    .clk_i, .load_i(c6_load), .amount_i(c6_amount), .inside_i(c6_inside),
    .pad_i(cfg_q[REG_EX_ORIGIN][R_EX_ORIGIN_PAD_LSB +: R_EX_ORIGIN_PAD_W]),
    .bank_i(bank), .word_o(word), .pad_o(pad)
  );

  // Array.
  logic c7_load_q, slot;
  logic [AccBits-1:0] shadow [Rows][Cols];
  always_ff @(posedge clk_i) c7_load_q <= c6_load;
  weft_array #(.Moves(Moves), .Lanes(Lanes), .Rows(Rows), .Cols(Cols), .Hop(Hop), .AccBits(AccBits)) u_array (
    .clk_i, .rst_ni(rst_n), .c7_valid_i(c7_valid),
    .c7_first_i(c7_first && exc_insn_q[EXC_FIRST_K_LSB]), .c7_last_i(c7_last), .c7_k_i(c7_k),
    .c7_load_i(c7_load_q), .weight_i(weight), .word_i(word), .pad_i(pad),
    .own_i(exc_insn_q[EXC_DEPTHWISE_LSB]), .max_i(exc_insn_q[EXC_MAX_LSB]), .shift_i(slot),
    .shadow_o(shadow)
  );

  // Drain: a last step is in array cycle 10 three cycles after the array took it.
  logic [2:0] last_q, plast_q, end_q;
  logic tile_done, kept_done_q, drain_done;
  always_ff @(posedge clk_i) begin
    if (!rst_n) last_q <= '0;
    else last_q <= {last_q[1:0], c7_valid && c7_last};
  end
  always_ff @(posedge clk_i) begin
    plast_q <= {plast_q[1:0], c7_plast};
    end_q <= {end_q[1:0], c7_end};
    kept_done_q <= rst_n && last_q[2] && end_q[2] && !exc_insn_q[EXC_LAST_K_LSB];
  end
  assign tile_done = last_q[2] && exc_insn_q[EXC_LAST_K_LSB];
  weft_drain #(.Moves(Moves), .Rows(Rows), .Cols(Cols), .Lanes(Lanes), .AccBits(AccBits),
               .BeatBytes(BeatBytes), .RowAddrW(RowAddrW)) u_drain (
    .clk_i, .rst_ni(rst_n), .cfg_i(cfg_q), .exc_i(exc_insn_q), .init_i(init_q), .start_i(start_q),
    .tile_i(tile_done), .tile_plast_i(plast_q[2]), .tile_end_i(end_q[2]), .shadow_i(shadow), .slot_o(slot),
    .wt_valid_i(wt_par_valid_i), .wt_i(wt_par_i), .wt_kind_i(wt_par_kind_i),
    .wt_beat_i(wt_par_beat_i), .wt_last_i(wt_par_last_i), .take_par_i(take_par),
    .par_have_o(par_have), .par_freed_o,
    .res_valid_o(res_valid), .res_ready_i(res_ready), .res_bank_o(res_bank), .res_row_o(res_row),
    .res_word_valid_i(res_word_valid), .res_word_i(spm_word),
    .wr_bank_o(wr_bank), .wr_row_o(wr_row), .wr_data_o(wr_data), .done_o(drain_done)
  );
  assign done = drain_done || kept_done_q;

  logic unused;
  assign unused = &{1'b0, ld_wr_row_i, st_rd_row_i};
endmodule
