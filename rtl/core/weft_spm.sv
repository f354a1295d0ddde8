// SPDX-License-Identifier: Apache-2.0
// Scratchpad: Rows banks, each with one read and one write port.
// Writes: the drain writes any bank; a load of another bank goes in the same
// cycle, of the same bank it waits. Reads in cycle 4 of a step: the feed takes
// all banks; else the residual takes one; else a store takes one.
// Feed words appear on bank_o in cycle 6; single words on word_o two cycles
// after their read: res_valid_o or st_valid_o tells whose.
module weft_spm #(
  parameter int Rows = 8,
  parameter int WordBytes = 8,
  parameter int SpmRows = 1024,
  localparam int RowW = $clog2(Rows),
  localparam int RowAddrW = $clog2(SpmRows),
  localparam int Groups = WordBytes / 4,
  localparam int WordW = WordBytes * 8
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  // Feed.
  input  logic                c4_load_i,
  input  logic [RowAddrW-1:0] c4_row_i,
  input  logic [RowAddrW-1:0] c4_row_g_i,
  input  logic [Rows-1:0]     c4_sel_g_i,
  output logic [31:0]         bank_o [Rows][Groups],
  // Residual.
  input  logic                res_valid_i,
  output logic                res_ready_o,
  input  logic [RowW-1:0]     res_bank_i,
  input  logic [RowAddrW-1:0] res_row_i,
  output logic                res_valid_o,
  // Store.
  input  logic                st_valid_i,
  output logic                st_ready_o,
  input  logic [RowW-1:0]     st_bank_i,
  input  logic [RowAddrW-1:0] st_row_i,
  output logic                st_valid_o,
  output logic [WordW-1:0]    word_o,
  // Drain: one-hot bank.
  input  logic [Rows-1:0]     dr_bank_i,
  input  logic [RowAddrW-1:0] dr_row_i,
  input  logic [WordW-1:0]    dr_data_i,
  // Load.
  input  logic                ld_valid_i,
  output logic                ld_ready_o,
  input  logic [RowW-1:0]     ld_bank_i,
  input  logic [RowAddrW-1:0] ld_row_i,
  input  logic [WordW-1:0]    ld_data_i
);
  localparam int SliceW = (WordW > 64) ? 64 : WordW;
  localparam int Slices = WordW / SliceW;

  assign res_ready_o = !c4_load_i;
  assign st_ready_o = !c4_load_i && !res_valid_i;
  assign ld_ready_o = !dr_bank_i[ld_bank_i];

  logic single;
  logic [RowW-1:0] single_bank;
  logic [RowAddrW-1:0] single_row;
  assign single = !c4_load_i && (res_valid_i || st_valid_i);
  assign single_bank = res_valid_i ? res_bank_i : st_bank_i;
  assign single_row = res_valid_i ? res_row_i : st_row_i;

  logic load5_q, single5_q, res5_q, res6_q, st6_q;
  logic [RowW-1:0] bank5_q;
  logic [SliceW-1:0] data [Rows][Slices];
  logic [SliceW-1:0] data_q [Rows][Slices];
  logic [WordW-1:0] word_q;
  for (genvar b = 0; b < Rows; b++) begin : g_bank
    logic we, re;
    logic [RowAddrW-1:0] wr_row, rd_row;
    logic [WordW-1:0] wr_data;
    assign we = dr_bank_i[b] || (ld_valid_i && ld_bank_i == RowW'(b));
    assign wr_row = dr_bank_i[b] ? dr_row_i : ld_row_i;
    assign wr_data = dr_bank_i[b] ? dr_data_i : ld_data_i;
    assign re = c4_load_i || (single && single_bank == RowW'(b));
    assign rd_row = !c4_load_i ? single_row : c4_sel_g_i[b] ? c4_row_g_i : c4_row_i;
    for (genvar s = 0; s < Slices; s++) begin : g_slice
      weft_ram #(.Width(SliceW), .Depth(SpmRows)) u_ram (
        .clk_i, .wr_en_i(we), .wr_addr_i(wr_row), .wr_data_i(wr_data[s*SliceW +: SliceW]),
        .rd_en_i(re), .rd_addr_i(rd_row), .rd_data_o(data[b][s])
      );
    end
    for (genvar g = 0; g < Groups; g++) begin : g_out
      assign bank_o[b][g] = data_q[b][(g*32) / SliceW][(g*32) % SliceW +: 32];
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      load5_q <= 1'b0;
      single5_q <= 1'b0;
      res5_q <= 1'b0;
      res6_q <= 1'b0;
      st6_q <= 1'b0;
    end else begin
      load5_q <= c4_load_i;
      single5_q <= single;
      res5_q <= res_valid_i && !c4_load_i;
      res6_q <= single5_q && res5_q;
      st6_q <= single5_q && !res5_q;
    end
  end
  always_ff @(posedge clk_i) begin
    if (single) bank5_q <= single_bank;
    if (load5_q) begin
      for (int b = 0; b < Rows; b++) begin
        for (int s = 0; s < Slices; s++) data_q[b][s] <= data[b][s];
      end
    end
    if (single5_q) begin
      for (int s = 0; s < Slices; s++) word_q[s*SliceW +: SliceW] <= data[bank5_q][s];
    end
  end
  assign res_valid_o = res6_q;
  assign st_valid_o = st6_q;
  assign word_o = word_q;
endmodule
