// SPDX-License-Identifier: Apache-2.0
// Bank words to row words: row r takes bank (r + amount) mod Rows, or nothing
// where its pixel lies outside: there pad_o is the pad byte, else it is 0, and the
// array takes word | pad. log2(Rows) levels of two-way selects: keep
// it a module of its own, synthesis is measured on it.
module weft_rotate #(
  parameter int Rows = 8,
  parameter int Groups = 2,
  localparam int RowW = $clog2(Rows)
) (
  input  logic            clk_i,
  input  logic            load_i,
  input  logic [RowW-1:0] amount_i,
  input  logic [Rows-1:0] inside_i,
  input  logic [7:0]      pad_i,
  input  logic [31:0]     bank_i [Rows][Groups],
  output logic [31:0]     word_o [Rows][Groups],
  output logic [7:0]      pad_o [Rows]
);
  logic [31:0] word_q [Rows][Groups];
  for (genvar g = 0; g < Groups; g++) begin : g_group
    logic [31:0] x [RowW+1][Rows];
    always_comb begin
      for (int r = 0; r < Rows; r++) x[0][r] = bank_i[r][g];
      for (int l = 0; l < RowW; l++) begin
        for (int r = 0; r < Rows; r++)
          x[l+1][r] = amount_i[l] ? x[l][(r + (1 << l)) % Rows] : x[l][r];
      end
    end
    always_ff @(posedge clk_i) begin
      if (load_i) begin
        for (int r = 0; r < Rows; r++) word_q[r][g] <= inside_i[r] ? x[RowW][r] : '0;
      end
    end
  end
  logic [7:0] pad_q [Rows];
  always_ff @(posedge clk_i) begin
    if (load_i) begin
      for (int r = 0; r < Rows; r++) pad_q[r] <= inside_i[r] ? '0 : pad_i;
    end
  end
  assign word_o = word_q;
  assign pad_o = pad_q;
endmodule
