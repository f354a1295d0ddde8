// SPDX-License-Identifier: Apache-2.0
// One row of PEs: one output pixel, Cols output channels.
// Cycle 7: four-byte group select, byte select, multiplier inputs; 8: product;
// 9: accumulate; 10: capture into the shadow that the drain reads. The index
// of the byte is a port of each column: dense steps give k, depthwise steps c.
// ColumnIndex = 1 selects by it in every PE, as N:M sparsity will need; without
// N:M all columns of a dense step agree, and one select a row saves 1,000 LUTs
// at 8 x 8.
// WEFT_FF_LUT (a family whose flip-flops are fed through the LUT beside them, so that
// a register costs a LUT): Moves = 1 makes the shadow a chain that moves on with
// shift_i, and the maximum keeps its accumulator by the clock enable.
module weft_pe_row #(
  parameter bit ColumnIndex = 1'b0,
  parameter bit Moves = 1'b0,
  parameter int Cols = 8,
  parameter int AccBits = 28,
  localparam int Groups = Cols / 4,
  localparam int GroupW = (Groups > 1) ? $clog2(Groups) : 1
) (
  input  logic               clk_i,
  input  logic               v7_i,        // a step's operands are present
  input  logic               own_i,       // column groups read their own bytes (depthwise)
  input  logic [GroupW-1:0]  group_i,     // otherwise: the group of byte k
  input  logic [1:0]         idx_i [Cols],
  input  logic [31:0]        word_i [Groups],
  input  logic [7:0]         pad_i,       // every byte is word | pad
`ifdef WEFT_MUL_PAIR
  output logic [7:0]         x_o [Cols],  // to the multipliers, which two rows share
  input  logic [15:0]        p_i [Cols],
`else
  input  logic [7:0]         weight_i [Cols],
`endif
  input  logic               first7_i,    // the step starts a new sum
  input  logic               cap7_i,      // the step is its tile's last
  input  logic               max_i,
  input  logic               shift_i,
  input  logic [AccBits-1:0] next_i [Cols],   // what the shadow becomes with shift_i
  output logic [AccBits-1:0] shadow_o [Cols]
);
  logic [7:0] x [Cols];
  logic [15:0] p [Cols];
  logic [AccBits-1:0] acc_q [Cols];
  logic [AccBits-1:0] sum [Cols];
  logic keep [Cols];
  logic gate [Cols];
  logic load [Cols];
  logic [AccBits-1:0] shadow_q [Cols];
  logic v8_q, v9_q, first8_q, first9_q, cap8_q, cap9_q, cap10_q;

  always_ff @(posedge clk_i) begin
    v8_q <= v7_i;
    v9_q <= v8_q;
    first8_q <= first7_i;
    first9_q <= first8_q;
    cap8_q <= v7_i && cap7_i;
    cap9_q <= cap8_q;
    cap10_q <= cap9_q;
  end

  if (ColumnIndex) begin : g_column
    logic [31:0] sel [Groups];
    always_comb begin
      for (int g = 0; g < Groups; g++) sel[g] = own_i ? word_i[g] : word_i[group_i];
      for (int c = 0; c < Cols; c++) x[c] = sel[c/4][8*idx_i[c] +: 8] | pad_i;
    end
  end else begin : g_row
    logic [7:0] row_byte;
    assign row_byte = word_i[group_i][8*idx_i[0] +: 8];
    always_comb begin
      for (int c = 0; c < Cols; c++) x[c] = (own_i ? word_i[c/4][8*(c%4) +: 8] : row_byte) | pad_i;
    end
  end

`ifdef WEFT_MUL_PAIR
  assign x_o = x;
  assign p = p_i;
`else
  weft_mul #(.Num(Cols), .AW(8), .BW(8)) u_mul (
    .clk_i, .en_in_i(v7_i), .en_out_i(v8_q), .a_i(x), .b_i(weight_i), .p_o(p)
  );
`endif

  // Maximum needs unit weights: both operands are bytes.
  always_comb begin
    for (int c = 0; c < Cols; c++) begin
      /* verilator lint_off UNUSEDSIGNAL */
      logic [8:0] diff;           // p - acc - 1: a chain without carry in or out
      /* verilator lint_on UNUSEDSIGNAL */
      logic gt;
`ifdef WEFT_FF_LUT
      diff = {acc_q[c][7], acc_q[c][7:0]} - {p[c][7], p[c][7:0]};
      gt = diff[8];
      keep[c] = !first9_q && !max_i;
      gate[c] = 1'b1;
      load[c] = v9_q && (first9_q || !max_i || gt);
`else
      diff = {p[c][7], p[c][7:0]} + ~{acc_q[c][7], acc_q[c][7:0]};
      gt = !diff[8];
      keep[c] = !first9_q && !(max_i && gt);
      gate[c] = first9_q || !max_i || gt;
      load[c] = v9_q;
`endif
    end
  end

  weft_acc #(.Num(Cols), .Width(AccBits), .PW(16)) u_acc (
    .acc_i(acc_q), .p_i(p), .keep_i(keep), .gate_i(gate), .sum_o(sum)
  );

  always_ff @(posedge clk_i) begin
    if (cap10_q || (Moves && shift_i)) begin
      for (int c = 0; c < Cols; c++) shadow_q[c] <= (Moves && !cap10_q) ? next_i[c] : acc_q[c];
    end
    for (int c = 0; c < Cols; c++) begin
      if (load[c]) acc_q[c] <= sum[c];
    end
  end
  assign shadow_o = shadow_q;
endmodule
