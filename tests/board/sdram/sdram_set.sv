// SPDX-License-Identifier: Apache-2.0
// Controllers of several boards and clocks, then controllers each with one
// parameter too short, side by side: one build. Each has its own clock input, so
// that only the one under test runs. info_o tells the bench what it looks at.
module sdram_set #(
  parameter int N = 19
) (
  input  logic         clk_i [N],
  input  logic         rst_ni [N],
  input  logic         sync_i [N],
  output logic         ready_o [N],
  output logic         error_o [N],
  output logic [31:0]  status_o [N],
  input  logic         req_valid_i [N],
  output logic         req_ready_o [N],
  input  logic         req_write_i [N],
  input  logic [31:0]  req_addr_i [N],
  input  logic [6:0]   req_beats_i [N],
  output logic         w_ready_o [N],
  input  logic [127:0] w_data_i [N],
  input  logic [15:0]  w_strb_i [N],
  output logic         r_valid_o [N],
  output logic [127:0] r_data_o [N],
  output logic         cke_o [N],
  output logic         cs_n_o [N],
  output logic         ras_n_o [N],
  output logic         cas_n_o [N],
  output logic         we_n_o [N],
  output logic [1:0]   ba_o [N],
  output logic [12:0]  a_o [N],
  output logic [3:0]   dqm_o [N],
  output logic [31:0]  dq_o [N],
  output logic         dq_oe_o [N],
  input  logic [31:0]  dq_i [N],
  output int           info_o [N][6]      // kHz, data bits, beat, has dqm, row bits, column bits
);
  //                                 boards                           one too short
  localparam int Khz   [N] = '{80000, 100000, 80000, 40500, 64000, 50000, 133000, 60000, 133000, 133000, 133000, 133000, 133000, 133000, 133000, 133000, 133000, 133000, 133000};
  localparam int Bits  [N] = '{16, 16,  32, 32, 32, 16, 16,  32, 16,  16,  32,  32,  16,  16,  16,  16,  16,  16,  16};
  localparam int Beat  [N] = '{4,  8,   4,  4,  8,  4,  16,  4,  16,  16,  4,   4,   16,  16,  16,  16,  16,  16,  16};
  localparam bit Dqm   [N] = '{1,  1,   0,  1,  0,  1,  1,   0,  1,   1,   1,   1,   1,   1,   1,   1,   1,   1,   1};
  localparam int Rows  [N] = '{13, 13,  11, 11, 11, 13, 13,  11, 13,  13,  11,  11,  13,  13,  13,  13,  13,  13,  13};
  localparam int Cols  [N] = '{10, 10,  8,  8,  8,  10, 9,   8,  9,   9,   8,   8,   9,   9,   9,   9,   9,   9,   9};
  localparam int Cl    [N] = '{2,  2,   2,  2,  2,  2,  3,   2,  3,   3,   3,   3,   3,   3,   3,   3,   3,   2,   3};
  localparam int Refi  [N] = '{0,  0,   1,  1,  1,  0,  0,   1,  0,   0,   1,   1,   0,   0,   2,   0,   0,   0,   0};
  localparam int RefiPs [3] = '{7_812_500, 15_625_000, 15_625_000};

  for (genvar i = 0; i < N; i++) begin : g_set
    logic [Beat[i]*8-1:0] r_data;
    logic [Bits[i]/8-1:0] dqm;
    logic [Bits[i]-1:0]   dq;
    weft_sdram #(
      .ClkHz(Khz[i] * 1000), .DataBits(Bits[i]), .RowBits(Rows[i]), .ColBits(Cols[i]),
      .ProbeCol(Cols[i] == 10), .HasDqm(Dqm[i]), .BeatBytes(Beat[i]), .CasLatency(Cl[i]),
      .RcdPs(i == 8 ? 15_000 : 20_000), .RpPs(i == 9 ? 15_000 : i == 11 ? 7_500 : 20_000),
      .RasPs(i == 10 ? 37_500 : i == 11 ? 30_000 : 45_000), .RcPs(i == 10 || i == 11 ? 7_500 : 66_000),
      .WrPs(i == 12 ? 7_500 : 15_000), .WrMin(i == 12 ? 1 : 2), .RfcPs(i == 13 ? 60_000 : 70_000),
      .RefiPs(RefiPs[Refi[i]]), .PowerUpPs(i == 15 ? 99_000_000 : 200_000_000),
      .InitRefreshes(i == 16 ? 1 : 8)
    ) u_sdram (
      .clk_i(clk_i[i]), .rst_ni(rst_ni[i]), .sync_i(sync_i[i]),
      .ready_o(ready_o[i]), .error_o(error_o[i]), .status_o(status_o[i]),
      .mem_req_valid_i(req_valid_i[i]), .mem_req_ready_o(req_ready_o[i]),
      .mem_req_write_i(req_write_i[i]), .mem_req_addr_i(req_addr_i[i]), .mem_req_beats_i(req_beats_i[i]),
      .mem_w_ready_o(w_ready_o[i]), .mem_w_data_i(w_data_i[i][Beat[i]*8-1:0]),
      .mem_w_strb_i(w_strb_i[i][Beat[i]-1:0]), .mem_r_valid_o(r_valid_o[i]), .mem_r_data_o(r_data),
      .sdram_cke_o(cke_o[i]), .sdram_cs_n_o(cs_n_o[i]), .sdram_ras_n_o(ras_n_o[i]),
      .sdram_cas_n_o(cas_n_o[i]), .sdram_we_n_o(we_n_o[i]), .sdram_ba_o(ba_o[i]), .sdram_a_o(a_o[i]),
      .sdram_dqm_o(dqm), .sdram_dq_o(dq), .sdram_dq_oe_o(dq_oe_o[i]), .sdram_dq_i(dq_i[i][Bits[i]-1:0])
    );
    assign r_data_o[i] = 128'(r_data);
    assign dqm_o[i]    = 4'(dqm);
    assign dq_o[i]     = 32'(dq);
    assign info_o[i]   = '{Khz[i], Bits[i], Beat[i], int'(Dqm[i]), Rows[i], Cols[i]};
  end
endmodule
