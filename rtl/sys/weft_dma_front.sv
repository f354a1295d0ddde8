// SPDX-License-Identifier: Apache-2.0
// What LD and ST share on the memory side: engine registers, and the walk over
// lines as bursts of at most 64 bytes, one in two cycles. The next instruction's
// bursts follow without a gap; its scratchpad walk is handed over as soon as the walker is free.
// Fields of LD and ST are at the same positions, which elaboration checks.
module weft_dma_front #(
  parameter int BeatBytes = 4
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         clear_i,
  input  logic         issue_valid_i,
  output logic         issue_ready_o,
  input  logic [127:0] issue_insn_i,
  input  logic [27:0]  issue_pc_i,
  // Scratchpad walk of the instruction, stable while walk_valid_o; nop: nothing to do.
  output logic         walk_valid_o,
  input  logic         walk_ready_i,
  output logic         walk_nop_o,
  output logic [15:0]  walk_row_o,
  output logic [11:0]  walk_lines_o,
  output logic [11:0]  walk_width_o,
  output logic [15:0]  walk_channels_o,
  output logic         walk_px_o,
  output logic         walk_py_o,
  output logic [15:0]  walk_g_o,
  output logic [4:0]   walk_mod_o,
  output logic [15:0]  walk_pitch_row_o,
  output logic [4:0]   walk_pitch_mod_o,
  output logic [15:0]  walk_plane_x_o,
  output logic [15:0]  walk_plane_y_o,
  output logic [$clog2(BeatBytes)-1:0] walk_align_o,        // first byte in its beat
  output logic [$clog2(BeatBytes)-1:0] walk_align_step_o,   // added for each line
  // Bursts
  output logic         req_valid_o,
  input  logic         req_ready_i,
  output logic [32:0]  req_off_o,
  output logic [6:0]   req_bytes_o,
  output logic [6:0]   req_beats_o,
  output logic [1:0]   req_region_o,
  output logic [27:0]  req_pc_o,
  output logic         req_last_o
);
  import weft_isa_pkg::*;

  localparam int Shift = $clog2(BeatBytes);

  if (LD_OFFSET_LSB != ST_OFFSET_LSB || LD_ROW_LSB != ST_ROW_LSB || LD_LINES_LSB != ST_LINES_LSB ||
      LD_WIDTH_LSB != ST_WIDTH_LSB || LD_CHANNELS_LSB != ST_CHANNELS_LSB ||
      LD_REGION_LSB != ST_REGION_LSB || LD_PX_LSB != ST_PX_LSB || LD_PY_LSB != ST_PY_LSB ||
      LCFG_REG_A_LSB != SCFG_REG_A_LSB || LCFG_REG_B_LSB != SCFG_REG_B_LSB ||
      LCFG_VAL_A_LSB != SCFG_VAL_A_LSB || LCFG_VAL_B_LSB != SCFG_VAL_B_LSB)
    $error("LD and ST must have their fields at the same positions");

  typedef enum logic [1:0] {Idle, Multiply, Bursts, HandOver} state_e;
  state_e state_q;

  logic [5:0] op;
  logic       accept, is_cfg, is_nop;
  assign op     = issue_insn_i[H_OP_LSB +: H_OP_W];
  assign is_cfg = op == I_LCFG || op == I_SCFG;
  assign is_nop = op == I_NOP;
  assign issue_ready_o = state_q == Idle;
  assign accept = issue_valid_i && issue_ready_o;

  // Engine registers; bits that no field covers are not kept.
  logic [31:0] line_pitch_q;
  logic [15:0] g_q, pitch_row_q, plane_x_q, plane_y_q;
  logic [4:0]  mod_q, pitch_mod_q;
  logic [1:0]  port_hit [4];
  logic [31:0] port_val [4];
  always_comb
    for (int r = 0; r < 4; r++) begin
      port_hit[r][0] = issue_insn_i[LCFG_REG_A_LSB +: LCFG_REG_A_W] == 8'(r);
      port_hit[r][1] = issue_insn_i[LCFG_REG_B_LSB +: LCFG_REG_B_W] == 8'(r);
      port_val[r] = port_hit[r][1] ? issue_insn_i[LCFG_VAL_B_LSB +: 32]
                                   : issue_insn_i[LCFG_VAL_A_LSB +: 32];
    end
  always_ff @(posedge clk_i)
    if (accept && is_cfg) begin
      if (port_hit[REG_LD_LINE] != '0) line_pitch_q <= port_val[REG_LD_LINE];
      if (port_hit[REG_LD_WORDS] != '0) begin
        g_q   <= port_val[REG_LD_WORDS][R_LD_WORDS_G_LSB +: R_LD_WORDS_G_W];
        mod_q <= port_val[REG_LD_WORDS][R_LD_WORDS_MOD_LSB +: R_LD_WORDS_MOD_W];
      end
      if (port_hit[REG_LD_PITCH] != '0) begin
        pitch_row_q <= port_val[REG_LD_PITCH][R_LD_PITCH_ROW_LSB +: R_LD_PITCH_ROW_W];
        pitch_mod_q <= port_val[REG_LD_PITCH][R_LD_PITCH_MOD_LSB +: R_LD_PITCH_MOD_W];
      end
      if (port_hit[REG_LD_PLANES] != '0) begin
        plane_x_q <= port_val[REG_LD_PLANES][R_LD_PLANES_PLANE_X_LSB +: R_LD_PLANES_PLANE_X_W];
        plane_y_q <= port_val[REG_LD_PLANES][R_LD_PLANES_PLANE_Y_LSB +: R_LD_PLANES_PLANE_Y_W];
      end
    end

  // The instruction.
  logic [15:0] row_q, channels_q;
  logic [11:0] lines_q, width_q;
  logic        px_q, py_q, nop_q, pending_q;
  logic [1:0]  region_q;
  logic [27:0] pc_q;
  logic [Shift-1:0] align_q;
  always_ff @(posedge clk_i)
    if (accept && !is_cfg) begin
      row_q      <= issue_insn_i[LD_ROW_LSB +: LD_ROW_W];
      lines_q    <= issue_insn_i[LD_LINES_LSB +: LD_LINES_W];
      width_q    <= issue_insn_i[LD_WIDTH_LSB +: LD_WIDTH_W];
      channels_q <= issue_insn_i[LD_CHANNELS_LSB +: LD_CHANNELS_W];
      px_q       <= issue_insn_i[LD_PX_LSB];
      py_q       <= issue_insn_i[LD_PY_LSB];
      region_q   <= issue_insn_i[LD_REGION_LSB +: LD_REGION_W];
      align_q    <= issue_insn_i[LD_OFFSET_LSB +: Shift];
      nop_q      <= is_nop;
      pc_q       <= issue_pc_i;
    end

  assign walk_valid_o      = pending_q;
  assign walk_nop_o        = nop_q;
  assign walk_row_o        = row_q;
  assign walk_lines_o      = lines_q;
  assign walk_width_o      = width_q;
  assign walk_channels_o   = channels_q;
  assign walk_px_o         = px_q;
  assign walk_py_o         = py_q;
  assign walk_g_o          = g_q;
  assign walk_mod_o        = mod_q;
  assign walk_pitch_row_o  = pitch_row_q;
  assign walk_pitch_mod_o  = pitch_mod_q;
  assign walk_plane_x_o    = plane_x_q;
  assign walk_plane_y_o    = plane_y_q;
  assign walk_align_o      = align_q;
  assign walk_align_step_o = line_pitch_q[Shift-1:0];

  // Bytes of a line by shift and add, as many cycles as WIDTH has bits.
  logic [27:0] line_bytes_q, addend_q;
  logic [11:0] factor_q;

  // Bursts. An offset beyond 32 bits stays beyond.
  logic [32:0] cur_q, next_q, next_d;
  logic [33:0] stepped;
  logic [27:0] left_q;
  logic [11:0] lines_left_q;
  logic [6:0]  most, bytes;
  logic        free, load, line_ends_q, settled_q, all_ends;
  /* verilator lint_off UNUSEDSIGNAL */
  logic [7:0]  span;
  /* verilator lint_on UNUSEDSIGNAL */

  assign most      = 7'd64 - 7'(cur_q[Shift-1:0]);
  assign all_ends  = line_ends_q && lines_left_q == 12'd1;
  assign bytes     = line_ends_q ? left_q[6:0] : most;
  assign span      = 8'(cur_q[Shift-1:0]) + 8'(bytes) + 8'(BeatBytes - 1);
  assign free      = !req_valid_o || req_ready_i;
  assign load      = state_q == Bursts && settled_q && free;
  assign stepped   = {1'b0, next_q} + 34'(line_pitch_q);
  assign next_d    = {stepped[33] | stepped[32], stepped[31:0]};

  always_ff @(posedge clk_i) begin
    line_ends_q <= left_q <= 28'(most);           // one cycle behind
    settled_q   <= state_q == Bursts && !load;
    if (accept) begin
      line_bytes_q <= '0;
      addend_q     <= 28'(issue_insn_i[LD_CHANNELS_LSB +: LD_CHANNELS_W]);
      factor_q     <= issue_insn_i[LD_WIDTH_LSB +: LD_WIDTH_W];
      cur_q        <= {1'b0, issue_insn_i[LD_OFFSET_LSB +: LD_OFFSET_W]};
      next_q       <= {1'b0, issue_insn_i[LD_OFFSET_LSB +: LD_OFFSET_W]};
      lines_left_q <= issue_insn_i[LD_LINES_LSB +: LD_LINES_W];
    end else if (state_q == Multiply) begin
      if (factor_q[0]) line_bytes_q <= line_bytes_q + addend_q;
      addend_q <= addend_q << 1;
      factor_q <= factor_q >> 1;
      if (factor_q == '0) begin
        left_q <= line_bytes_q;
        next_q <= next_d;
      end
    end else if (load) begin
      if (line_ends_q) begin
        cur_q        <= next_q;
        next_q       <= next_d;
        left_q       <= line_bytes_q;
        lines_left_q <= lines_left_q - 12'd1;
      end else begin
        cur_q  <= cur_q + 33'(most);
        left_q <= left_q - 28'(most);
      end
    end
    if (load) begin
      req_off_o    <= cur_q;
      req_bytes_o  <= bytes;
      req_beats_o  <= 7'(span >> Shift);
      req_region_o <= region_q;
      req_pc_o     <= pc_q;
      req_last_o   <= all_ends;
    end
    if (!rst_ni || clear_i) begin
      state_q     <= Idle;
      req_valid_o <= 1'b0;
      pending_q   <= 1'b0;
    end else begin
      req_valid_o <= load || !free;
      if (accept && !is_cfg) pending_q <= 1'b1;
      else if (walk_ready_i) pending_q <= 1'b0;
      case (state_q)
        Idle:     if (accept && !is_cfg) state_q <= is_nop ? HandOver : Multiply;
        Multiply: if (factor_q == '0) state_q <= Bursts;
        Bursts:   if (load && all_ends) state_q <= HandOver;
        HandOver: if (!pending_q || walk_ready_i) state_q <= Idle;
        default:  state_q <= Idle;
      endcase
    end
  end
endmodule
