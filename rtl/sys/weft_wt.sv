// SPDX-License-Identifier: Apache-2.0
// WT: parameter sets and ring words from region 0. A burst never mixes the two and
// is asked for when ring credits for all its words, or one parameter credit for the
// set, are there; data go on as they arrive. Instructions overlap without a gap.
module weft_wt #(
  parameter int Cols = 8,
  parameter int RingKib = 64,
  parameter int BeatBytes = 4
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,
  input  logic                   clear_i,
  input  logic                   issue_valid_i,
  output logic                   issue_ready_o,
  /* verilator lint_off UNUSEDSIGNAL */
  input  logic [127:0]           issue_insn_i,
  /* verilator lint_on UNUSEDSIGNAL */
  input  logic [27:0]            issue_pc_i,
  output logic                   done_o,
  output logic                   req_valid_o,
  input  logic                   req_ready_i,
  output logic [32:0]            req_off_o,
  output logic [6:0]             req_bytes_o,
  output logic [27:0]            req_pc_o,
  input  logic                   r_valid_i,
  input  logic [BeatBytes*8-1:0] r_data_i,
  output logic                   word_valid_o,
  output logic [Cols*8-1:0]      word_o,
  /* verilator lint_off UNUSEDSIGNAL */
  input  logic [15:0]            ring_freed_i,
  /* verilator lint_on UNUSEDSIGNAL */
  output logic                   par_valid_o,
  output logic [BeatBytes*8-1:0] par_o,
  output logic [1:0]             par_kind_o,
  output logic [7:0]             par_beat_o,
  output logic                   par_last_o,
  input  logic                   par_freed_i
);
  import weft_isa_pkg::*;

  localparam int Tracked = 16;
  localparam int Shift = $clog2(BeatBytes);
  localparam int BurstWords = 64 / Cols;
  localparam int WordBeats = Cols / BeatBytes;
  localparam int KindBeats = 4 * Cols / BeatBytes;
  localparam int RingWords = RingKib * 1024 / Cols;
  localparam int CreditBits = $clog2(RingWords) + 1;

  logic [5:0] op;
  logic       accept, busy_q, nop_q;
  assign op = issue_insn_i[H_OP_LSB +: H_OP_W];
  assign issue_ready_o = !busy_q;
  assign accept = issue_valid_i && issue_ready_o;

  // Walk: per n-group the parameters, then the words, REPEATS times.
  logic [32:0] cur_q, words_at_q;
  logic [23:0] n_words_q, left_q;
  logic [15:0] groups_q, repeats_q, repeats_left_q;
  logic [1:0]  params_q;
  logic        in_par_q;                          // the segment is parameters
  logic [27:0] pc_q;
  logic [23:0] par_words;
  logic [5:0]  words;
  logic        seg_ends_q, group_last_q, last_group_q, settled_q;   // one cycle behind
  logic        group_ends, all_ends, free, load;

  assign par_words  = params_q == 2'd1 ? 24'd4 : 24'd12;
  assign words      = seg_ends_q ? left_q[5:0] : 6'(BurstWords);
  assign group_ends = seg_ends_q && group_last_q;
  assign all_ends   = group_ends && last_group_q;

  // The burst offered, held until taken; par_first takes the set's credit.
  logic        offer_q, offer_par_q, offer_par_first_q, offer_set_last_q, offer_last_q;
  logic [5:0]  offer_words_q;
  logic        seg_first_q, room, taken;
  logic [CreditBits-1:0] credit_q;
  logic [1:0]  par_credit_q;
  logic [CreditBits-1:0] freed_q;
  logic        par_freed_q;
  logic [$clog2(Tracked):0] tracked;

  assign room        = tracked != ($clog2(Tracked) + 1)'(Tracked);
  assign req_valid_o = offer_q && room &&
                       (offer_par_q ? (!offer_par_first_q || par_credit_q != '0)
                                    : credit_q >= CreditBits'(offer_words_q));
  assign taken       = req_ready_i;                // only what is offered is taken
  assign req_bytes_o = 7'(offer_words_q) << $clog2(Cols);
  assign free        = !offer_q || taken;
  assign load        = busy_q && settled_q && !nop_q && free;

  logic nop_done;                                 // once all before it have ended
  assign nop_done = busy_q && nop_q && !offer_q && tracked == '0;

  always_ff @(posedge clk_i) begin
    seg_ends_q   <= left_q <= 24'(BurstWords);
    group_last_q <= in_par_q ? n_words_q == '0 : repeats_left_q == 16'd1;
    last_group_q <= groups_q == 16'd1;
    settled_q    <= busy_q && !load;
    if (accept) begin
      cur_q          <= {1'b0, issue_insn_i[WT_OFFSET_LSB+31 : WT_OFFSET_LSB+Shift], Shift'(0)};
      n_words_q      <= issue_insn_i[WT_N_WORDS_LSB +: WT_N_WORDS_W];
      groups_q       <= issue_insn_i[WT_N_GROUPS_LSB +: WT_N_GROUPS_W];
      repeats_q      <= issue_insn_i[WT_REPEATS_LSB +: WT_REPEATS_W];
      repeats_left_q <= issue_insn_i[WT_REPEATS_LSB +: WT_REPEATS_W];
      params_q       <= issue_insn_i[WT_PARAMS_LSB +: WT_PARAMS_W];
      in_par_q       <= issue_insn_i[WT_PARAMS_LSB +: WT_PARAMS_W] != '0;
      left_q         <= issue_insn_i[WT_PARAMS_LSB +: WT_PARAMS_W] == 2'd0
                        ? issue_insn_i[WT_N_WORDS_LSB +: WT_N_WORDS_W]
                        : issue_insn_i[WT_PARAMS_LSB +: WT_PARAMS_W] == 2'd1 ? 24'd4 : 24'd12;
      words_at_q     <= {1'b0, issue_insn_i[WT_OFFSET_LSB+31 : WT_OFFSET_LSB+Shift], Shift'(0)};
      seg_first_q    <= 1'b1;
      nop_q          <= op == I_NOP;
      pc_q           <= issue_pc_i;
    end else if (load) begin
      seg_first_q <= seg_ends_q;
      left_q      <= left_q - 24'(words);
      cur_q       <= cur_q + (33'(words) << $clog2(Cols));
      if (seg_ends_q) begin
        if (!group_ends && !in_par_q) begin       // the same words again
          repeats_left_q <= repeats_left_q - 16'd1;
          cur_q          <= words_at_q;
          left_q         <= n_words_q;
        end else if (!group_ends) begin           // from parameters to words
          in_par_q   <= 1'b0;
          words_at_q <= cur_q + (33'(words) << $clog2(Cols));
          left_q     <= n_words_q;
        end else begin                            // next n-group
          groups_q       <= groups_q - 16'd1;
          repeats_left_q <= repeats_q;
          in_par_q       <= params_q != '0;
          words_at_q     <= cur_q + (33'(words) << $clog2(Cols));
          left_q         <= params_q != '0 ? par_words : n_words_q;
        end
      end
    end
    if (load) begin
      req_off_o         <= cur_q;
      req_pc_o          <= pc_q;
      offer_words_q     <= words;
      offer_par_q       <= in_par_q;
      offer_par_first_q <= in_par_q && seg_first_q;
      offer_set_last_q  <= in_par_q && seg_ends_q;
      offer_last_q      <= all_ends;
    end
    freed_q <= CreditBits'(ring_freed_i);
    if (!rst_ni || clear_i) begin
      busy_q       <= 1'b0;
      offer_q      <= 1'b0;
      credit_q     <= CreditBits'(RingWords);
      par_credit_q <= 2'd2;
      par_freed_q  <= 1'b0;
      freed_q      <= '0;
    end else begin
      busy_q       <= accept || (busy_q && !nop_done && !(load && all_ends));
      offer_q      <= load || !free;
      par_freed_q  <= par_freed_i;
      credit_q     <= credit_q + freed_q
                      - ((taken && !offer_par_q) ? CreditBits'(offer_words_q) : '0);
      par_credit_q <= par_credit_q + 2'(par_freed_q) - 2'(taken && offer_par_first_q);
    end
  end

  // Answers, in the order asked.
  /* verilator lint_off UNUSEDSIGNAL */
  logic       track_valid;
  /* verilator lint_on UNUSEDSIGNAL */
  logic       track_par, track_set_last, track_last, beat_last;
  logic [1:0] kind_q;
  logic [7:0] par_beat_q;
  logic       kind_ends;
  weft_bursts #(.TagBits(3), .Depth(Tracked)) u_bursts (
    .clk_i, .rst_ni, .clear_i, .push_i(taken),
    .tag_i({offer_last_q, offer_set_last_q, offer_par_q}), .beats_i(req_bytes_o >> Shift),
    .beat_i(r_valid_i), .valid_o(track_valid),
    .tag_o({track_last, track_set_last, track_par}), .last_o(beat_last), .count_o(tracked)
  );
  assign done_o    = (r_valid_i && beat_last && track_last) || nop_done;
  assign kind_ends = par_beat_q == 8'(KindBeats - 1);

  assign par_valid_o = r_valid_i && track_par;
  assign par_o       = r_data_i;
  assign par_kind_o  = kind_q;
  assign par_beat_o  = par_beat_q;
  assign par_last_o  = track_set_last && beat_last;

  always_ff @(posedge clk_i)
    if (!rst_ni || clear_i) begin
      kind_q     <= '0;
      par_beat_q <= '0;
    end else if (par_valid_o) begin
      par_beat_q <= (kind_ends || par_last_o) ? '0 : par_beat_q + 8'd1;
      kind_q     <= par_last_o ? '0 : kind_q + 2'(kind_ends);
    end

  // Beats to ring words.
  if (WordBeats == 1) begin : g_whole
    assign word_valid_o = r_valid_i && !track_par;
    assign word_o       = r_data_i;
  end else begin : g_beats
    logic [$clog2(WordBeats)-1:0] beat_q;
    logic [Cols*8-1:BeatBytes*8]  word_q;           // all but the last beat
    assign word_valid_o = r_valid_i && !track_par && beat_q == ($clog2(WordBeats))'(WordBeats - 1);
    assign word_o       = {r_data_i, word_q};
    always_ff @(posedge clk_i) begin
      if (r_valid_i) word_q <= word_o[Cols*8-1:BeatBytes*8];
      if (!rst_ni || clear_i) beat_q <= '0;
      else if (r_valid_i && !track_par) beat_q <= beat_q + 1'b1;
    end
  end
endmodule
