// SPDX-License-Identifier: Apache-2.0
// Rows of PEs and the travelling weight wave. Hop = 0: every row sees the
// weights in cycle 7. Hop > 0: row r sees weights, word and controls r/Hop
// cycles later; row r drains at slot r or later, so that the drain never sees
// the difference and the tile law stays.
// WEFT_MUL_PAIR: rows 2i and 2i+1, which see the same weights in the same cycle
// unless Hop = 1, share their multipliers (weft_mul_pair). Cycles are the same.
// Moves = 1 (Hop = 0 only): with shift_i every shadow takes that of Lanes columns
// behind it, rows in succession, so that the drain reads the first Lanes of row 0.
module weft_array #(
  parameter bit Moves = 1'b0,
  parameter int Lanes = 1,
  parameter int Rows = 8,
  parameter int Cols = 8,
  parameter int Hop = 0,
  parameter int AccBits = 28,
  localparam int Groups = Cols / 4,
  localparam int ByteW = $clog2(Cols)
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               c7_valid_i,
  input  logic               c7_first_i,
  input  logic               c7_last_i,
  input  logic [ByteW-1:0]   c7_k_i,
  input  logic               c7_load_i,      // words changed
  input  logic [7:0]         weight_i [Cols],
  input  logic [31:0]        word_i [Rows][Groups],
  input  logic [7:0]         pad_i [Rows],   // every byte of a row: word | pad
  input  logic               own_i,          // depthwise
  input  logic               max_i,
  input  logic               shift_i,
  output logic [AccBits-1:0] shadow_o [Rows][Cols]
);
  localparam int Waves = (Hop == 0) ? 1 : Rows / Hop;
  localparam int GroupW = (Groups > 1) ? $clog2(Groups) : 1;

  logic v [Waves];
  logic first [Waves];
  logic last [Waves];
  logic load [Waves];
  logic [ByteW-1:0] k [Waves];
  logic [7:0] weight [Waves][Cols];
  assign v[0] = c7_valid_i;
  assign first[0] = c7_first_i;
  assign last[0] = c7_last_i;
  assign load[0] = c7_load_i;
  assign k[0] = c7_k_i;
  for (genvar c = 0; c < Cols; c++) begin : g_w0
    assign weight[0][c] = weight_i[c];
  end
  for (genvar w = 1; w < Waves; w++) begin : g_wave
    logic v_q, first_q, last_q, load_q;
    logic [ByteW-1:0] k_q;
    logic [7:0] weight_q [Cols];
    always_ff @(posedge clk_i) begin
      if (!rst_ni) begin
        v_q <= 1'b0;
        load_q <= 1'b0;
      end else begin
        v_q <= v[w-1];
        load_q <= load[w-1];
      end
    end
    always_ff @(posedge clk_i) begin
      if (v[w-1]) begin
        first_q <= first[w-1];
        last_q <= last[w-1];
        k_q <= k[w-1];
        for (int c = 0; c < Cols; c++) weight_q[c] <= weight[w-1][c];
      end
    end
    assign v[w] = v_q;
    assign first[w] = first_q;
    assign last[w] = last_q;
    assign load[w] = load_q;
    assign k[w] = k_q;
    for (genvar c = 0; c < Cols; c++) begin : g_w
      assign weight[w][c] = weight_q[c];
    end
  end

`ifdef WEFT_MUL_PAIR
  logic [7:0] x [Rows][Cols];
  logic [15:0] p [Rows][Cols];
  logic v8_q [Waves];
  always_ff @(posedge clk_i) begin
    for (int w = 0; w < Waves; w++) v8_q[w] <= v[w];
  end
  for (genvar r = 0; r < Rows; r += 2) begin : g_pair
    localparam int Wave = (Hop == 0) ? 0 : r / Hop;
    if (Hop != 1) begin : g_shared
      weft_mul_pair #(.Num(Cols)) u_mul (
        .clk_i, .en_in_i(v[Wave]), .en_out_i(v8_q[Wave]), .a0_i(x[r]), .a1_i(x[r+1]),
        .b_i(weight[Wave]), .p0_o(p[r]), .p1_o(p[r+1])
      );
    end else begin : g_own
      for (genvar i = 0; i < 2; i++) begin : g_mul
        weft_mul #(.Num(Cols)) u_mul (
          .clk_i, .en_in_i(v[Wave+i]), .en_out_i(v8_q[Wave+i]), .a_i(x[r+i]),
          .b_i(weight[Wave+i]), .p_o(p[r+i])
        );
      end
    end
  end
`endif
  for (genvar r = 0; r < Rows; r++) begin : g_row
    localparam int Wave = (Hop == 0) ? 0 : r / Hop;
    logic [31:0] word [Groups];
    logic [7:0] pad;
    if (Wave == 0) begin : g_now
      assign word = word_i[r];
      assign pad = pad_i[r];
    end else begin : g_late
      logic [31:0] word_q [Wave][Groups];
      logic [7:0] pad_q [Wave];
      always_ff @(posedge clk_i) begin
        for (int s = 0; s < Wave; s++) begin
          if (load[s]) begin
            pad_q[s] <= (s == 0) ? pad_i[r] : pad_q[(s == 0) ? 0 : s-1];
            for (int g = 0; g < Groups; g++) word_q[s][g] <= (s == 0) ? word_i[r][g] : word_q[(s == 0) ? 0 : s-1][g];
          end
        end
      end
      assign word = word_q[Wave-1];
      assign pad = pad_q[Wave-1];
    end
    logic [1:0] idx [Cols];
    for (genvar c = 0; c < Cols; c++) begin : g_idx
      assign idx[c] = own_i ? 2'(c) : k[Wave][1:0];
    end
    logic [GroupW-1:0] group;
    if (Groups > 1) begin : g_group
      assign group = k[Wave][ByteW-1:2];
    end else begin : g_one
      assign group = '0;
    end
    logic [AccBits-1:0] next [Cols];
    for (genvar c = 0; c < Cols; c++) begin : g_next
      localparam int N = r * Cols + c + Lanes;
      if (Moves && N < Rows * Cols) begin : g_behind
        assign next[c] = shadow_o[N/Cols][N%Cols];
      end else begin : g_none
        assign next[c] = '0;
      end
    end
    weft_pe_row #(.Cols(Cols), .AccBits(AccBits), .Moves(Moves)) u_row (
      .clk_i, .v7_i(v[Wave]), .own_i, .group_i(group), .idx_i(idx), .word_i(word), .pad_i(pad),
`ifdef WEFT_MUL_PAIR
      .x_o(x[r]), .p_i(p[r]),
`else
      .weight_i(weight[Wave]),
`endif
      .first7_i(first[Wave]), .cap7_i(last[Wave]), .max_i, .shift_i, .next_i(next),
      .shadow_o(shadow_o[r])
    );
  end

  logic unused;
  assign unused = &{1'b0, rst_ni, load[Waves-1]};
endmodule
