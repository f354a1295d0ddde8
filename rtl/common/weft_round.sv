// SPDX-License-Identifier: Apache-2.0
// The adder of a rounding right shift: r_o = h_i + one_i + addend, where bit i of the
// addend is above_i[b] | (here_i[b] & low_i[j]) with i + 1 = 8b + j, i = 0..30.
// Combinational. WEFT_ECP5: one CCU2C chain whose LUTs make the addend.
module weft_round (
  input  logic [31:0] h_i,
  input  logic        one_i,
  input  logic [3:0]  here_i,
  input  logic [3:0]  above_i,
  input  logic [7:0]  low_i,
  output logic [32:0] r_o
);
`ifdef WEFT_ECP5
  // Index {D,C,B,A} = {low, above, here, h}: h ^ (here & low | above); low nibble: carry h.
  localparam logic [15:0] Init = 16'h565A;
  // Position 0 only makes the carry one_i; position i + 1 is bit i.
  logic [33:0] a, b, c, d, s;
  logic [17:0] carry;
  always_comb begin
    a = {h_i[31], h_i, one_i};
    b = {33'd0, one_i};
    c = '0;
    d = 34'd1;
    for (int k = 1; k < 32; k++) begin
      b[k] = here_i[k/8];
      c[k] = above_i[k/8];
      d[k] = low_i[k%8];
    end
  end
  assign carry[0] = 1'b0;
  assign r_o = s[33:1];
  for (genvar i = 0; i < 17; i++) begin : g_bit
    CCU2C #(.INIT0(Init), .INIT1(Init), .INJECT1_0("NO"), .INJECT1_1("NO")) u_cell (
      .CIN(carry[i]), .COUT(carry[i+1]),
      .A0(a[2*i]), .B0(b[2*i]), .C0(c[2*i]), .D0(d[2*i]), .S0(s[2*i]),
      .A1(a[2*i+1]), .B1(b[2*i+1]), .C1(c[2*i+1]), .D1(d[2*i+1]), .S1(s[2*i+1])
    );
  end
`else
  logic [32:0] addend;
  always_comb begin
    addend = '0;
    for (int k = 1; k < 32; k++) addend[k-1] = above_i[k/8] || (here_i[k/8] && low_i[k%8]);
  end
  assign r_o = 33'($signed(h_i)) + addend + 33'(one_i);
`endif
endmodule
