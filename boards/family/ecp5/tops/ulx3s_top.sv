// SPDX-License-Identifier: Apache-2.0
// ULX3S: pads, PLL, SDRAM x16. F1 resets.
module top (
  input  logic        clk_25mhz,
  input  logic        btn_f1,
  output logic        ftdi_rxd,       // to the FT231X
  input  logic        ftdi_txd,
  output logic        wifi_gpio0,     // high: the ESP32 leaves the board alone
  output logic [7:0]  led,
  output logic        sdram_clk,
  output logic        sdram_cke,
  output logic        sdram_cs_n,
  output logic        sdram_ras_n,
  output logic        sdram_cas_n,
  output logic        sdram_we_n,
  output logic [1:0]  sdram_ba,
  output logic [12:0] sdram_a,
  output logic [1:0]  sdram_dqm,
  inout  wire  [15:0] sdram_d
);
  logic clk, locked, rst_n, dq_oe, unused_clk_shift;
  logic [15:0] dq_out, dq_in;

  weft_pll #(.InHz(weft_board_pkg::ClockHz), .OutHz(weft_board_pkg::TargetHz)) u_pll (
    .clk_i(clk_25mhz), .clk_o(clk), .clk_shift_o(unused_clk_shift), .locked_o(locked)
  );
  weft_reset u_reset (.clk_i(clk), .ready_i(locked && !btn_f1), .rst_no(rst_n));

  weft_sdram_board u_board (
    .clk_i(clk), .rst_ni(rst_n), .uart_rx_i(ftdi_txd), .uart_tx_o(ftdi_rxd), .led_o(led),
    .sdram_cke_o(sdram_cke), .sdram_cs_n_o(sdram_cs_n), .sdram_ras_n_o(sdram_ras_n),
    .sdram_cas_n_o(sdram_cas_n), .sdram_we_n_o(sdram_we_n), .sdram_ba_o(sdram_ba),
    .sdram_a_o(sdram_a), .sdram_dqm_o(sdram_dqm), .sdram_dq_o(dq_out), .sdram_dq_oe_o(dq_oe),
    .sdram_dq_i(dq_in)
  );
  weft_iobuf #(.Width(16)) u_dq (
    .pad_io(sdram_d), .out_i(dq_out), .oe_i({16{dq_oe}}), .in_o(dq_in)
  );
  weft_ddr_out u_sdram_clk (.clk_i(clk), .rise_i(1'b0), .fall_i(1'b1), .pad_o(sdram_clk));
  assign wifi_gpio0 = 1'b1;
endmodule
