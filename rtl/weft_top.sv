// SPDX-License-Identifier: Apache-2.0
// One machine: the compute core joined with fetch, queues, DMA and registers.
// The only reader of weft_params_pkg. Ports: rtl/README.md.
module weft_top (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         csr_valid_i,
  input  logic         csr_write_i,
  input  logic [11:0]  csr_addr_i,
  input  logic [31:0]  csr_wdata_i,
  output logic [31:0]  csr_rdata_o,
  output logic         irq_o,
  output logic         mem_req_valid_o,
  input  logic         mem_req_ready_i,
  output logic         mem_req_write_o,
  output logic [31:0]  mem_req_addr_o,
  output logic [6:0]   mem_req_beats_o,
  input  logic         mem_w_ready_i,
  output logic [weft_params_pkg::BeatBytes*8-1:0] mem_w_data_o,
  output logic [weft_params_pkg::BeatBytes-1:0]   mem_w_strb_o,
  input  logic         mem_r_valid_i,
  input  logic [weft_params_pkg::BeatBytes*8-1:0] mem_r_data_i,
  output logic [3:0]   retire_o,
  output logic [3:0]   issue_o
);
  import weft_params_pkg::*;

  if (Illegal != "") $error("illegal machine: %s", Illegal);

`ifdef WEFT_MICRO
  if (Micro == 0) $error("WEFT_MICRO is for machines with array.micro");
  weft_micro #(
    .Rows(Rows), .AccBits(AccBits), .SpmKib(SpmKib), .RingKib(RingKib), .ConfigHash(ConfigHash)
  ) u_core (
    .clk_i, .rst_ni, .csr_valid_i, .csr_write_i, .csr_addr_i, .csr_wdata_i, .csr_rdata_o, .irq_o,
    .mem_req_valid_o, .mem_req_ready_i, .mem_req_write_o, .mem_req_addr_o, .mem_req_beats_o,
    .mem_w_ready_i, .mem_w_data_o, .mem_w_strb_o, .mem_r_valid_i, .mem_r_data_i, .retire_o, .issue_o
  );
`else
  if (Micro != 0) $error("array.micro needs WEFT_MICRO defined");
  localparam int BankBits = $clog2(Rows);

  logic                    clear;
  logic                    insn_valid, insn_ready;
  logic [127:0]            insn;
  logic                    retire, mark_valid, core_idle;
  logic [15:0]             mark_id;
  logic                    word_valid;
  logic [Cols*8-1:0]       word;
  logic [15:0]             ring_freed;
  logic                    par_valid, par_last, par_freed;
  logic [BeatBytes*8-1:0]  par;
  logic [1:0]              par_kind;
  logic [7:0]              par_beat;
  logic                    wr_valid, wr_ready, rd_valid, rd_ready;
  logic [BankBits-1:0]     wr_bank, rd_bank;
  logic [15:0]             wr_row, rd_row;
  logic [WordBytes*8-1:0]  wr_data, rd_data;
  logic                    rd_data_valid;
  logic                    step, stall_ring, stall_drain;
  /* verilator lint_off UNUSEDSIGNAL */
  logic                    trace_issue, trace_last;
  /* verilator lint_on UNUSEDSIGNAL */

  weft_core #(
    .Rows(Rows), .Cols(Cols), .Lanes(Lanes), .Hop(Hop), .AccBits(AccBits), .Taps(Taps),
    .WordBytes(WordBytes), .SpmKib(SpmKib), .RingKib(RingKib), .BeatBytes(BeatBytes)
  ) u_core (
    .clk_i, .rst_ni,
    .clear_i(clear),
    .insn_valid_i(insn_valid), .insn_ready_o(insn_ready), .insn_i(insn),
    .retire_o(retire), .mark_valid_o(mark_valid), .mark_id_o(mark_id), .idle_o(core_idle),
    .wt_word_valid_i(word_valid), .wt_word_i(word), .ring_freed_o(ring_freed),
    .wt_par_valid_i(par_valid), .wt_par_i(par), .wt_par_kind_i(par_kind),
    .wt_par_beat_i(par_beat), .wt_par_last_i(par_last), .par_freed_o(par_freed),
    .ld_wr_valid_i(wr_valid), .ld_wr_ready_o(wr_ready), .ld_wr_bank_i(wr_bank),
    .ld_wr_row_i(wr_row), .ld_wr_data_i(wr_data),
    .st_rd_valid_i(rd_valid), .st_rd_ready_o(rd_ready), .st_rd_bank_i(rd_bank),
    .st_rd_row_i(rd_row), .st_data_valid_o(rd_data_valid), .st_data_o(rd_data),
    .step_o(step), .stall_ring_o(stall_ring), .stall_drain_o(stall_drain),
    .trace_issue_o(trace_issue), .trace_last_o(trace_last)
  );

  weft_sys #(
    .Rows(Rows), .Cols(Cols), .WordBytes(WordBytes), .RingKib(RingKib),
    .QueueDepth(QueueDepth), .BeatBytes(BeatBytes), .ConfigHash(ConfigHash)
  ) u_sys (
    .clk_i, .rst_ni,
    .csr_valid_i, .csr_write_i, .csr_addr_i, .csr_wdata_i, .csr_rdata_o, .irq_o,
    .mem_req_valid_o, .mem_req_ready_i, .mem_req_write_o, .mem_req_addr_o, .mem_req_beats_o,
    .mem_w_ready_i, .mem_w_data_o, .mem_w_strb_o, .mem_r_valid_i, .mem_r_data_i,
    .retire_o, .issue_o,
    .core_clear_o(clear),
    .core_insn_valid_o(insn_valid), .core_insn_ready_i(insn_ready), .core_insn_o(insn),
    .core_retire_i(retire), .core_mark_valid_i(mark_valid), .core_mark_id_i(mark_id),
    .core_idle_i(core_idle),
    .wt_word_valid_o(word_valid), .wt_word_o(word), .ring_freed_i(ring_freed),
    .wt_par_valid_o(par_valid), .wt_par_o(par), .wt_par_kind_o(par_kind),
    .wt_par_beat_o(par_beat), .wt_par_last_o(par_last), .par_freed_i(par_freed),
    .ld_wr_valid_o(wr_valid), .ld_wr_ready_i(wr_ready), .ld_wr_bank_o(wr_bank),
    .ld_wr_row_o(wr_row), .ld_wr_data_o(wr_data),
    .st_rd_valid_o(rd_valid), .st_rd_ready_i(rd_ready), .st_rd_bank_o(rd_bank),
    .st_rd_row_o(rd_row), .st_data_valid_i(rd_data_valid), .st_data_i(rd_data),
    .core_step_i(step), .core_stall_ring_i(stall_ring), .core_stall_drain_i(stall_drain)
  );
`endif
endmodule
