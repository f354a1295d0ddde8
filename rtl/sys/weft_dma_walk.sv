// SPDX-License-Identifier: Apache-2.0
// The scratchpad side that LD and ST share: banks and rows of the words of lines of
// pixels, one word a step. The next line is prepared while the present one goes, so
// that only the first line, and a line after one of a single word, cost a cycle more.
module weft_dma_walk #(
  parameter int Rows = 8,
  parameter int WordBytes = 8,
  parameter int BeatBytes = 4
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         clear_i,
  input  logic         start_i,       // only while idle_o
  output logic         idle_o,
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
  output logic         line_o,        // the next word is a line's first; align_o is its
                                      // first byte in its beat
  output logic [$clog2(BeatBytes)-1:0] align_o,
  output logic         valid_o,       // a word; held until step_i
  input  logic         step_i,
  output logic [$clog2(Rows)-1:0] bank_o,
  output logic [15:0]  row_o,
  output logic [5:0]   bytes_o,       // 1..WordBytes
  output logic         line_last_o,
  output logic         last_o
);
  localparam int BankBits = $clog2(Rows);
  localparam int Shift = $clog2(BeatBytes);

  typedef enum logic [1:0] {Idle, Line, Words} state_e;
  state_e state_q;

  logic [15:0] channels_q, g_q, pitch_row_q, plane_x_q, plane_y_q;
  logic [11:0] width_q, lines_left_q, x_left_q;
  logic        px_q, py_q, x_odd_q, y_odd_q;
  logic [BankBits-1:0] pitch_mod_q, line_mod_q, pix_mod_q;
  logic [15:0] line_row_q, pix_row_q, row_q, left_q, line_plane_q, next_plane_q;
  logic [Shift-1:0] align_q, align_step_q;

  logic word_ends, pix_ends, line_ends, pix_carry, ready_q, enter;
  logic [15:0] pix_row_d;
  logic [BankBits:0] line_mod_d;

  assign word_ends  = state_q == Words && step_i;
  assign pix_ends   = left_q <= 16'(WordBytes);
  assign line_ends  = pix_ends && x_left_q == 12'd1;
  assign bytes_o    = pix_ends ? left_q[5:0] : 6'(WordBytes);
  assign line_last_o = line_ends;
  assign last_o     = line_ends && lines_left_q == 12'd1;
  assign valid_o    = state_q == Words;
  assign idle_o     = state_q == Idle;
  assign enter      = state_q == Line || (word_ends && line_ends && !last_o && ready_q);
  assign line_o     = enter;
  assign align_o    = align_q;
  assign bank_o     = pix_mod_q;
  assign row_o      = row_q;

  assign pix_carry  = (!px_q || x_odd_q) && pix_mod_q == '1;
  assign pix_row_d  = pix_row_q + (pix_carry ? g_q : 16'd0);
  assign line_mod_d = {1'b0, line_mod_q} + {1'b0, pitch_mod_q};

  always_ff @(posedge clk_i) begin
    if (start_i) begin
      channels_q   <= channels_i;
      g_q          <= g_i;
      pitch_row_q  <= pitch_row_i;
      pitch_mod_q  <= pitch_mod_i[BankBits-1:0];
      plane_x_q    <= plane_x_i;
      plane_y_q    <= plane_y_i;
      width_q      <= width_i;
      px_q         <= px_i;
      py_q         <= py_i;
      lines_left_q <= lines_i;
      line_row_q   <= row_i;
      line_mod_q   <= mod_i[BankBits-1:0];
      next_plane_q <= '0;
      y_odd_q      <= 1'b0;
      align_q      <= align_i;
      align_step_q <= align_step_i;
    end
    if (word_ends && !pix_ends) begin
      row_q  <= row_q + 16'd1;
      left_q <= left_q - 16'(WordBytes);
    end
    if (word_ends && pix_ends) begin
      left_q    <= channels_q;
      x_left_q  <= x_left_q - 12'd1;
      x_odd_q   <= !x_odd_q;
      pix_row_q <= pix_row_d;
      if (!px_q || x_odd_q) pix_mod_q <= pix_mod_q + 1'b1;
      row_q     <= pix_row_d + line_plane_q + ((px_q && !x_odd_q) ? plane_x_q : 16'd0);
    end
    if (word_ends && line_ends) lines_left_q <= lines_left_q - 12'd1;
    if (enter) begin
      x_left_q  <= width_q;
      x_odd_q   <= 1'b0;
      left_q    <= channels_q;
      pix_row_q <= line_row_q;
      pix_mod_q <= line_mod_q;
      row_q     <= line_row_q + next_plane_q;
      line_plane_q <= next_plane_q;
    end
    ready_q <= !enter && (ready_q || state_q == Words);
    if (state_q == Words && !ready_q) begin       // on to the next line's start
      y_odd_q      <= !y_odd_q;
      align_q      <= align_q + align_step_q;
      next_plane_q <= (py_q && !y_odd_q) ? plane_y_q : 16'd0;
      if (!py_q || y_odd_q) begin
        line_mod_q <= line_mod_d[BankBits-1:0];
        line_row_q <= line_row_q + pitch_row_q + (line_mod_d[BankBits] ? g_q : 16'd0);
      end
    end
    if (!rst_ni || clear_i) state_q <= Idle;
    else
      case (state_q)
        Idle:    if (start_i) state_q <= Line;
        Line:    state_q <= Words;
        Words:   if (word_ends && line_ends && !enter) state_q <= last_o ? Idle : Line;
        default: state_q <= Idle;
      endcase
  end
endmodule
