// SPDX-License-Identifier: Apache-2.0
// The ILLEGAL rules of configs/README.md, of one instruction word, combinational.
module weft_legal (
  input  logic [127:0] insn_i,
  output logic         legal_o
);
  import weft_isa_pkg::*;

  function automatic logic reg_ok(input logic [7:0] index, input int last);
    return index == 8'hff || int'(index) <= last;
  endfunction

  logic [5:0] op;
  logic       header_ok, body_ok, whole;

  assign op = insn_i[H_OP_LSB +: H_OP_W];
  assign header_ok = insn_known(op) && (insn_i & ~insn_mask(op)) == '0 &&
                     insn_queue_ok(op, insn_i[H_QUEUE_LSB +: H_QUEUE_W]) &&
                     (insn_ordered(op) || (insn_i[H_WAIT_N_LSB +: H_WAIT_N_W] == '0 &&
                                           insn_i[H_SIG_N_LSB +: H_SIG_N_W] == '0));
  assign whole = insn_i[EXC_FIRST_K_LSB] && insn_i[EXC_LAST_K_LSB];

  always_comb begin
    case (op)
      I_EXC:
        body_ok = insn_i[EXC_N_TILES_LSB +: EXC_N_TILES_W] != '0 &&
                  insn_i[EXC_N_GROUPS_LSB +: EXC_N_GROUPS_W] != '0 &&
                  insn_i[EXC_N_TAPS_LSB +: EXC_N_TAPS_W] != '0 &&
                  insn_i[EXC_LAST_ROWS_LSB +: EXC_LAST_ROWS_W] != '0 &&
                  (!insn_i[EXC_MAX_LSB] || insn_i[EXC_UNIT_LSB]) &&
                  (whole || (insn_i[EXC_N_TILES_LSB +: EXC_N_TILES_W] == 16'd1 &&
                             insn_i[EXC_N_GROUPS_LSB +: EXC_N_GROUPS_W] == 16'd1));
      I_LD:
        body_ok = insn_i[LD_LINES_LSB +: LD_LINES_W] != '0 &&
                  insn_i[LD_WIDTH_LSB +: LD_WIDTH_W] != '0 &&
                  insn_i[LD_CHANNELS_LSB +: LD_CHANNELS_W] != '0;
      I_ST:
        body_ok = insn_i[ST_LINES_LSB +: ST_LINES_W] != '0 &&
                  insn_i[ST_WIDTH_LSB +: ST_WIDTH_W] != '0 &&
                  insn_i[ST_CHANNELS_LSB +: ST_CHANNELS_W] != '0 &&
                  insn_i[ST_REGION_LSB +: ST_REGION_W] != '0;
      I_WT:
        body_ok = insn_i[WT_N_GROUPS_LSB +: WT_N_GROUPS_W] != '0 &&
                  insn_i[WT_REPEATS_LSB +: WT_REPEATS_W] != '0 &&
                  insn_i[WT_PARAMS_LSB +: WT_PARAMS_W] != 2'd3 &&
                  (insn_i[WT_PARAMS_LSB +: WT_PARAMS_W] != 2'd0 ||
                   insn_i[WT_N_WORDS_LSB +: WT_N_WORDS_W] != '0);
      I_CFG:
        body_ok = reg_ok(insn_i[CFG_REG_A_LSB +: CFG_REG_A_W], REG_EX_RES_PITCH) &&
                  reg_ok(insn_i[CFG_REG_B_LSB +: CFG_REG_B_W], REG_EX_RES_PITCH);
      I_LCFG:
        body_ok = reg_ok(insn_i[LCFG_REG_A_LSB +: LCFG_REG_A_W], REG_LD_PLANES) &&
                  reg_ok(insn_i[LCFG_REG_B_LSB +: LCFG_REG_B_W], REG_LD_PLANES);
      I_SCFG:
        body_ok = reg_ok(insn_i[SCFG_REG_A_LSB +: SCFG_REG_A_W], REG_ST_PLANES) &&
                  reg_ok(insn_i[SCFG_REG_B_LSB +: SCFG_REG_B_W], REG_ST_PLANES);
      default:
        body_ok = 1'b1;
    endcase
    legal_o = header_ok && body_ok;
  end
endmodule
