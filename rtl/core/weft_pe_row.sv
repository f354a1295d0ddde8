// SPDX-License-Identifier: Apache-2.0
// One row of PEs: one output pixel, Cols output channels.
// Cycle 7: four-byte group select, byte select, multiplier inputs; 8: product;
// 9: accumulate; 10: capture into the shadow that the drain reads. The index
// of the byte is a port of each column: dense steps give k, depthwise steps c.
module weft_pe_row #(
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
  input  logic [7:0]         weight_i [Cols],
  input  logic               first7_i,    // the step starts a new sum
  input  logic               cap7_i,      // the step is its tile's last
  input  logic               max_i,
  output logic [AccBits-1:0] shadow_o [Cols]
);
  logic [31:0] sel [Groups];
  logic [7:0] x [Cols];
  logic [15:0] p [Cols];
  logic [AccBits-1:0] acc_q [Cols];
  logic [AccBits-1:0] sum [Cols];
  logic keep [Cols];
  logic gate [Cols];
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

  always_comb begin
    for (int g = 0; g < Groups; g++) sel[g] = own_i ? word_i[g] : word_i[group_i];
    for (int c = 0; c < Cols; c++) begin
      case (idx_i[c])
        2'd0: x[c] = sel[c/4][7:0];
        2'd1: x[c] = sel[c/4][15:8];
        2'd2: x[c] = sel[c/4][23:16];
        default: x[c] = sel[c/4][31:24];
      endcase
    end
  end

  weft_mul #(.Num(Cols), .AW(8), .BW(8)) u_mul (
    .clk_i, .en_in_i(v7_i), .en_out_i(v8_q), .a_i(x), .b_i(weight_i), .p_o(p)
  );

  // Maximum needs unit weights: both operands are bytes.
  always_comb begin
    for (int c = 0; c < Cols; c++) begin
      logic gt;
      gt = $signed(p[c][7:0]) > $signed(acc_q[c][7:0]);
      keep[c] = !first9_q && !(max_i && gt);
      gate[c] = first9_q || !max_i || gt;
    end
  end

  weft_acc #(.Num(Cols), .Width(AccBits), .PW(16)) u_acc (
    .acc_i(acc_q), .p_i(p), .keep_i(keep), .gate_i(gate), .sum_o(sum)
  );

  always_ff @(posedge clk_i) begin
    if (cap10_q) begin
      for (int c = 0; c < Cols; c++) shadow_q[c] <= acc_q[c];
    end
    if (v9_q) begin
      for (int c = 0; c < Cols; c++) acc_q[c] <= sum[c];
    end
  end
  assign shadow_o = shadow_q;
endmodule
