// SPDX-License-Identifier: Apache-2.0
// All of a board but pads, clocks and memory: a UART, the link, the
// accelerator. A top of boards/NAME puts a memory back-end on the mem port.
module weft_board #(
  parameter int          ClkHz = 100_000_000,
  parameter int          Baud = 1_000_000,
  parameter logic [31:0] BoardId = 32'd0,
  parameter logic [63:0] BuildId = 64'd0,
  parameter logic [31:0] MemBytes = 32'd65536    // a power of two
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        uart_rx_i,
  output logic        uart_tx_o,
  output logic [7:0]  led_o,
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
  output logic        mem_sync_o           // pulse: a run starts at the next edge
);
  logic       rx_valid, tx_valid, tx_ready, bit_time;
  logic [7:0] rx_data, tx_data;
  logic [weft_link_pkg::LINK_BAUD_ACC_BITS-1:0] inc;
  /* verilator lint_off UNUSEDSIGNAL */
  logic       done, quiet;
  /* verilator lint_on UNUSEDSIGNAL */

  weft_uart u_uart (
    .clk_i, .rst_ni, .inc_i(inc), .rx_i(uart_rx_i), .tx_o(uart_tx_o),
    .rx_valid_o(rx_valid), .rx_data_o(rx_data),
    .tx_valid_i(tx_valid), .tx_ready_o(tx_ready), .tx_data_i(tx_data), .bit_o(bit_time)
  );

  weft_board_core #(
    .ClkHz(ClkHz), .Baud(Baud), .BoardId(BoardId), .BuildId(BuildId), .MemBytes(MemBytes)
  ) u_core (
    .clk_i, .rst_ni, .rx_valid_i(rx_valid), .rx_data_i(rx_data),
    .tx_valid_o(tx_valid), .tx_ready_i(tx_ready), .tx_data_o(tx_data), .bit_i(bit_time), .inc_o(inc),
    .mem_req_valid_o, .mem_req_ready_i, .mem_req_write_o, .mem_req_addr_o, .mem_req_beats_o,
    .mem_w_ready_i, .mem_w_data_o, .mem_w_strb_o, .mem_r_valid_i, .mem_r_data_i,
    .mem_ready_i, .mem_error_i, .mem_phase_o, .mem_probe_i,
    .start_o(mem_sync_o), .done_o(done), .quiet_o(quiet), .led_o
  );
endmodule
