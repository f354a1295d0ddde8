// SPDX-License-Identifier: Apache-2.0
// The whole of a board but its pads, for simulators: what weft_board and a
// board's top join, with a choice made at run time between the UART's pins and
// the bytes behind it, and with the memory an SDRAM controller whose chip is
// outside, a serial flash likewise beside the RAM of the FPGA, or outside altogether.
module weft_sim_board (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        phy_i,               // 1: uart_*, 0: byte_*
  input  logic        uart_rx_i,
  output logic        uart_tx_o,
  input  logic        byte_valid_i,
  input  logic [7:0]  byte_data_i,
  output logic        byte_valid_o,
  input  logic        byte_ready_i,
  output logic [7:0]  byte_data_o,
  output logic        start_o,
  output logic        quiet_o,
  output logic        ready_o,             // memory
  output logic        error_o,
  output logic [31:0] cycles_o,            // clocks since reset
  // memory outside (MemKind neither sdram nor flash)
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
  // chip of an SDRAM
  output logic        sdram_cke_o,
  output logic        sdram_cs_n_o,
  output logic        sdram_ras_n_o,
  output logic        sdram_cas_n_o,
  output logic        sdram_we_n_o,
  output logic [1:0]  sdram_ba_o,
  output logic [12:0] sdram_a_o,
  output logic [(weft_board_pkg::MemDataBits+7)/8-1:0] sdram_dqm_o,
  output logic [weft_board_pkg::MemDataBits-1:0]   sdram_dq_o,
  output logic        sdram_dq_oe_o,
  input  logic [weft_board_pkg::MemDataBits-1:0]   sdram_dq_i,
  // chip of a flash
  output logic        flash_cs_n_o,
  output logic        flash_sck_en_o,
  output logic [3:0]  flash_io_o,
  output logic [3:0]  flash_io_oe_o,
  input  logic [3:0]  flash_io_i
);
  import weft_board_pkg::*;
  import weft_params_pkg::BeatBytes;

  localparam int Baud4 = TargetHz / 4;     // four clocks a bit

  logic        rx_valid, tx_ready, bit_time, uart_ready, uart_valid;
  logic [7:0]  uart_data, tx_data;
  logic [weft_link_pkg::LINK_BAUD_ACC_BITS-1:0] inc;
  logic        req_ready, w_ready, r_valid, mem_ready, mem_error, tx_valid;
  logic [BeatBytes*8-1:0] r_data;
  logic [31:0] probe;
  /* verilator lint_off UNUSEDSIGNAL */
  logic [7:0]  phase, led;
  logic        done;
  /* verilator lint_on UNUSEDSIGNAL */

  weft_uart u_uart (
    .clk_i, .rst_ni, .inc_i(inc), .rx_i(uart_rx_i), .tx_o(uart_tx_o),
    .rx_valid_o(uart_valid), .rx_data_o(uart_data),
    .tx_valid_i(tx_valid && phy_i), .tx_ready_o(uart_ready), .tx_data_i(tx_data), .bit_o(bit_time)
  );
  assign rx_valid     = phy_i ? uart_valid : byte_valid_i;
  assign tx_ready     = phy_i ? uart_ready : byte_ready_i;
  assign byte_valid_o = tx_valid && !phy_i;
  assign byte_data_o  = tx_data;
  assign ready_o      = mem_ready;
  assign error_o      = mem_error;

  weft_board_core #(
    .ClkHz(TargetHz), .Baud(Baud4), .BoardId(BoardId), .BuildId(BuildId), .MemBytes(MemBytes),
    .FallbackCycles(100_000)
  ) u_core (
    .clk_i, .rst_ni, .rx_valid_i(rx_valid), .rx_data_i(phy_i ? uart_data : byte_data_i),
    .tx_valid_o(tx_valid), .tx_ready_i(tx_ready), .tx_data_o(tx_data), .bit_i(bit_time), .inc_o(inc),
    .mem_req_valid_o, .mem_req_ready_i(req_ready), .mem_req_write_o, .mem_req_addr_o, .mem_req_beats_o,
    .mem_w_ready_i(w_ready), .mem_w_data_o, .mem_w_strb_o, .mem_r_valid_i(r_valid), .mem_r_data_i(r_data),
    .mem_ready_i(mem_ready), .mem_error_i(mem_error), .mem_phase_o(phase), .mem_probe_i(probe),
    .start_o, .done_o(done), .quiet_o, .led_o(led)
  );

  always_ff @(posedge clk_i) cycles_o <= rst_ni ? cycles_o + 32'd1 : '0;

  if (MemKind == "sdram") begin : g_sdram
    weft_sdram #(
      .ClkHz(TargetHz), .DataBits(MemDataBits), .RowBits(MemRowBits), .ColBits(MemColBits),
      .ProbeCol(MemColBits > 9), .HasDqm(MemHasDqm), .BeatBytes(BeatBytes),
      .CasLatency(TargetHz <= 100_000_000 ? 2 : 3), .RefiPs(MemRowBits == 11 ? 15_625_000 : 7_812_500)
    ) u_sdram (
      .clk_i, .rst_ni, .sync_i(start_o), .ready_o(mem_ready), .error_o(mem_error), .status_o(probe),
      .mem_req_valid_i(mem_req_valid_o), .mem_req_ready_o(req_ready), .mem_req_write_i(mem_req_write_o),
      .mem_req_addr_i(mem_req_addr_o), .mem_req_beats_i(mem_req_beats_o), .mem_w_ready_o(w_ready),
      .mem_w_data_i(mem_w_data_o), .mem_w_strb_i(mem_w_strb_o), .mem_r_valid_o(r_valid), .mem_r_data_o(r_data),
      .sdram_cke_o, .sdram_cs_n_o, .sdram_ras_n_o, .sdram_cas_n_o, .sdram_we_n_o, .sdram_ba_o, .sdram_a_o,
      .sdram_dqm_o, .sdram_dq_o, .sdram_dq_oe_o, .sdram_dq_i
    );
    assign {flash_cs_n_o, flash_sck_en_o, flash_io_o, flash_io_oe_o} = {1'b1, 9'd0};
    /* verilator lint_off UNUSEDSIGNAL */
    logic unused;
    assign unused = ^{mem_req_ready_i, mem_w_ready_i, mem_r_valid_i, mem_r_data_i, flash_io_i};
    /* verilator lint_on UNUSEDSIGNAL */
  end else if (MemKind == "flash") begin : g_flash
    weft_flashram #(.ClkHz(TargetHz), .BeatBytes(BeatBytes)) u_flash (
      .clk_i, .rst_ni, .sync_i(start_o), .ready_o(mem_ready), .error_o(mem_error), .status_o(probe),
      .mem_req_valid_i(mem_req_valid_o), .mem_req_ready_o(req_ready), .mem_req_write_i(mem_req_write_o),
      .mem_req_addr_i(mem_req_addr_o), .mem_req_beats_i(mem_req_beats_o), .mem_w_ready_o(w_ready),
      .mem_w_data_i(mem_w_data_o), .mem_w_strb_i(mem_w_strb_o), .mem_r_valid_o(r_valid), .mem_r_data_o(r_data),
      .flash_cs_n_o, .flash_sck_en_o, .flash_io_o, .flash_io_oe_o, .flash_io_i
    );
    assign {sdram_cke_o, sdram_cs_n_o, sdram_ras_n_o, sdram_cas_n_o, sdram_we_n_o} = 5'b01111;
    assign {sdram_ba_o, sdram_a_o, sdram_dqm_o, sdram_dq_o, sdram_dq_oe_o} = '0;
    /* verilator lint_off UNUSEDSIGNAL */
    logic unused;
    assign unused = ^{mem_req_ready_i, mem_w_ready_i, mem_r_valid_i, mem_r_data_i, sdram_dq_i};
    /* verilator lint_on UNUSEDSIGNAL */
  end else begin : g_outside
    assign req_ready = mem_req_ready_i;
    assign w_ready   = mem_w_ready_i;
    assign r_valid   = mem_r_valid_i;
    assign r_data    = mem_r_data_i;
    assign mem_ready = 1'b1;
    assign mem_error = 1'b0;
    assign probe     = 32'd1;
    assign {sdram_cke_o, sdram_cs_n_o, sdram_ras_n_o, sdram_cas_n_o, sdram_we_n_o} = 5'b01111;
    assign {sdram_ba_o, sdram_a_o, sdram_dqm_o, sdram_dq_o, sdram_dq_oe_o} = '0;
    assign {flash_cs_n_o, flash_sck_en_o, flash_io_o, flash_io_oe_o} = {1'b1, 9'd0};
    /* verilator lint_off UNUSEDSIGNAL */
    logic unused;
    assign unused = ^{sdram_dq_i, flash_io_i};
    /* verilator lint_on UNUSEDSIGNAL */
  end
endmodule
