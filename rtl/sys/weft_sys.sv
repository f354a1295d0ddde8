// SPDX-License-Identifier: Apache-2.0
// Everything of a machine but its compute core: registers, fetch, queues,
// semaphores, LD, WT and ST engines, the memory port. Ports: rtl/README.md.
module weft_sys #(
  parameter int Rows = 8,
  parameter int Cols = 8,
  parameter int WordBytes = 8,
  parameter int RingKib = 64,
  parameter int QueueDepth = 32,
  parameter int BeatBytes = 4,
  parameter logic [63:0] ConfigHash = 64'd0
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,
  input  logic                    csr_valid_i,
  input  logic                    csr_write_i,
  input  logic [11:0]             csr_addr_i,
  input  logic [31:0]             csr_wdata_i,
  output logic [31:0]             csr_rdata_o,
  output logic                    irq_o,
  output logic                    mem_req_valid_o,
  input  logic                    mem_req_ready_i,
  output logic                    mem_req_write_o,
  output logic [31:0]             mem_req_addr_o,
  output logic [6:0]              mem_req_beats_o,
  input  logic                    mem_w_ready_i,
  output logic [BeatBytes*8-1:0]  mem_w_data_o,
  output logic [BeatBytes-1:0]    mem_w_strb_o,
  input  logic                    mem_r_valid_i,
  input  logic [BeatBytes*8-1:0]  mem_r_data_i,
  output logic [3:0]              retire_o,
  output logic [3:0]              issue_o,
  // weft_core
  output logic                    core_clear_o,
  output logic                    core_insn_valid_o,
  input  logic                    core_insn_ready_i,
  output logic [127:0]            core_insn_o,
  input  logic                    core_retire_i,
  input  logic                    core_mark_valid_i,
  input  logic [15:0]             core_mark_id_i,
  input  logic                    core_idle_i,
  output logic                    wt_word_valid_o,
  output logic [Cols*8-1:0]       wt_word_o,
  input  logic [15:0]             ring_freed_i,
  output logic                    wt_par_valid_o,
  output logic [BeatBytes*8-1:0]  wt_par_o,
  output logic [1:0]              wt_par_kind_o,
  output logic [7:0]              wt_par_beat_o,
  output logic                    wt_par_last_o,
  input  logic                    par_freed_i,
  output logic                    ld_wr_valid_o,
  input  logic                    ld_wr_ready_i,
  output logic [$clog2(Rows)-1:0] ld_wr_bank_o,
  output logic [15:0]             ld_wr_row_o,
  output logic [WordBytes*8-1:0]  ld_wr_data_o,
  output logic                    st_rd_valid_o,
  input  logic                    st_rd_ready_i,
  output logic [$clog2(Rows)-1:0] st_rd_bank_o,
  output logic [15:0]             st_rd_row_o,
  input  logic                    st_data_valid_i,
  input  logic [WordBytes*8-1:0]  st_data_i,
  input  logic                    core_step_i,
  input  logic                    core_stall_ring_i,
  input  logic                    core_stall_drain_i
);
  import weft_isa_pkg::*;

  // Element q of these is queue q: LD, WT, EX, ST.
  localparam int Ld = 0, Wt = 1, Ex = 2, St = 3;

  logic              clear, stop;
  logic [3:0][31:0]  base, size;
  logic [31:0]       prog_offset, prog_insns, sems;
  logic [3:0]        push, full, busy, waiting, issued, retired, done;
  logic [127:0]      insn;
  logic [27:0]       pc;
  logic [3:0]        take_valid, take_ok, give_valid, give_ok;
  logic [3:0][2:0]   take_id, give_id;
  logic [3:0][3:0]   take_n, give_n;
  logic [3:0]        issue_valid, issue_ready;
  logic [3:0][127:0] issue_insn;
  /* verilator lint_off UNUSEDSIGNAL */
  logic [3:0][27:0]  issue_pc;
  /* verilator lint_on UNUSEDSIGNAL */
  logic [3:0][7:0]   queued;
  logic [3:0][31:0]  queue_state;

  // Memory sources: IF, LD, WT, ST.
  logic [3:0]        src_valid, src_ready, src_r_valid;
  logic [3:0][32:0]  src_off;
  logic [3:0][6:0]   src_bytes;
  logic [3:0][1:0]   src_region;
  logic [3:0][27:0]  src_pc;
  logic [BeatBytes*8-1:0] r_data;

  logic              ended, fetch_fault, range_fault, arb_idle, writing;
  logic [3:0]        fetch_code;
  logic [31:0]       fetch_pc;
  logic [1:0]        range_src;
  logic [27:0]       range_pc;
  logic [2:0]        range_queue;

  assign retire_o = retired;
  assign issue_o  = issued;
  assign range_queue = range_src == 2'd0 ? Q_CTL : range_src == 2'd1 ? Q_LD : range_src == 2'd2 ? Q_WT : Q_ST;

  weft_csr #(.ConfigHash(ConfigHash)) u_csr (
    .clk_i, .rst_ni, .csr_valid_i, .csr_write_i, .csr_addr_i, .csr_wdata_i, .csr_rdata_o, .irq_o,
    .clear_o(clear), .core_clear_o, .stop_o(stop),
    .base_o(base), .size_o(size), .prog_offset_o(prog_offset), .prog_insns_o(prog_insns),
    .finished_i(ended && busy == '0 && core_idle_i && arb_idle && !writing),
    .quiet_i(arb_idle && !writing),
    .fetch_fault_i(fetch_fault), .fetch_code_i(fetch_code), .fetch_pc_i(fetch_pc),
    .range_fault_i(range_fault), .range_queue_i(range_queue), .range_pc_i(range_pc),
    .retired_i(retired), .queue_state_i(queue_state), .sems_i(sems), .ex_waiting_i(waiting[Ex]),
    .step_i(core_step_i), .stall_ring_i(core_stall_ring_i), .stall_drain_i(core_stall_drain_i),
    .read_beat_i(mem_r_valid_i), .write_beat_i(mem_w_ready_i),
    .mark_valid_i(core_mark_valid_i), .mark_id_i(core_mark_id_i)
  );

  weft_fetch #(.BeatBytes(BeatBytes)) u_fetch (
    .clk_i, .rst_ni, .clear_i(clear), .stop_i(stop),
    .prog_offset_i(prog_offset), .prog_insns_i(prog_insns),
    .req_valid_o(src_valid[0]), .req_ready_i(src_ready[0]), .req_off_o(src_off[0]),
    .req_bytes_o(src_bytes[0]), .req_pc_o(src_pc[0]),
    .r_valid_i(src_r_valid[0]), .r_data_i(r_data),
    .push_o(push), .insn_o(insn), .pc_o(pc), .full_i(full), .ended_o(ended),
    .fault_o(fetch_fault), .fault_code_o(fetch_code), .fault_pc_o(fetch_pc)
  );
  assign src_region[0] = 2'd0;

  for (genvar q = 0; q < 4; q++) begin : g_queue
    weft_queue #(.Depth(QueueDepth), .Queue(3'(q + 1))) u_queue (
      .clk_i, .rst_ni, .clear_i(clear), .stop_i(stop),
      .push_i(push[q]), .insn_i(insn), .pc_i(pc), .full_o(full[q]),
      .take_valid_o(take_valid[q]), .take_id_o(take_id[q]), .take_n_o(take_n[q]),
      .take_ok_i(take_ok[q]),
      .give_valid_o(give_valid[q]), .give_id_o(give_id[q]), .give_n_o(give_n[q]),
      .give_ok_i(give_ok[q]),
      .issue_valid_o(issue_valid[q]), .issue_ready_i(issue_ready[q]),
      .issue_insn_o(issue_insn[q]), .issue_pc_o(issue_pc[q]), .done_i(done[q]),
      .issued_o(issued[q]), .retired_o(retired[q]), .busy_o(busy[q]), .waiting_o(waiting[q]),
      .queued_o(queued[q])
    );
    assign queue_state[q] = {16'd0, queued[q], 6'd0, waiting[q], busy[q]};
  end

  weft_sems u_sems (
    .clk_i, .rst_ni, .clear_i(clear),
    .take_valid_i(take_valid), .take_id_i(take_id), .take_n_i(take_n), .take_ok_o(take_ok),
    .give_valid_i(give_valid), .give_id_i(give_id), .give_n_i(give_n), .give_ok_o(give_ok),
    .state_o(sems)
  );

  assign core_insn_valid_o = issue_valid[Ex];
  assign issue_ready[Ex]   = core_insn_ready_i;
  assign core_insn_o       = issue_insn[Ex];
  assign done[Ex]          = core_retire_i;

  weft_ld #(.Rows(Rows), .WordBytes(WordBytes), .BeatBytes(BeatBytes)) u_ld (
    .clk_i, .rst_ni, .clear_i(clear),
    .issue_valid_i(issue_valid[Ld]), .issue_ready_o(issue_ready[Ld]),
    .issue_insn_i(issue_insn[Ld]), .issue_pc_i(issue_pc[Ld]), .done_o(done[Ld]),
    .req_valid_o(src_valid[1]), .req_ready_i(src_ready[1]), .req_off_o(src_off[1]),
    .req_bytes_o(src_bytes[1]), .req_region_o(src_region[1]), .req_pc_o(src_pc[1]),
    .r_valid_i(src_r_valid[1]), .r_data_i(r_data),
    .wr_valid_o(ld_wr_valid_o), .wr_ready_i(ld_wr_ready_i), .wr_bank_o(ld_wr_bank_o),
    .wr_row_o(ld_wr_row_o), .wr_data_o(ld_wr_data_o)
  );

  weft_wt #(.Cols(Cols), .RingKib(RingKib), .BeatBytes(BeatBytes)) u_wt (
    .clk_i, .rst_ni, .clear_i(clear),
    .issue_valid_i(issue_valid[Wt]), .issue_ready_o(issue_ready[Wt]),
    .issue_insn_i(issue_insn[Wt]), .issue_pc_i(issue_pc[Wt]), .done_o(done[Wt]),
    .req_valid_o(src_valid[2]), .req_ready_i(src_ready[2]), .req_off_o(src_off[2]),
    .req_bytes_o(src_bytes[2]), .req_pc_o(src_pc[2]),
    .r_valid_i(src_r_valid[2]), .r_data_i(r_data),
    .word_valid_o(wt_word_valid_o), .word_o(wt_word_o), .ring_freed_i,
    .par_valid_o(wt_par_valid_o), .par_o(wt_par_o), .par_kind_o(wt_par_kind_o),
    .par_beat_o(wt_par_beat_o), .par_last_o(wt_par_last_o), .par_freed_i
  );
  assign src_region[2] = 2'd0;

  weft_st #(.Rows(Rows), .WordBytes(WordBytes), .BeatBytes(BeatBytes)) u_st (
    .clk_i, .rst_ni, .clear_i(clear), .stop_i(stop),
    .issue_valid_i(issue_valid[St]), .issue_ready_o(issue_ready[St]),
    .issue_insn_i(issue_insn[St]), .issue_pc_i(issue_pc[St]), .done_o(done[St]),
    .writing_o(writing),
    .req_valid_o(src_valid[3]), .req_ready_i(src_ready[3]), .req_off_o(src_off[3]),
    .req_bytes_o(src_bytes[3]), .req_region_o(src_region[3]), .req_pc_o(src_pc[3]),
    .w_ready_i(mem_w_ready_i), .w_data_o(mem_w_data_o), .w_strb_o(mem_w_strb_o),
    .rd_valid_o(st_rd_valid_o), .rd_ready_i(st_rd_ready_i), .rd_bank_o(st_rd_bank_o),
    .rd_row_o(st_rd_row_o), .data_valid_i(st_data_valid_i), .data_i(st_data_i)
  );

  /* verilator lint_off UNUSEDSIGNAL */
  logic unused;
  /* verilator lint_on UNUSEDSIGNAL */
  assign unused = src_r_valid[3];

  weft_arb #(.BeatBytes(BeatBytes)) u_arb (
    .clk_i, .rst_ni, .clear_i(clear), .stop_i(stop), .base_i(base), .size_i(size),
    .src_valid_i(src_valid), .src_ready_o(src_ready), .src_off_i(src_off),
    .src_bytes_i(src_bytes), .src_region_i(src_region), .src_pc_i(src_pc),
    .src_r_valid_o(src_r_valid), .src_r_data_o(r_data),
    .mem_req_valid_o, .mem_req_ready_i, .mem_req_write_o, .mem_req_addr_o, .mem_req_beats_o,
    .mem_r_valid_i, .mem_r_data_i,
    .idle_o(arb_idle), .fault_o(range_fault), .fault_src_o(range_src), .fault_pc_o(range_pc)
  );
endmodule
