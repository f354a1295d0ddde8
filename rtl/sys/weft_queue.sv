// SPDX-License-Identifier: Apache-2.0
// One in-order instruction queue. Its head stands in a register behind the memory,
// waits for its semaphore, then goes to the engine; the engine may hold several
// ordered instructions and reports each end in order (done_i); an end retires once
// its signal is accepted.
module weft_queue #(
  parameter int         Depth = 32,
  parameter logic [2:0] Queue = 3'd1
) (
  input  logic          clk_i,
  input  logic          rst_ni,
  input  logic          clear_i,
  input  logic          stop_i,
  input  logic          push_i,
  /* verilator lint_off UNUSEDSIGNAL */
  input  logic [127:0]  insn_i,
  /* verilator lint_on UNUSEDSIGNAL */
  input  logic [27:0]   pc_i,
  output logic          full_o,
  output logic          take_valid_o,
  output logic [2:0]    take_id_o,
  output logic [3:0]    take_n_o,
  input  logic          take_ok_i,
  output logic          give_valid_o,
  output logic [2:0]    give_id_o,
  output logic [3:0]    give_n_o,
  input  logic          give_ok_i,
  output logic          issue_valid_o,
  input  logic          issue_ready_i,
  output logic [127:0]  issue_insn_o,
  output logic [27:0]   issue_pc_o,
  input  logic          done_i,
  output logic          issued_o,
  output logic          retired_o,
  output logic          busy_o,
  output logic          waiting_o,
  output logic [7:0]    queued_o
);
  import weft_isa_pkg::*;

  // Queue and LAG are known here; the program counter takes their place.
  localparam int HeadBits = H_LAG_LSB - H_WAIT_ID_LSB;
  localparam int Width = 28 + 96 + HeadBits + H_OP_W;
  localparam int InFlight = 8;

  logic [Width-1:0]        in, out, head_q;
  logic [$clog2(Depth):0]  count;
  logic                    full_q;
  logic                    out_valid, head_valid_q, blocked_q, blocked, load, issue, ordered;
  logic                    sig_valid, retire, done_q;
  logic [H_SIG_ID_W+H_SIG_N_W-1:0] sig_in, sig_out;
  logic [$clog2(InFlight):0] in_flight;
  logic [3:0]              ended_q;

  assign in = {pc_i, insn_i[127:32], insn_i[H_LAG_LSB-1:H_WAIT_ID_LSB], insn_i[H_OP_W-1:0]};
  assign full_o = full_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) full_q <= 1'b0;
    else full_q <= !load && (full_q || (push_i && count == ($clog2(Depth) + 1)'(Depth - 1)));
  end

  weft_fifo_bram #(.Width(Width), .Depth(Depth)) u_fifo (
    .clk_i, .rst_ni, .clear_i, .push_i, .data_i(in), .pop_i(load),
    .valid_o(out_valid), .data_o(out), .count_o(count)
  );

  // The head. blocked: it waits for its semaphore. WEFT_FF_LUT: told from the head alone, so
  // that the register is all that reads the memory and can be the memory's own.
  assign load = out_valid && (!head_valid_q || issue);
  always_ff @(posedge clk_i) begin
    if (load) head_q <= out;
    if (!rst_ni || clear_i) begin
      head_valid_q <= 1'b0;
      blocked_q    <= 1'b0;
    end else begin
      head_valid_q <= load || (head_valid_q && !issue);
`ifdef WEFT_FF_LUT
      blocked_q <= load || (blocked_q && !take_ok_i);
`else
      if (load) blocked_q <= out[H_OP_W + H_WAIT_N_LSB - H_WAIT_ID_LSB +: H_WAIT_N_W] != '0;
      else if (take_ok_i) blocked_q <= 1'b0;
`endif
    end
  end
`ifdef WEFT_FF_LUT
  assign blocked = blocked_q && take_n_o != '0;
`else
  assign blocked = blocked_q;
`endif

  assign issue_pc_o = head_q[Width-1 -: 28];
  assign issue_insn_o = {head_q[H_OP_W+HeadBits +: 96], 1'b0, H_LAG_W'(0), head_q[H_OP_W +: HeadBits],
                         Queue, head_q[H_OP_W-1:0]};
  assign ordered = insn_ordered(issue_insn_o[H_OP_LSB +: H_OP_W]);

  assign take_id_o    = issue_insn_o[H_WAIT_ID_LSB +: H_WAIT_ID_W];
  assign take_n_o     = issue_insn_o[H_WAIT_N_LSB +: H_WAIT_N_W];
  assign take_valid_o = head_valid_q && blocked && !stop_i;
  assign waiting_o    = take_valid_o;

  assign issue_valid_o = head_valid_q && !blocked && !in_flight[$clog2(InFlight)] && !stop_i;
  assign issue         = issue_valid_o && issue_ready_i;
  assign issued_o      = issue && ordered;

  assign sig_in = {issue_insn_o[H_SIG_N_LSB +: H_SIG_N_W], issue_insn_o[H_SIG_ID_LSB +: H_SIG_ID_W]};

  weft_fifo_lut #(.Width(H_SIG_ID_W + H_SIG_N_W), .Depth(InFlight)) u_signals (
    .clk_i, .rst_ni, .clear_i, .push_i(issued_o), .data_i(sig_in), .pop_i(retire),
    .valid_o(sig_valid), .data_o(sig_out), .count_o(in_flight)
  );

  assign give_id_o    = sig_out[H_SIG_ID_W-1:0];
  assign give_n_o     = sig_out[H_SIG_ID_W +: H_SIG_N_W];
  assign give_valid_o = ended_q != '0 && give_n_o != '0;
  assign retire       = ended_q != '0 && (give_n_o == '0 || give_ok_i);
  assign retired_o    = retire;
  assign busy_o       = count != '0 || head_valid_q || sig_valid;
  assign queued_o     = 8'(count) + 8'(head_valid_q);

  always_ff @(posedge clk_i) begin
    done_q <= done_i && rst_ni && !clear_i;
    if (!rst_ni || clear_i) ended_q <= '0;
    else ended_q <= ended_q + 4'(done_q) - 4'(retire);
  end
endmodule
