// SPDX-License-Identifier: Apache-2.0
// Arty A7: pads and clock; programs and tensors live in block RAM.
module top (
  input  logic       clk_100mhz,
  input  logic       reset_n,
  input  logic       uart_rx,
  output logic       uart_tx,
  output logic [3:0] led
);
  import weft_board_pkg::*;
  localparam int BeatBytes = weft_params_pkg::BeatBytes;

  logic clk, locked, rst_n, unused_clk_shift;
  logic                   req_valid, req_ready, req_write, w_ready, r_valid, sync, ready, error;
  logic [31:0]            req_addr, probe;
  logic [6:0]             req_beats;
  logic [BeatBytes*8-1:0] w_data, r_data;
  logic [BeatBytes-1:0]   w_strb;
  logic [7:0]             unused_phase, leds;

  weft_pll #(.InHz(ClockHz), .OutHz(TargetHz)) u_pll (
    .clk_i(clk_100mhz), .clk_o(clk), .clk_shift_o(unused_clk_shift), .locked_o(locked)
  );
  weft_reset u_reset (.clk_i(clk), .ready_i(locked && reset_n), .rst_no(rst_n));

  weft_board #(
    .ClkHz(TargetHz), .Baud(Baud), .BoardId(BoardId), .BuildId(BuildId), .MemBytes(MemBytes)
  ) u_board (
    .clk_i(clk), .rst_ni(rst_n), .uart_rx_i(uart_rx), .uart_tx_o(uart_tx), .led_o(leds),
    .mem_req_valid_o(req_valid), .mem_req_ready_i(req_ready), .mem_req_write_o(req_write),
    .mem_req_addr_o(req_addr), .mem_req_beats_o(req_beats), .mem_w_ready_i(w_ready),
    .mem_w_data_o(w_data), .mem_w_strb_o(w_strb), .mem_r_valid_i(r_valid), .mem_r_data_i(r_data),
    .mem_ready_i(ready), .mem_error_i(error), .mem_phase_o(unused_phase), .mem_probe_i(probe),
    .mem_sync_o(sync)
  );
  weft_bram_mem #(.BeatBytes(BeatBytes), .Bytes(int'(MemBytes))) u_memory (
    .clk_i(clk), .rst_ni(rst_n), .sync_i(sync), .ready_o(ready), .error_o(error), .status_o(probe),
    .mem_req_valid_i(req_valid), .mem_req_ready_o(req_ready), .mem_req_write_i(req_write),
    .mem_req_addr_i(req_addr), .mem_req_beats_i(req_beats), .mem_w_ready_o(w_ready),
    .mem_w_data_i(w_data), .mem_w_strb_i(w_strb), .mem_r_valid_o(r_valid), .mem_r_data_o(r_data)
  );
  assign led = leds[3:0];
endmodule
