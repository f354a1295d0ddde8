// SPDX-License-Identifier: Apache-2.0
// The array of the small machine: Rows rows of PEs without a shadow, a ring of weights,
// and the steps of one word. mac_i: n_i steps with the ring words from at_i on, seen
// in acc_o when busy_o has fallen. A step a cycle. A maximum has no
// comparator: a step subtracts its byte, clears what is negative now, and adds the byte.
module weft_micro_array #(
  parameter int Rows = 2,
  parameter int AccBits = 28,
  parameter int RingWords = 256,
  localparam int Cols = 4,
  localparam int RingW = $clog2(RingWords),
  localparam int AccW = $clog2(Rows * Cols)
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               ring_write_i,
  input  logic [RingW-1:0]   ring_addr_i,
  input  logic [31:0]        ring_data_i,
  input  logic [Rows-1:0]    word_load_i,     // the word of a row
  input  logic               word_out_i,      // the row's pixel lies outside: pad bytes
  input  logic [31:0]        word_i,
  input  logic               pad_load_i,
  input  logic [7:0]         pad_i,
  input  logic               mode_load_i,
  input  logic [3:0]         mode_i,          // first, unit, max, own
  input  logic               mac_i,
  input  logic [2:0]         n_i,
  input  logic [RingW-1:0]   at_i,
  output logic               busy_o,
  input  logic [AccW-1:0]    acc_sel_i,       // row * Cols + column
  output logic [AccBits-1:0] acc_o
);
  logic [31:0] word_q [Rows];
  logic [7:0]  pad_q;
  logic        first_q, unit_q, max_q, own_q;
  logic [2:0]  left_q;
  logic [1:0]  k_q, k7_q;
  logic [RingW-1:0] at_q;
  logic        step, again, minus_q;
  logic [3:0]  v_q;                            // steps at the array and behind it
  logic [31:0] weights;

  assign step   = left_q != '0 && (!max_q || v_q == '0);
  assign again  = max_q && !minus_q;              // the same byte once more, added
  assign busy_o = left_q != '0 || v_q != '0;
  always_ff @(posedge clk_i) begin
    for (int r = 0; r < Rows; r++) if (word_load_i[r]) word_q[r] <= word_out_i ? {4{pad_q}} : word_i;
    if (pad_load_i) pad_q <= pad_i;
    if (mode_load_i) {unit_q, max_q, own_q} <= mode_i[2:0];
    if (mode_load_i) first_q <= mode_i[3];
    else if (v_q[3]) first_q <= 1'b0;           // of a maximum: the first is the largest
    if (mac_i || step) at_q <= mac_i ? at_i : at_q + 1'b1;
    if (mac_i || (step && !again)) k_q <= mac_i ? '0 : k_q + 1'b1;
    if (step) k7_q <= k_q;
    if (mac_i || step) minus_q <= !mac_i && again;
    if (!rst_ni) begin
      left_q <= '0;
      v_q    <= '0;
    end else begin
      if (mac_i) left_q <= n_i;
      else if (step && !again) left_q <= left_q - 3'd1;
      v_q <= {v_q[2:0], step};
    end
  end

  weft_ram #(.Width(32), .Depth(RingWords)) u_ring (
    .clk_i, .wr_en_i(ring_write_i), .wr_addr_i(ring_addr_i), .wr_data_i(ring_data_i),
    .rd_en_i(step), .rd_addr_i(at_q), .rd_data_o(weights)
  );
  logic [7:0] weight [Cols];
  for (genvar c = 0; c < Cols; c++) begin : g_col
    assign weight[c] = unit_q ? {{7{minus_q}}, 1'b1} : weights[8*c +: 8];
  end

  // After the step: byte select, multiplier inputs; product; accumulate.
  logic [AccBits-1:0] acc [Rows * Cols];
  logic clear;
  assign clear = mode_load_i && mode_i[3];
  for (genvar r = 0; r < Rows; r++) begin : g_row
    logic [7:0] row_byte;
    logic [7:0] x [Cols];
    logic [15:0] p [Cols];
    assign row_byte = word_q[r][8*k7_q +: 8];
    weft_mul #(.Num(Cols), .AW(8), .BW(8)) u_mul (
      .clk_i, .en_in_i(v_q[0]), .en_out_i(v_q[1]), .a_i(x), .b_i(weight), .p_o(p)
    );
    for (genvar c = 0; c < Cols; c++) begin : g_pe
      logic [AccBits-1:0] acc_q;
      assign x[c] = own_q ? word_q[r][8*c +: 8] : row_byte;
      assign acc[r * Cols + c] = acc_q;
      always_ff @(posedge clk_i)
        if (clear || (v_q[3] && minus_q && (first_q || acc_q[AccBits-1]))) acc_q <= '0;
        else if (v_q[2]) acc_q <= acc_q + AccBits'($signed(p[c]));
    end
  end
  assign acc_o = acc[acc_sel_i];
endmodule
