// SPDX-License-Identifier: Apache-2.0
// LD: DRAM lines to scratchpad words. Bursts are asked for only when the beat
// buffer has room for them; a byte window turns beats into pixel words of any
// alignment, pad bytes 0, one word a cycle.
module weft_ld #(
  parameter int Rows = 8,
  parameter int WordBytes = 8,
  parameter int BeatBytes = 4
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,
  input  logic                    clear_i,
  input  logic                    issue_valid_i,
  output logic                    issue_ready_o,
  input  logic [127:0]            issue_insn_i,
  input  logic [27:0]             issue_pc_i,
  output logic                    done_o,
  output logic                    req_valid_o,
  input  logic                    req_ready_i,
  output logic [32:0]             req_off_o,
  output logic [6:0]              req_bytes_o,
  output logic [1:0]              req_region_o,
  output logic [27:0]             req_pc_o,
  input  logic                    r_valid_i,
  input  logic [BeatBytes*8-1:0]  r_data_i,
  output logic                    wr_valid_o,
  input  logic                    wr_ready_i,
  output logic [$clog2(Rows)-1:0] wr_bank_o,
  output logic [15:0]             wr_row_o,
  output logic [WordBytes*8-1:0]  wr_data_o
);
  localparam int Buffer = 128;                       // beats
  localparam int Shift = $clog2(BeatBytes);
  localparam int Window = (2 * WordBytes > 4 * BeatBytes) ? 2 * WordBytes : 4 * BeatBytes;
  localparam int WinBits = $clog2(Window);
  localparam int Slots = Window / BeatBytes;
  localparam int BeatBits = WinBits + 1 - Shift;     // beats of the window, 0..Slots
  localparam int ReachBits = $clog2(WordBytes / BeatBytes + 3);

  logic        walk_valid, walk_take, walk_nop, walk_px, walk_py;
  logic [15:0] walk_row, walk_channels, walk_g, walk_pitch_row, walk_plane_x, walk_plane_y;
  logic [11:0] walk_lines, walk_width;
  logic [4:0]  walk_mod, walk_pitch_mod;
  logic [Shift-1:0] walk_align, walk_align_step;
  logic        front_valid;
  logic [6:0]  front_beats;
  /* verilator lint_off UNUSEDSIGNAL */
  logic        front_last;
  logic [$clog2(Buffer):0] beat_count;
  /* verilator lint_on UNUSEDSIGNAL */
  logic [$clog2(Buffer):0] room_q;

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
  assign req_valid_o = front_valid && room_q >= ($clog2(Buffer) + 1)'(front_beats);

  logic walk_idle, word_valid, word_step, last;
  logic [Shift-1:0] first;
  logic [ReachBits-1:0] reach, after;
  logic [$clog2(Rows)-1:0] bank;
  logic [15:0] row;
  logic [5:0]  bytes;

  weft_dma_walk #(.Rows(Rows), .WordBytes(WordBytes), .BeatBytes(BeatBytes)) u_walk (
    .clk_i, .rst_ni, .clear_i, .start_i(walk_take && !walk_nop), .idle_o(walk_idle),
    .row_i(walk_row), .lines_i(walk_lines), .width_i(walk_width), .channels_i(walk_channels),
    .px_i(walk_px), .py_i(walk_py), .g_i(walk_g), .mod_i(walk_mod),
    .pitch_row_i(walk_pitch_row), .pitch_mod_i(walk_pitch_mod), .plane_x_i(walk_plane_x),
    .plane_y_i(walk_plane_y), .align_i(walk_align), .align_step_i(walk_align_step),
    .valid_o(word_valid), .step_i(word_step), .bank_o(bank), .row_o(row), .bytes_o(bytes),
    .first_o(first), .reach_o(reach), .after_o(after), .last_o(last)
  );
  assign walk_take = walk_valid && walk_idle && !(walk_nop && wr_valid_o);

  // Beats to a window of bytes: a circular register file, filled by beats.
  logic                   beat_valid, beat_pop;
  logic [BeatBytes*8-1:0] beat;
  weft_fifo_bram #(.Width(BeatBytes * 8), .Depth(Buffer)) u_beats (
    .clk_i, .rst_ni, .clear_i, .push_i(r_valid_i), .data_i(r_data_i), .pop_i(beat_pop),
    .valid_o(beat_valid), .data_o(beat), .count_o(beat_count)
  );

  logic [Window*8-1:0] window_q;
  logic [BeatBits-2:0] fill_q, take_q;               // beat pointers
  logic [BeatBits-1:0] beats_q;                      // in the window
  logic [WinBits-1:0]  at;                           // a word's first byte
  logic                wr_last_q, out_free;

  assign at        = {take_q, first};
  assign beat_pop  = beat_valid && beats_q != BeatBits'(Slots);
  assign out_free  = !wr_valid_o || wr_ready_i;
  assign word_step = word_valid && out_free && beats_q >= BeatBits'(reach);

  // A word from the window: rotate by the byte pointer; what is not its own is cleared
  // behind the register.
  logic [Window*8-1:0]    turned;
  logic [WordBytes*8-1:0] word_q;
  logic [WordBytes-1:0]   own_q;
  always_comb begin
    turned = window_q;
    for (int k = WinBits - 1; k >= 0; k--)                 // 2^k bytes down, or not
      if (at[k]) turned = (turned >> (8 << k)) | (turned << (Window * 8 - (8 << k)));
    for (int b = 0; b < WordBytes; b++) wr_data_o[b*8 +: 8] = own_q[b] ? word_q[b*8 +: 8] : 8'd0;
  end

  assign done_o = (wr_valid_o && wr_ready_i && wr_last_q) || (walk_take && walk_nop);

  always_ff @(posedge clk_i) begin
    for (int s = 0; s < Slots; s++)
      if (beat_pop && fill_q == (BeatBits - 1)'(s))
        window_q[s*BeatBytes*8 +: BeatBytes*8] <= beat;
    if (word_step) begin
      wr_bank_o <= bank;
      wr_row_o  <= row;
      word_q    <= turned[WordBytes*8-1:0];
      for (int b = 0; b < WordBytes; b++) own_q[b] <= 6'(b) < bytes;
      wr_last_q <= last;
    end
    if (!rst_ni || clear_i) begin
      wr_valid_o <= 1'b0;
      fill_q     <= '0;
      take_q     <= '0;
      beats_q    <= '0;
      room_q     <= ($clog2(Buffer) + 1)'(Buffer);
    end else begin
      wr_valid_o <= word_step || !out_free;
      if (beat_pop) fill_q <= fill_q + 1'b1;
      if (word_step) take_q <= take_q + (BeatBits - 1)'(after);
      beats_q <= beats_q + BeatBits'(beat_pop) - (word_step ? BeatBits'(after) : '0);
      room_q <= room_q + ($clog2(Buffer) + 1)'(beat_pop)
                - (req_ready_i ? ($clog2(Buffer) + 1)'(front_beats) : '0);
    end
  end
endmodule
