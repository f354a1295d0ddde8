// SPDX-License-Identifier: Apache-2.0
// The accelerator with the device's end of the link, between a stream of bytes
// and a memory port. weft_board puts a UART in front.
module weft_board_core #(
  parameter int          ClkHz = 100_000_000,
  parameter int          Baud = 1_000_000,
  parameter logic [31:0] BoardId = 32'd0,
  parameter logic [63:0] BuildId = 64'd0,
  parameter logic [31:0] MemBytes = 32'd65536,
  parameter int          FallbackCycles = ClkHz / 1000 * weft_link_pkg::LINK_BAUD_FALLBACK_MS
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        rx_valid_i,          // a byte came; lost if 511 wait
  input  logic [7:0]  rx_data_i,
  output logic        tx_valid_o,
  input  logic        tx_ready_i,
  output logic [7:0]  tx_data_o,
  input  logic        bit_i,
  output logic [weft_link_pkg::LINK_BAUD_ACC_BITS-1:0] inc_o,
  output logic        mem_req_valid_o,
  input  logic        mem_req_ready_i,
  output logic        mem_req_write_o,
  output logic [31:0] mem_req_addr_o,
  output logic [6:0]  mem_req_beats_o,
  input  logic        mem_w_ready_i,
  output logic [weft_params_pkg::BeatBytes*8-1:0] mem_w_data_o,
  output logic [weft_params_pkg::BeatBytes-1:0]   mem_w_strb_o,
  input  logic        mem_r_valid_i,
  input  logic [weft_params_pkg::BeatBytes*8-1:0] mem_r_data_i,
  input  logic        mem_ready_i,
  input  logic        mem_error_i,
  output logic [7:0]  mem_phase_o,
  input  logic [31:0] mem_probe_i,
  output logic        start_o,             // pulse: a run starts at the next edge
  output logic        done_o,              // level: a run is over
  output logic        quiet_o,             // level: no run, no reply, nothing received
  output logic [7:0]  led_o
);
  import weft_params_pkg::*;

  localparam int Fifo = 512;

  logic                   byte_valid, byte_pop, good, own, link_quiet;
  logic [7:0]             byte_data;
  logic [$clog2(Fifo):0]  waiting;
  logic                   csr_valid, csr_write;
  logic [11:0]            csr_addr;
  logic [31:0]            csr_wdata, csr_rdata;
  logic                   a_req_valid, a_req_ready, a_req_write, a_w_ready, a_r_valid;
  logic [31:0]            a_req_addr, b_req_addr;
  logic [6:0]             a_req_beats;
  logic [BeatBytes*8-1:0] a_w_data, b_w_data;
  logic [BeatBytes-1:0]   a_w_strb, b_w_strb;
  logic                   b_req_valid, b_req_ready, b_req_write, b_w_ready, b_r_valid;
  /* verilator lint_off UNUSEDSIGNAL */
  logic [3:0]             retire, issue;
  /* verilator lint_on UNUSEDSIGNAL */

  weft_fifo_bram #(.Width(8), .Depth(Fifo)) u_bytes (
    .clk_i, .rst_ni, .clear_i(1'b0),
    .push_i(rx_valid_i && waiting < ($clog2(Fifo) + 1)'(Fifo - 1)), .data_i(rx_data_i),
    .pop_i(byte_pop), .valid_o(byte_valid), .data_o(byte_data), .count_o(waiting)
  );

  weft_link #(
    .ClkHz(ClkHz), .Baud(Baud), .BoardId(BoardId), .BuildId(BuildId), .ConfigHash(ConfigHash),
    .MemBytes(MemBytes), .Rows(Rows), .Cols(Cols), .Lanes(Lanes), .BeatBytes(BeatBytes),
    .FallbackCycles(FallbackCycles)
  ) u_link (
    .clk_i, .rst_ni,
    .rx_valid_i(byte_valid), .rx_data_i(byte_data), .rx_pop_o(byte_pop),
    .tx_valid_o, .tx_data_o, .tx_ready_i, .bit_i, .inc_o,
    .csr_valid_o(csr_valid), .csr_write_o(csr_write), .csr_addr_o(csr_addr),
    .csr_wdata_o(csr_wdata), .csr_rdata_i(csr_rdata),
    .own_o(own),
    .mem_req_valid_o(b_req_valid), .mem_req_ready_i(b_req_ready), .mem_req_write_o(b_req_write),
    .mem_req_addr_o(b_req_addr), .mem_w_ready_i(b_w_ready), .mem_w_data_o(b_w_data),
    .mem_w_strb_o(b_w_strb), .mem_r_valid_i(b_r_valid), .mem_r_data_i,
    .mem_ready_i, .mem_error_i, .mem_probe_i, .mem_phase_o, .start_o, .good_o(good), .quiet_o(link_quiet)
  );

  weft_top u_top (
    .clk_i, .rst_ni,
    .csr_valid_i(csr_valid), .csr_write_i(csr_write), .csr_addr_i(csr_addr),
    .csr_wdata_i(csr_wdata), .csr_rdata_o(csr_rdata), .irq_o(done_o),
    .mem_req_valid_o(a_req_valid), .mem_req_ready_i(a_req_ready), .mem_req_write_o(a_req_write),
    .mem_req_addr_o(a_req_addr), .mem_req_beats_o(a_req_beats), .mem_w_ready_i(a_w_ready),
    .mem_w_data_o(a_w_data), .mem_w_strb_o(a_w_strb), .mem_r_valid_i(a_r_valid), .mem_r_data_i,
    .retire_o(retire), .issue_o(issue)
  );

  weft_mem_arb2 #(.BeatBytes(BeatBytes)) u_arb (
    .own_i(own),
    .a_req_valid_i(a_req_valid), .a_req_ready_o(a_req_ready), .a_req_write_i(a_req_write),
    .a_req_addr_i(a_req_addr), .a_req_beats_i(a_req_beats), .a_w_ready_o(a_w_ready),
    .a_w_data_i(a_w_data), .a_w_strb_i(a_w_strb), .a_r_valid_o(a_r_valid),
    .b_req_valid_i(b_req_valid), .b_req_ready_o(b_req_ready), .b_req_write_i(b_req_write),
    .b_req_addr_i(b_req_addr), .b_w_ready_o(b_w_ready), .b_w_data_i(b_w_data),
    .b_w_strb_i(b_w_strb), .b_r_valid_o(b_r_valid),
    .mem_req_valid_o, .mem_req_ready_i, .mem_req_write_o, .mem_req_addr_o, .mem_req_beats_o,
    .mem_w_ready_i, .mem_w_data_o, .mem_w_strb_o, .mem_r_valid_i
  );

  // What a person sees: a frame came, a run is on, done, memory, and life.
  logic [24:0] beat_q;
  logic        running_q;
  logic [21:0] seen_q;
  always_ff @(posedge clk_i) begin
    beat_q <= beat_q + 25'd1;
    if (good) seen_q <= '1;
    else if (seen_q != '0) seen_q <= seen_q - 22'd1;
    if (start_o) running_q <= 1'b1;
    else if (done_o) running_q <= 1'b0;
    if (!rst_ni) begin
      beat_q    <= '0;
      seen_q    <= '0;
      running_q <= 1'b0;
    end
  end
  assign quiet_o = link_quiet && waiting == '0 && !running_q;
  assign led_o = {beat_q[24], 2'd0, mem_error_i, mem_ready_i, done_o, running_q, seen_q != '0};
endmodule
