// SPDX-License-Identifier: Apache-2.0
// ST: scratchpad words to DRAM lines. Words are packed into beats, strobes at the
// edges of a line; a burst is asked for when all its beats are buffered. An
// instruction ends when memory took its last beat.
module weft_st #(
  parameter int Rows = 8,
  parameter int WordBytes = 8,
  parameter int BeatBytes = 4
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,
  input  logic                    clear_i,
  input  logic                    stop_i,
  input  logic                    issue_valid_i,
  output logic                    issue_ready_o,
  input  logic [127:0]            issue_insn_i,
  input  logic [27:0]             issue_pc_i,
  output logic                    done_o,
  output logic                    writing_o,       // bursts asked for and not finished
  output logic                    req_valid_o,
  input  logic                    req_ready_i,
  output logic [32:0]             req_off_o,
  output logic [6:0]              req_bytes_o,
  output logic [1:0]              req_region_o,
  output logic [27:0]             req_pc_o,
  input  logic                    w_ready_i,
  output logic [BeatBytes*8-1:0]  w_data_o,
  output logic [BeatBytes-1:0]    w_strb_o,
  output logic                    rd_valid_o,
  input  logic                    rd_ready_i,
  output logic [$clog2(Rows)-1:0] rd_bank_o,
  output logic [15:0]             rd_row_o,
  input  logic                    data_valid_i,
  input  logic [WordBytes*8-1:0]  data_i
);
  localparam int Ahead = 16;                         // words read and not yet packed
  localparam int Buffer = 64;                        // beats
  localparam int Tracked = 8;                        // bursts
  localparam int Shift = $clog2(BeatBytes);
  localparam int Window = (2 * WordBytes > 4 * BeatBytes) ? 2 * WordBytes : 4 * BeatBytes;
  localparam int WinBits = $clog2(Window);
  localparam int WordBits = $clog2(WordBytes);
  localparam int Slots = Window / BeatBytes;
  localparam int BeatBits = WinBits + 1 - Shift;     // beat pointer, one wrap bit
  localparam int CountBits = $clog2(Buffer) + 1;
  localparam int ReachBits = $clog2(WordBytes / BeatBytes + 3);

  logic        walk_valid, walk_take, walk_nop, walk_px, walk_py, walk_idle;
  logic [15:0] walk_row, walk_channels, walk_g, walk_pitch_row, walk_plane_x, walk_plane_y;
  logic [11:0] walk_lines, walk_width;
  logic [4:0]  walk_mod, walk_pitch_mod;
  logic [Shift-1:0] walk_align, walk_align_step;
  logic        front_valid, front_last;
  logic [6:0]  front_beats;
  logic [CountBits-1:0] ready_beats_q;
  logic [$clog2(Tracked):0] tracked;

  weft_dma_front #(.BeatBytes(BeatBytes)) u_front (
    .clk_i, .rst_ni, .clear_i, .issue_valid_i, .issue_ready_o, .issue_insn_i, .issue_pc_i,
    .walk_valid_o(walk_valid), .walk_ready_i(walk_take), .walk_nop_o(walk_nop),
    .walk_row_o(walk_row), .walk_lines_o(walk_lines), .walk_width_o(walk_width),
    .walk_channels_o(walk_channels), .walk_px_o(walk_px), .walk_py_o(walk_py),
    .walk_g_o(walk_g), .walk_mod_o(walk_mod), .walk_pitch_row_o(walk_pitch_row),
    .walk_pitch_mod_o(walk_pitch_mod), .walk_plane_x_o(walk_plane_x),
    .walk_plane_y_o(walk_plane_y), .walk_align_o(walk_align),
    .walk_align_step_o(walk_align_step),
    .req_valid_o(front_valid), .req_ready_i, .req_off_o, .req_bytes_o,
    .req_beats_o(front_beats), .req_region_o, .req_pc_o, .req_last_o(front_last)
  );
  assign req_valid_o = front_valid && ready_beats_q >= CountBits'(front_beats) &&
                       !tracked[$clog2(Tracked)];

  // Scratchpad reads, with room for every answer.
  logic word_valid, word_step, stop_q;
  logic [Shift-1:0] first;
  logic [ReachBits-1:0] word_reach, word_after;
  logic [5:0]  bytes;
  logic [$clog2(Ahead):0] noted;
  /* verilator lint_off UNUSEDSIGNAL */
  logic        last;
  /* verilator lint_on UNUSEDSIGNAL */

  weft_dma_walk #(.Rows(Rows), .WordBytes(WordBytes), .BeatBytes(BeatBytes)) u_walk (
    .clk_i, .rst_ni, .clear_i, .start_i(walk_take && !walk_nop), .idle_o(walk_idle),
    .row_i(walk_row), .lines_i(walk_lines), .width_i(walk_width), .channels_i(walk_channels),
    .px_i(walk_px), .py_i(walk_py), .g_i(walk_g), .mod_i(walk_mod),
    .pitch_row_i(walk_pitch_row), .pitch_mod_i(walk_pitch_mod), .plane_x_i(walk_plane_x),
    .plane_y_i(walk_plane_y), .align_i(walk_align), .align_step_i(walk_align_step),
    .valid_o(word_valid), .step_i(word_step), .bank_o(rd_bank_o), .row_o(rd_row_o),
    .bytes_o(bytes), .first_o(first), .reach_o(word_reach), .after_o(word_after), .last_o(last)
  );
  assign rd_valid_o = word_valid && !stop_q && !noted[$clog2(Ahead)];
  assign word_step  = rd_valid_o && rd_ready_i;

  // Where each word goes in the window, noted as it is read: its first byte, its lanes
  // (byte b of a word goes to lane (at + b) mod WordBytes), whole beats up to its end,
  // and beats that its end reaches into.
  logic [BeatBits-1:0]  next_q, after_beats, reach_beats, note_after, note_reach;
  logic [WinBits-1:0]   at;
  logic [WinBits-1:0]   note_at;
  logic [WordBytes-1:0] lanes, note_lanes;
  assign at          = {next_q[BeatBits-2:0], first};
  assign after_beats = next_q + BeatBits'(word_after);
  assign reach_beats = next_q + BeatBits'(word_reach);
  always_comb begin
    for (int b = 0; b < WordBytes; b++) lanes[b] = 6'(b) < bytes;
    for (int k = 0; k < WordBits; k++)                     // 2^k lanes up, or not
      if (at[k]) lanes = (lanes << (1 << k)) | (lanes >> (WordBytes - (1 << k)));
  end

  logic        pack, data_valid;
  logic [WordBytes*8-1:0] data;
  /* verilator lint_off UNUSEDSIGNAL */
  logic        note_valid;
  logic [$clog2(Ahead):0] data_count;
  logic [CountBits-1:0] beat_count;
  logic        beat_valid;
  /* verilator lint_on UNUSEDSIGNAL */
  weft_fifo_lut #(.Width(WinBits + WordBytes + 2 * BeatBits), .Depth(Ahead)) u_notes (
    .clk_i, .rst_ni, .clear_i, .push_i(word_step),
    .data_i({at, lanes, after_beats, reach_beats}), .pop_i(pack),
    .valid_o(note_valid), .data_o({note_at, note_lanes, note_after, note_reach}), .count_o(noted)
  );
  weft_fifo_lut #(.Width(WordBytes * 8), .Depth(Ahead)) u_data (
    .clk_i, .rst_ni, .clear_i, .push_i(data_valid_i), .data_i(data_i), .pop_i(pack),
    .valid_o(data_valid), .data_o(data), .count_o(data_count)
  );

  // Words to a window of bytes with strobes; whole beats leave it.
  logic [Window*8-1:0] window_q;
  logic [Window-1:0]   strb_q, mask;
  logic [BeatBits-1:0] put_q, send_q, reach;         // beats
  logic                send, drop_q;
  assign reach = note_reach - send_q;
  assign pack  = data_valid && reach <= BeatBits'(Slots);
  assign send  = put_q != send_q && !drop_q;

  // A lane below the first one belongs to the next word of the window.
  logic [WordBytes*8-1:0] turned;
  logic [WinBits-WordBits-1:0] word_at;
  always_comb begin
    turned = data;
    for (int k = 0; k < WordBits; k++)                     // 2^k bytes up, or not
      if (note_at[k]) turned = (turned << (8 << k)) | (turned >> (WordBytes * 8 - (8 << k)));
    for (int b = 0; b < Window; b++) begin
      word_at = note_at[WinBits-1:WordBits] + (WinBits-WordBits)'(WordBits'(b) < note_at[WordBits-1:0]);
      mask[b] = note_lanes[b % WordBytes] && word_at == (WinBits-WordBits)'(b / WordBytes);
    end
  end

  logic [Slots-1:0] slot_hit;
  logic [BeatBytes*8-1:0] out_data;
  logic [BeatBytes-1:0]   out_strb;
  always_comb begin
    out_data = '0;
    out_strb = '0;
    for (int s = 0; s < Slots; s++) begin
      slot_hit[s] = send_q[BeatBits-2:0] == (BeatBits - 1)'(s);
      out_data |= slot_hit[s] ? window_q[s*BeatBytes*8 +: BeatBytes*8] : '0;
      out_strb |= slot_hit[s] ? strb_q[s*BeatBytes +: BeatBytes] : '0;
    end
  end

  weft_fifo_bram #(.Width(BeatBytes * 9), .Depth(Buffer)) u_beats (
    .clk_i, .rst_ni, .clear_i, .push_i(send), .data_i({out_strb, out_data}), .pop_i(w_ready_i),
    .valid_o(beat_valid), .data_o({w_strb_o, w_data_o}), .count_o(beat_count)
  );

  // Bursts asked for, oldest first. A NOP ends when none is left.
  logic track_valid, track_last, beat_last;
  assign walk_take  = walk_valid && walk_idle &&
                      (!walk_nop || (!front_valid && !track_valid));
  weft_bursts #(.TagBits(1), .Depth(Tracked)) u_bursts (
    .clk_i, .rst_ni, .clear_i, .push_i(req_ready_i), .tag_i(front_last), .beats_i(front_beats),
    .beat_i(w_ready_i), .valid_o(track_valid), .tag_o(track_last), .last_o(beat_last),
    .count_o(tracked)
  );
  assign done_o    = (w_ready_i && beat_last && track_last) || (walk_take && walk_nop);
  assign writing_o = track_valid;

  always_ff @(posedge clk_i) begin
    stop_q <= stop_i;
    for (int b = 0; b < Window; b++)
      if (pack && mask[b]) window_q[b*8 +: 8] <= turned[(b%WordBytes)*8 +: 8];
    if (!rst_ni || clear_i) begin
      next_q        <= '0;
      strb_q        <= '0;
      put_q         <= '0;
      send_q        <= '0;
      drop_q        <= 1'b0;
      ready_beats_q <= '0;
    end else begin
      if (word_step) next_q <= after_beats;
      for (int s = 0; s < Slots; s++)
        for (int b = 0; b < BeatBytes; b++)
          strb_q[s*BeatBytes+b] <= (pack && mask[s*BeatBytes+b]) ||
                                   (strb_q[s*BeatBytes+b] && !(send && slot_hit[s]));
      if (pack) put_q <= note_after;
      if (send) send_q <= send_q + BeatBits'(1);
      drop_q <= beat_count >= CountBits'(Buffer - 2);
      ready_beats_q <= ready_beats_q + CountBits'(send)
                       - (req_ready_i ? CountBits'(front_beats) : '0);
    end
  end
endmodule
