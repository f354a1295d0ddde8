// SPDX-License-Identifier: Apache-2.0
// Reads the program in bursts of 64 bytes, at most Ahead instructions ahead, and
// hands it out in order: an instruction whose queue is full holds all behind it.
module weft_fetch #(
  parameter int BeatBytes = 4
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,
  input  logic                   clear_i,       // start of a run
  input  logic                   stop_i,
  input  logic [31:0]            prog_offset_i,
  input  logic [31:0]            prog_insns_i,
  output logic                   req_valid_o,
  input  logic                   req_ready_i,
  output logic [32:0]            req_off_o,
  output logic [6:0]             req_bytes_o,
  output logic [27:0]            req_pc_o,
  input  logic                   r_valid_i,
  input  logic [BeatBytes*8-1:0] r_data_i,
  output logic [3:0]             push_o,        // one-hot: LD, WT, EX, ST
  output logic [127:0]           insn_o,
  output logic [27:0]            pc_o,
  input  logic [3:0]             full_i,
  output logic                   ended_o,
  output logic                   fault_o,
  output logic [3:0]             fault_code_o,
  output logic [31:0]            fault_pc_o
);
  import weft_isa_pkg::*;
  import weft_csr_pkg::*;

  localparam int Ahead = 16;
  localparam int Beats = 16 / BeatBytes;

  logic         run_q, ended_q;
  logic [31:0]  left_q, pc_q;
  logic [27:0]  asked_q;
  logic [32:0]  off_q;
  logic [4:0]   room_q;
  logic [2:0]   want_q;
  logic         req_q, ask;

  // Requests: 4 instructions, fewer only at the end.
  assign req_valid_o = req_q;
  assign req_off_o   = off_q;
  assign req_bytes_o = {want_q, 4'd0};
  assign req_pc_o    = asked_q;
  assign ask         = req_ready_i;
  always_ff @(posedge clk_i) begin
    want_q <= (left_q[31:2] != '0) ? 3'd4 : left_q[2:0];
    if (!rst_ni || clear_i) req_q <= 1'b0;
    else req_q <= run_q && left_q != '0 && room_q >= 5'd4 && !ended_q && !stop_i && !ask;
  end

  // Beats to words. A word waits one cycle in its register, where it is checked and its
  // queue is read.
  logic [127:0] word_q;
  logic         word_done, word_done_q, word_legal;
  if (Beats == 1) begin : g_whole
    assign word_done = r_valid_i;
    always_ff @(posedge clk_i) if (r_valid_i) word_q <= r_data_i;
  end else begin : g_beats
    logic [$clog2(Beats)-1:0] beat_q;
    assign word_done = r_valid_i && beat_q == ($clog2(Beats))'(Beats - 1);
    always_ff @(posedge clk_i) begin
      if (r_valid_i) word_q <= {r_data_i, word_q[127:BeatBytes*8]};
      if (!rst_ni || clear_i) beat_q <= '0;
      else if (r_valid_i) beat_q <= beat_q + 1'b1;
    end
  end
  always_ff @(posedge clk_i) word_done_q <= word_done && rst_ni && !clear_i;
  weft_legal u_legal (.insn_i(word_q), .legal_o(word_legal));

  logic [2:0]   queue;
  logic         word_end;
  logic [3:0]   word_target;
  assign queue       = word_q[H_QUEUE_LSB +: H_QUEUE_W];
  assign word_end    = word_q[H_OP_LSB +: H_OP_W] == I_END;
  assign word_target = {queue == Q_ST, queue == Q_EX, queue == Q_WT, queue == Q_LD};

  logic         head_valid, head_pop, head_legal, head_end;
  logic [3:0]   head_target;
  logic [127:0] head;
  /* verilator lint_off UNUSEDSIGNAL */
  logic [$clog2(Ahead):0] head_count;
  /* verilator lint_on UNUSEDSIGNAL */
  weft_fifo_bram #(.Width(134), .Depth(Ahead)) u_ahead (
    .clk_i, .rst_ni, .clear_i, .push_i(word_done_q),
    .data_i({word_target, word_end, word_legal, word_q}), .pop_i(head_pop),
    .valid_o(head_valid), .data_o({head_target, head_end, head_legal, head}), .count_o(head_count)
  );

  // Dispatch from a register, checks done.
  logic         valid_q, legal_q, end_q, no_end_q, popped_q, go, take;
  logic [127:0] insn_q;
  logic [3:0]   target_q;

  assign go     = valid_q && legal_q && !ended_q && !stop_i;
  assign push_o = (go && !end_q) ? target_q & ~full_i : '0;
  assign insn_o = insn_q;
  assign pc_o   = pc_q[27:0];
  assign take   = go && (end_q || (target_q & full_i) == '0);
  assign head_pop = head_valid && (!valid_q || take);

  assign ended_o      = ended_q;
  assign fault_o      = run_q && !ended_q && ((valid_q && !legal_q) || no_end_q);
  assign fault_code_o = (valid_q && !legal_q) ? FAULT_ILLEGAL : FAULT_NO_END;
  assign fault_pc_o   = pc_q;

  always_ff @(posedge clk_i) begin
    no_end_q <= pc_q == prog_insns_i && rst_ni && !clear_i;
    if (head_pop) begin
      insn_q   <= head;
      legal_q  <= head_legal;
      end_q    <= head_end;
      target_q <= head_target;
    end
    if (!rst_ni) begin
      run_q   <= 1'b0;
      ended_q <= 1'b0;
      valid_q <= 1'b0;
      asked_q <= '0;
      pc_q    <= '0;
      room_q  <= '0;
      popped_q <= 1'b0;
    end else if (clear_i) begin
      run_q   <= 1'b1;
      ended_q <= 1'b0;
      valid_q <= 1'b0;
      asked_q <= '0;
      left_q  <= prog_insns_i;
      pc_q    <= '0;
      room_q  <= 5'(Ahead);
      popped_q <= 1'b0;
    end else begin
      if (ask) asked_q <= asked_q + 28'(want_q);
      if (ask) left_q <= left_q - 32'(want_q);
      popped_q <= head_pop;
      room_q <= room_q - (ask ? 5'(want_q) : 5'd0) + 5'(popped_q);
      if (take) pc_q <= pc_q + 32'd1;
      if (take && end_q) ended_q <= 1'b1;
      valid_q <= head_pop || (valid_q && !take);
    end
    if (clear_i) off_q <= {1'b0, prog_offset_i};
    else if (ask) off_q <= off_q + 33'd64;
  end
endmodule
