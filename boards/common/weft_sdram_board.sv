// SPDX-License-Identifier: Apache-2.0
// A board with an SDR SDRAM, but for pads and clocks: weft_board in front of
// weft_sdram, with the figures of board.yaml (weft_board_pkg).
module weft_sdram_board (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        uart_rx_i,
  output logic        uart_tx_o,
  output logic [7:0]  led_o,
  output logic        sdram_cke_o,
  output logic        sdram_cs_n_o,
  output logic        sdram_ras_n_o,
  output logic        sdram_cas_n_o,
  output logic        sdram_we_n_o,
  output logic [1:0]  sdram_ba_o,
  output logic [12:0] sdram_a_o,
  output logic [weft_board_pkg::MemDataBits/8-1:0] sdram_dqm_o,
  output logic [weft_board_pkg::MemDataBits-1:0]   sdram_dq_o,
  output logic        sdram_dq_oe_o,
  input  logic [weft_board_pkg::MemDataBits-1:0]   sdram_dq_i
);
  import weft_board_pkg::*;
  localparam int BeatBytes = weft_params_pkg::BeatBytes;

  logic                   req_valid, req_ready, req_write, w_ready, r_valid, sync, ready, error;
  logic [31:0]            req_addr, probe;
  logic [6:0]             req_beats;
  logic [BeatBytes*8-1:0] w_data, r_data;
  logic [BeatBytes-1:0]   w_strb;
  logic [7:0]             unused_phase;

  weft_board #(
    .ClkHz(TargetHz), .Baud(Baud), .BoardId(BoardId), .BuildId(BuildId), .MemBytes(MemBytes)
  ) u_board (
    .clk_i, .rst_ni, .uart_rx_i, .uart_tx_o, .led_o,
    .mem_req_valid_o(req_valid), .mem_req_ready_i(req_ready), .mem_req_write_o(req_write),
    .mem_req_addr_o(req_addr), .mem_req_beats_o(req_beats), .mem_w_ready_i(w_ready),
    .mem_w_data_o(w_data), .mem_w_strb_o(w_strb), .mem_r_valid_i(r_valid), .mem_r_data_i(r_data),
    .mem_ready_i(ready), .mem_error_i(error), .mem_phase_o(unused_phase), .mem_probe_i(probe),
    .mem_sync_o(sync)
  );
  weft_sdram #(
    .ClkHz(TargetHz), .DataBits(MemDataBits), .RowBits(MemRowBits), .ColBits(MemColBits),
    .ProbeCol(MemColBits > 9), .HasDqm(MemHasDqm), .BeatBytes(BeatBytes),
    .CasLatency(TargetHz > 100_000_000 ? 3 : 2), .RefiPs(MemRowBits == 11 ? 15_625_000 : 7_812_500),
    .IoRegs(1'b1)
  ) u_sdram (
    .clk_i, .rst_ni, .sync_i(sync), .ready_o(ready), .error_o(error), .status_o(probe),
    .mem_req_valid_i(req_valid), .mem_req_ready_o(req_ready), .mem_req_write_i(req_write),
    .mem_req_addr_i(req_addr), .mem_req_beats_i(req_beats), .mem_w_ready_o(w_ready),
    .mem_w_data_i(w_data), .mem_w_strb_i(w_strb), .mem_r_valid_o(r_valid), .mem_r_data_o(r_data),
    .sdram_cke_o, .sdram_cs_n_o, .sdram_ras_n_o, .sdram_cas_n_o, .sdram_we_n_o, .sdram_ba_o,
    .sdram_a_o, .sdram_dqm_o, .sdram_dq_o, .sdram_dq_oe_o, .sdram_dq_i
  );
endmodule
