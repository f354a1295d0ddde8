// SPDX-License-Identifier: Apache-2.0
// Tang Nano 20K: pads, PLL, the SDRAM x32 inside the package, whose ports the
// placer knows by name. S1 resets.
module top (
  input  logic        clk_27mhz,
  input  logic        button,
  input  logic        uart_rx,
  output logic        uart_tx,
  output logic [5:0]  led_n,
  output logic        O_sdram_clk,
  output logic        O_sdram_cke,
  output logic        O_sdram_cs_n,
  output logic        O_sdram_ras_n,
  output logic        O_sdram_cas_n,
  output logic        O_sdram_wen_n,
  output logic [3:0]  O_sdram_dqm,
  output logic [10:0] O_sdram_addr,
  output logic [1:0]  O_sdram_ba,
  inout  wire  [31:0] IO_sdram_dq
);
  logic clk, locked, rst_n, dq_oe, unused_clk_shift;
  logic [31:0] dq_out, dq_in;
  logic [12:0] a;
  logic [7:0] led;

  weft_pll #(.InHz(weft_board_pkg::ClockHz), .OutHz(weft_board_pkg::TargetHz)) u_pll (
    .clk_i(clk_27mhz), .clk_o(clk), .clk_shift_o(unused_clk_shift), .locked_o(locked)
  );
  weft_reset u_reset (.clk_i(clk), .ready_i(locked && !button), .rst_no(rst_n));

  weft_sdram_board u_board (
    .clk_i(clk), .rst_ni(rst_n), .uart_rx_i(uart_rx), .uart_tx_o(uart_tx), .led_o(led),
    .sdram_cke_o(O_sdram_cke), .sdram_cs_n_o(O_sdram_cs_n), .sdram_ras_n_o(O_sdram_ras_n),
    .sdram_cas_n_o(O_sdram_cas_n), .sdram_we_n_o(O_sdram_wen_n), .sdram_ba_o(O_sdram_ba),
    .sdram_a_o(a), .sdram_dqm_o(O_sdram_dqm), .sdram_dq_o(dq_out), .sdram_dq_oe_o(dq_oe),
    .sdram_dq_i(dq_in)
  );
  weft_iobuf #(.Width(32)) u_dq (
    .pad_io(IO_sdram_dq), .out_i(dq_out), .oe_i({32{dq_oe}}), .in_o(dq_in)
  );
  weft_ddr_out u_sdram_clk (.clk_i(clk), .rise_i(1'b0), .fall_i(1'b1), .pad_o(O_sdram_clk));
  assign O_sdram_addr = a[10:0];
  assign led_n = ~led[5:0];
endmodule
