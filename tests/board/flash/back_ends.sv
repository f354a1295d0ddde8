// SPDX-License-Identifier: Apache-2.0
// Back-ends with 4-byte beats side by side: block RAM, flash and RAM, then
// flash controllers that are too fast.
module back_ends #(
  parameter int N = 5
) (
  input  logic        clk_i [N],
  input  logic        rst_ni [N],
  output logic        ready_o [N],
  output logic        error_o [N],
  output logic [31:0] status_o [N],
  input  logic        req_valid_i [N],
  output logic        req_ready_o [N],
  input  logic        req_write_i [N],
  input  logic [31:0] req_addr_i [N],
  input  logic [6:0]  req_beats_i [N],
  output logic        w_ready_o [N],
  input  logic [31:0] w_data_i [N],
  input  logic [3:0]  w_strb_i [N],
  output logic        r_valid_o [N],
  output logic [31:0] r_data_o [N],
  output logic        cs_n_o [N],
  output logic        sck_en_o [N],
  output logic [3:0]  io_o [N],
  output logic [3:0]  io_oe_o [N],
  input  logic [3:0]  io_i [N]
);
  weft_bram_mem #(.BeatBytes(4), .Bytes(65536)) u_bram (
    .clk_i(clk_i[0]), .rst_ni(rst_ni[0]), .sync_i(1'b0), .ready_o(ready_o[0]), .error_o(error_o[0]),
    .status_o(status_o[0]), .mem_req_valid_i(req_valid_i[0]), .mem_req_ready_o(req_ready_o[0]),
    .mem_req_write_i(req_write_i[0]), .mem_req_addr_i(req_addr_i[0]), .mem_req_beats_i(req_beats_i[0]),
    .mem_w_ready_o(w_ready_o[0]), .mem_w_data_i(w_data_i[0]), .mem_w_strb_i(w_strb_i[0]),
    .mem_r_valid_o(r_valid_o[0]), .mem_r_data_o(r_data_o[0])
  );
  assign cs_n_o[0] = 1'b1;
  assign sck_en_o[0] = 1'b0;
  assign io_o[0] = '0;
  assign io_oe_o[0] = '0;
  logic unused;
  assign unused = &{1'b0, io_i[0]};

  localparam int PowerPs [N] = '{0, 25_000_000, 25_000_000, 5_000_000, 25_000_000};
  localparam int WakePs  [N] = '{0, 5_000_000, 1_000_000, 5_000_000, 5_000_000};
  localparam int HighPs  [N] = '{0, 50_000, 50_000, 50_000, 0};
  localparam int Mhz     [N] = '{0, 24, 24, 24, 96};

  for (genvar i = 1; i < N; i++) begin : g_flash
    weft_flashram #(.ClkHz(Mhz[i] * 1_000_000), .PowerPs(PowerPs[i]), .WakePs(WakePs[i]), .HighPs(HighPs[i])) u_flash (
      .clk_i(clk_i[i]), .rst_ni(rst_ni[i]), .sync_i(1'b0), .ready_o(ready_o[i]), .error_o(error_o[i]),
      .status_o(status_o[i]), .mem_req_valid_i(req_valid_i[i]), .mem_req_ready_o(req_ready_o[i]),
      .mem_req_write_i(req_write_i[i]), .mem_req_addr_i(req_addr_i[i]), .mem_req_beats_i(req_beats_i[i]),
      .mem_w_ready_o(w_ready_o[i]), .mem_w_data_i(w_data_i[i]), .mem_w_strb_i(w_strb_i[i]),
      .mem_r_valid_o(r_valid_o[i]), .mem_r_data_o(r_data_o[i]), .flash_cs_n_o(cs_n_o[i]),
      .flash_sck_en_o(sck_en_o[i]), .flash_io_o(io_o[i]), .flash_io_oe_o(io_oe_o[i]), .flash_io_i(io_i[i])
    );
  end
endmodule
