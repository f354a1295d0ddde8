// SPDX-License-Identifier: Apache-2.0
// Colorlight i5 and i9 on their extension board: pads, PLL, SDRAM x32 whose
// chip select, clock enable and byte masks are tied on the board.
module top (
  input  logic        clk_25mhz,
  input  logic        button_n,
  input  logic        uart_rx,
  output logic        uart_tx,
  output logic        led_n,
  output logic        sdram_clk,
  output logic        sdram_ras_n,
  output logic        sdram_cas_n,
  output logic        sdram_we_n,
  output logic [1:0]  sdram_ba,
  output logic [10:0] sdram_a,
  inout  wire  [31:0] sdram_d
);
  logic clk, locked, rst_n, dq_oe, unused_clk_shift, unused_cke, unused_cs_n;
  logic [31:0] dq_out, dq_in;
  logic [12:0] a;
  logic [7:0] led;
  logic [3:0] unused_dqm;

  weft_pll #(.InHz(weft_board_pkg::ClockHz), .OutHz(weft_board_pkg::TargetHz)) u_pll (
    .clk_i(clk_25mhz), .clk_o(clk), .clk_shift_o(unused_clk_shift), .locked_o(locked)
  );
  weft_reset u_reset (.clk_i(clk), .ready_i(locked && button_n), .rst_no(rst_n));

  weft_sdram_board u_board (
    .clk_i(clk), .rst_ni(rst_n), .uart_rx_i(uart_rx), .uart_tx_o(uart_tx), .led_o(led),
    .sdram_cke_o(unused_cke), .sdram_cs_n_o(unused_cs_n), .sdram_ras_n_o(sdram_ras_n),
    .sdram_cas_n_o(sdram_cas_n), .sdram_we_n_o(sdram_we_n), .sdram_ba_o(sdram_ba),
    .sdram_a_o(a), .sdram_dqm_o(unused_dqm), .sdram_dq_o(dq_out), .sdram_dq_oe_o(dq_oe),
    .sdram_dq_i(dq_in)
  );
  weft_iobuf #(.Width(32)) u_dq (
    .pad_io(sdram_d), .out_i(dq_out), .oe_i({32{dq_oe}}), .in_o(dq_in)
  );
  weft_ddr_out u_sdram_clk (.clk_i(clk), .rise_i(1'b0), .fall_i(1'b1), .pad_o(sdram_clk));
  assign sdram_a = a[10:0];
  assign led_n = !led[0];
endmodule
