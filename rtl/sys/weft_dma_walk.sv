// SPDX-License-Identifier: Apache-2.0
// The scratchpad side that LD and ST share: banks and rows of the words of lines of
// pixels, up to Ahead + 1 words before they are used. The next line is prepared while the
// present one goes, so that only the first line, and a line after one of a single
// word, cost a cycle more.
module weft_dma_walk #(
  parameter int Rows = 8,
  parameter int WordBytes = 8,
  parameter int BeatBytes = 4
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         clear_i,
  input  logic         start_i,       // only while idle_o
  output logic         idle_o,        // nothing left, no word waits
  input  logic [15:0]  row_i,
  input  logic [11:0]  lines_i,
  input  logic [11:0]  width_i,
  input  logic [15:0]  channels_i,
  input  logic         px_i,
  input  logic         py_i,
  input  logic [15:0]  g_i,
  /* verilator lint_off UNUSEDSIGNAL */
  input  logic [4:0]   mod_i,
  /* verilator lint_on UNUSEDSIGNAL */
  input  logic [15:0]  pitch_row_i,
  /* verilator lint_off UNUSEDSIGNAL */
  input  logic [4:0]   pitch_mod_i,
  /* verilator lint_on UNUSEDSIGNAL */
  input  logic [15:0]  plane_x_i,
  input  logic [15:0]  plane_y_i,
  input  logic [$clog2(BeatBytes)-1:0] align_i,
  input  logic [$clog2(BeatBytes)-1:0] align_step_i,
  output logic         valid_o,       // a word; held until step_i
  input  logic         step_i,
  output logic [$clog2(Rows)-1:0] bank_o,
  output logic [15:0]  row_o,
  output logic [5:0]   bytes_o,       // 1..WordBytes
  output logic [$clog2(BeatBytes)-1:0] first_o,   // its first byte's place in its beat
  output logic [$clog2(WordBytes/BeatBytes+3)-1:0] reach_o,   // beats that its bytes lie in
  output logic [$clog2(WordBytes/BeatBytes+3)-1:0] after_o,   // of them, those that no later
                                      // word uses: all behind a line's last word
  output logic         last_o
);
  localparam int BankBits = $clog2(Rows);
  localparam int Shift = $clog2(BeatBytes);
  localparam int WordBits = $clog2(WordBytes);
  localparam int LeftBits = 16 - WordBits;
  localparam int ReachBits = $clog2(WordBytes / BeatBytes + 3);
  localparam int Ahead = 4;

  typedef enum logic [1:0] {Idle, Line, Words} state_e;
  state_e state_q;

  // Counters go with a flag for their last value, so that nothing is compared late:
  // words of a pixel, pixels of a line, lines.
  logic [LeftBits-1:0] words_q, left_q;                  // words of a pixel less 1
  logic [WordBits-1:0] tail_q;                           // bytes of its last word less 1
  logic [11:0] width_q, lines_left_q, x_left_q;
  logic        one_word_q, one_pix_q, pix_ends_q, x_last_q, y_last_q;
  logic [15:0] g_q, pitch_row_q, pitch_g_q, plane_x_q, plane_y_q;
  logic        px_q, py_q, x_odd_q, y_odd_q;
  logic [BankBits-1:0] pitch_mod_q, line_mod_q, pix_mod_q;
  logic [15:0] line_row_q, pix_row_q, row_q, next_plane_q;
  logic [Shift-1:0] align_q, align_step_q, first_q;

  logic word_ends, line_ends, ready_q, enter, to_odd, waits;
  logic [15:0] channels_m1, first_row, pix_row_d;
  logic [BankBits:0] line_mod_d;

  logic [5:0]             bytes;
  logic [$clog2(Ahead):0] waiting;
  logic [ReachBits-1:0]   reach, whole;
  logic [6:0]             past;                          // first byte behind the word
  /* verilator lint_off UNUSEDSIGNAL */
  logic [6:0]             past_up;
  /* verilator lint_on UNUSEDSIGNAL */
  assign past       = 7'(first_q) + 7'(bytes);
  assign past_up    = 7'(first_q) + 7'(bytes + 6'(BeatBytes - 1));
  assign whole      = ReachBits'(past[6:Shift]);
  assign reach      = ReachBits'(past_up[6:Shift]);
  assign bytes      = pix_ends_q ? 6'(tail_q) + 6'd1 : 6'(WordBytes);
  assign word_ends  = state_q == Words && !waiting[$clog2(Ahead)];
  assign line_ends  = pix_ends_q && x_last_q;
  assign enter      = state_q == Line || (word_ends && line_ends && !y_last_q && ready_q);
  assign idle_o     = state_q == Idle && !valid_o && !waits;

  weft_fifo_head #(.Width(BankBits + 23 + Shift + 2 * ReachBits), .Depth(Ahead)) u_words (
    .clk_i, .rst_ni, .clear_i, .push_i(word_ends),
    .data_i({pix_mod_q, row_q, bytes, first_q, reach, line_ends ? reach : whole, line_ends && y_last_q}),
    .pop_i(step_i), .valid_o,
    .data_o({bank_o, row_o, bytes_o, first_o, reach_o, after_o, last_o}),
    .waits_o(waits), .count_o(waiting)
  );

  // The next pixel is beside this one, in the plane of odd x, or a carry of the banks further.
  assign to_odd      = px_q && !x_odd_q;
  assign pix_row_d   = pix_row_q + (to_odd ? plane_x_q : pix_mod_q == '1 ? g_q : 16'd0);
  assign first_row   = line_row_q + next_plane_q;
  assign line_mod_d  = {1'b0, line_mod_q} + {1'b0, pitch_mod_q};
  assign channels_m1 = channels_i + 16'hffff;

  always_ff @(posedge clk_i) begin
    if (start_i) begin
      words_q      <= channels_m1[15:WordBits];
      tail_q       <= channels_m1[WordBits-1:0];
      one_word_q   <= channels_m1[15:WordBits] == '0;
      one_pix_q    <= width_i == 12'd1;
      g_q          <= g_i;
      pitch_row_q  <= pitch_row_i;
      pitch_g_q    <= pitch_row_i + g_i;
      pitch_mod_q  <= pitch_mod_i[BankBits-1:0];
      plane_x_q    <= plane_x_i;
      plane_y_q    <= plane_y_i;
      width_q      <= width_i;
      px_q         <= px_i;
      py_q         <= py_i;
      lines_left_q <= lines_i;
      y_last_q     <= lines_i == 12'd1;
      line_row_q   <= row_i;
      line_mod_q   <= mod_i[BankBits-1:0];
      next_plane_q <= '0;
      y_odd_q      <= 1'b0;
      align_q      <= align_i;
      align_step_q <= align_step_i;
    end
    if (word_ends && !pix_ends_q) begin
      row_q      <= row_q + 16'd1;
      left_q     <= left_q + '1;
      pix_ends_q <= left_q == LeftBits'(1);
    end
    if (word_ends && pix_ends_q) begin
      left_q     <= words_q;
      pix_ends_q <= one_word_q;
      x_left_q   <= x_left_q + '1;
      x_last_q   <= x_left_q == 12'd2;
      x_odd_q    <= !x_odd_q;
      if (!to_odd) pix_row_q <= pix_row_d;
      if (!to_odd) pix_mod_q <= pix_mod_q + 1'b1;
      row_q      <= pix_row_d;
    end
    if (word_ends) first_q <= past[Shift-1:0];
    if (word_ends && line_ends) begin
      lines_left_q <= lines_left_q + '1;
      y_last_q     <= lines_left_q == 12'd2;
    end
    if (enter) begin
      first_q    <= align_q;
      left_q     <= words_q;
      pix_ends_q <= one_word_q;
      x_left_q   <= width_q;
      x_last_q   <= one_pix_q;
      x_odd_q    <= 1'b0;
      pix_row_q  <= first_row;
      pix_mod_q  <= line_mod_q;
      row_q      <= first_row;
    end
    ready_q <= !enter && (ready_q || state_q == Words);
    if (state_q == Words && !ready_q) begin       // on to the next line's start
      y_odd_q      <= !y_odd_q;
      align_q      <= align_q + align_step_q;
      next_plane_q <= (py_q && !y_odd_q) ? plane_y_q : 16'd0;
      if (!py_q || y_odd_q) begin
        line_mod_q <= line_mod_d[BankBits-1:0];
        line_row_q <= line_row_q + (line_mod_d[BankBits] ? pitch_g_q : pitch_row_q);
      end
    end
    if (!rst_ni || clear_i) state_q <= Idle;
    else
      case (state_q)
        Idle:    if (start_i) state_q <= Line;
        Line:    state_q <= Words;
        Words:   if (word_ends && line_ends && !enter) state_q <= y_last_q ? Idle : Line;
        default: state_q <= Idle;
      endcase
  end
endmodule
