// SPDX-License-Identifier: Apache-2.0
// From the issue of a step (cycle 0) to its read of the scratchpad and the
// controls that meet the word at the array. Every stage is one register:
//   0 tap table address        1 tap table output -> register; tile's (x, y) become active
//   2 row A = base + drow, bank m = mod + dmod; four compares a row
//   3 rows A and A+G with m's carry; which banks take A+G
//   4 bank addresses (captured by the banks)     5 bank output -> register
//   6 rotate, mask                               7 array
module weft_feed
  import weft_isa_pkg::*;
#(
  parameter int Rows = 8,
  parameter int Cols = 8,
  parameter int Taps = 512,
  parameter int RowAddrW = 10,
  localparam int RowW = $clog2(Rows),
  localparam int TapW = $clog2(Taps),
  localparam int ByteW = $clog2(Cols)
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic [31:0]         cfg_i [32],
  input  logic                init_i,
  input  logic                start_i,
  input  logic                tap_wr_i,       // TAP instruction
  input  logic [127:0]        tap_insn_i,
  // Step at issue.
  input  logic                go_i,
  input  logic                first_i,
  input  logic                last_i,
  input  logic                load_i,
  input  logic                pfirst_i,
  input  logic                plast_i,
  input  logic                end_i,
  input  logic [ByteW-1:0]    k_i,
  input  logic [TapW-1:0]     tap_i,
  input  logic [RowAddrW-1:0] row_i,
  input  logic [RowW-1:0]     mod_i,
  input  logic [RowW-1:0]     walk_row_i,
  input  logic                walk_group_last_i,
  // Cycle 3: weight ring.
  output logic                c3_valid_o,
  output logic                c3_first_o,
  output logic                c3_pfirst_o,
  output logic                c3_plast_o,
  // Cycle 4: bank reads.
  output logic                c4_load_o,
  output logic [RowAddrW-1:0] c4_row_o,
  output logic [RowAddrW-1:0] c4_row_g_o,
  output logic [Rows-1:0]     c4_sel_g_o,
  // Cycle 6: rotate.
  output logic                c6_load_o,
  output logic [RowW-1:0]     c6_amount_o,
  output logic [Rows-1:0]     c6_inside_o,
  // Cycle 7: array.
  output logic                c7_valid_o,
  output logic                c7_first_o,
  output logic                c7_last_o,
  output logic                c7_plast_o,
  output logic                c7_end_o,
  output logic [ByteW-1:0]    c7_k_o
);
  localparam int EntryW = RowAddrW + RowW + 48;
  logic [EntryW-1:0] entry_wr, entry_rd, entry_q;
  assign entry_wr = {tap_insn_i[TAP_DROW_LSB +: RowAddrW], tap_insn_i[TAP_DMOD_LSB +: RowW],
                     tap_insn_i[TAP_YLO_LSB +: 12], tap_insn_i[TAP_YHI_LSB +: 12],
                     tap_insn_i[TAP_XLO_LSB +: 12], tap_insn_i[TAP_XHI_LSB +: 12]};
  weft_ram #(.Width(EntryW), .Depth(Taps)) u_taps (
    .clk_i, .wr_en_i(tap_wr_i), .wr_addr_i(tap_insn_i[TAP_INDEX_LSB +: TapW]), .wr_data_i(entry_wr),
    .rd_en_i(go_i && load_i), .rd_addr_i(tap_i), .rd_data_o(entry_rd)
  );

  logic [RowAddrW-1:0] tap_row;
  logic [RowW-1:0] tap_mod;
  logic [11:0] ylo, yhi, xlo, xhi;
  assign {tap_row, tap_mod, ylo, yhi, xlo, xhi} = entry_q;

  // Valid bits and flags of cycles 1..7: bit n-1 belongs to cycle n.
  logic [6:0] v_q, first_q, last_q, plast_q, end_q;
  logic [5:0] load_q;
  logic [2:0] pfirst_q;
  logic [ByteW-1:0] k_q [7];
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      v_q <= '0;
      load_q <= '0;
    end else begin
      v_q <= {v_q[5:0], go_i};
      load_q <= {load_q[4:0], go_i && load_i};
    end
  end
  always_ff @(posedge clk_i) begin
    first_q <= {first_q[5:0], go_i && first_i};
    last_q <= {last_q[5:0], go_i && last_i};
    pfirst_q <= {pfirst_q[1:0], pfirst_i};
    plast_q <= {plast_q[5:0], plast_i};
    end_q <= {end_q[5:0], end_i};
    k_q[0] <= k_i;
    for (int n = 1; n < 7; n++) k_q[n] <= k_q[n-1];
  end

  logic [12:0] x [Rows];
  logic [12:0] y [Rows];
  weft_raster #(.Rows(Rows)) u_raster (
    .clk_i, .rst_ni, .cfg_i, .start_i, .copy_i(first_q[0]),
    .last_row_i(walk_row_i), .group_last_i(walk_group_last_i), .x_o(x), .y_o(y)
  );

  // Word rows between pixels, once and twice, for the carries of the bank.
  logic [RowAddrW-1:0] g1, g2_q;
  assign g1 = RowAddrW'(cfg_i[REG_EX_IN_WORDS][R_EX_IN_WORDS_G_LSB +: R_EX_IN_WORDS_G_W]);
  always_ff @(posedge clk_i) begin
    if (init_i) g2_q <= g1 << 1;
  end

  // a <= b by the sign of a - b - 1: a carry chain without carry in or out.
  function automatic logic at_most(input logic [12:0] a, input logic [12:0] b);
    /* verilator lint_off UNUSEDSIGNAL */
    logic [13:0] diff;
    /* verilator lint_on UNUSEDSIGNAL */
`ifdef WEFT_FF_LUT
    diff = {1'b0, b} - {1'b0, a};   // its chain inverts an operand for nothing, and begins with a cell anyway
    at_most = !diff[13];
`else
    diff = {1'b0, a} + ~{1'b0, b};
    at_most = diff[13];
`endif
  endfunction

  logic [RowAddrW-1:0] row1_q, row2_q, a3_q, row4_q, row4_g_q;
  logic [RowW-1:0] mod1_q, mod2_q, m3_q, m4_q, m5_q, m6_q;
  logic carry3_q;
  logic [Rows-1:0] inside2, inside3_q, inside4_q, inside5_q, inside6_q, sel3, sel4_q;
  always_comb begin
    for (int r = 0; r < Rows; r++)
      inside2[r] = at_most({1'b0, ylo}, y[r]) && at_most(y[r], {1'b0, yhi})
                && at_most({1'b0, xlo}, x[r]) && at_most(x[r], {1'b0, xhi});
    for (int b = 0; b < Rows; b++) sel3[b] = RowW'(b) < m3_q;
  end
  always_ff @(posedge clk_i) begin
    if (go_i && load_i) begin
      row1_q <= row_i;
      mod1_q <= mod_i;
    end
    if (load_q[0]) begin
      entry_q <= entry_rd;
      row2_q <= row1_q;
      mod2_q <= mod1_q;
    end
    if (load_q[1]) begin
      a3_q <= row2_q + tap_row;
      {carry3_q, m3_q} <= {1'b0, mod2_q} + {1'b0, tap_mod};
      inside3_q <= inside2;
    end
    if (load_q[2]) begin
      row4_q <= carry3_q ? a3_q + g1 : a3_q;
      row4_g_q <= a3_q + (carry3_q ? g2_q : g1);
      sel4_q <= sel3;
      m4_q <= m3_q;
      inside4_q <= inside3_q;
    end
    if (load_q[3]) begin
      m5_q <= m4_q;
      inside5_q <= inside4_q;
    end
    if (load_q[4]) begin
      m6_q <= m5_q;
      inside6_q <= inside5_q;
    end
  end

  assign c3_valid_o = v_q[2];
  assign c3_first_o = first_q[2];
  assign c3_pfirst_o = pfirst_q[2];
  assign c3_plast_o = plast_q[2];
  assign c4_load_o = load_q[3];
  assign c4_row_o = row4_q;
  assign c4_row_g_o = row4_g_q;
  assign c4_sel_g_o = sel4_q;
  assign c6_load_o = load_q[5];
  assign c6_amount_o = m6_q;
  assign c6_inside_o = inside6_q;
  assign c7_valid_o = v_q[6];
  assign c7_first_o = first_q[6];
  assign c7_last_o = last_q[6];
  assign c7_plast_o = plast_q[6];
  assign c7_end_o = end_q[6];
  assign c7_k_o = k_q[6];

  logic unused;
  assign unused = &{1'b0, tap_insn_i};
endmodule
