// SPDX-License-Identifier: Apache-2.0
// The compute core: instructions of the EX queue in, bytes in the scratchpad
// out. Ports: rtl/README.md. Meaning: configs/README.md.
// Ports only so far: it accepts nothing, so that nothing can mistake it for a core.
module weft_core #(
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
  /* verilator lint_off UNUSEDPARAM */
  localparam int Unfinished = Lanes + Hop + AccBits + Taps + SpmKib + RingKib;
  /* verilator lint_on UNUSEDPARAM */
  logic unused;
  assign unused = &{1'b0, clk_i, rst_ni, clear_i, insn_valid_i, insn_i, wt_word_valid_i, wt_word_i,
                    wt_par_valid_i, wt_par_i, wt_par_kind_i, wt_par_beat_i, wt_par_last_i,
                    ld_wr_valid_i, ld_wr_bank_i, ld_wr_row_i, ld_wr_data_i, st_rd_valid_i,
                    st_rd_bank_i, st_rd_row_i};
  assign insn_ready_o = 1'b0;
  assign retire_o = 1'b0;
  assign mark_valid_o = 1'b0;
  assign mark_id_o = '0;
  assign idle_o = 1'b0;
  assign ring_freed_o = '0;
  assign par_freed_o = 1'b0;
  assign ld_wr_ready_o = 1'b0;
  assign st_rd_ready_o = 1'b0;
  assign st_data_valid_o = 1'b0;
  assign st_data_o = '0;
  assign step_o = 1'b0;
  assign stall_ring_o = 1'b0;
  assign stall_drain_o = 1'b0;
  assign trace_issue_o = 1'b0;
  assign trace_last_o = 1'b0;
endmodule
