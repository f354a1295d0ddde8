// SPDX-License-Identifier: Apache-2.0
// The adder of a PE, Num of them: sum_o = (keep ? acc : 0) + (gate ? p : 0).
// keep = gate = 0 is not used (the carry chain of ECP5 cannot express it).
// WEFT_ECP5: a CCU2C chain whose LUTs hold both gates, so that first step,
// accumulate and maximum cost one cell a bit. WEFT_GOWIN: an ALU chain that holds
// keep; gate must be 1 (weft_pe_row holds the accumulator instead).
module weft_acc #(
  parameter int Num = 8,
  parameter int Width = 28,
  parameter int PW = 16
) (
  input  logic [Width-1:0] acc_i [Num],
  input  logic [PW-1:0]    p_i [Num],
  input  logic             keep_i [Num],
  input  logic             gate_i [Num],
  output logic [Width-1:0] sum_o [Num]
);
`ifdef WEFT_ECP5
  // Index {D,C,B,A} = {gate, keep, acc, p}: p&gate ^ acc&keep; low nibble: carry p&acc.
  localparam logic [15:0] Init = 16'h6AC8;
  localparam int Cells = (Width + 1) / 2;
  for (genvar n = 0; n < Num; n++) begin : g_acc
    logic [Cells:0] carry;
    logic [2*Cells-1:0] a, p, s;
    assign a = (2*Cells)'(acc_i[n]);
    assign p = (2*Cells)'($signed(p_i[n]));
    assign carry[0] = 1'b0;
    assign sum_o[n] = s[Width-1:0];
    for (genvar i = 0; i < Cells; i++) begin : g_bit
      CCU2C #(.INIT0(Init), .INIT1(Init), .INJECT1_0("NO"), .INJECT1_1("NO")) u_cell (
        .CIN(carry[i]), .COUT(carry[i+1]),
        .A0(p[2*i]), .B0(a[2*i]), .C0(keep_i[n]), .D0(gate_i[n]), .S0(s[2*i]),
        .A1(p[2*i+1]), .B1(a[2*i+1]), .C1(keep_i[n]), .D1(gate_i[n]), .S1(s[2*i+1])
      );
    end
  end
`elsif WEFT_GOWIN
  for (genvar n = 0; n < Num; n++) begin : g_acc
    logic [Width:0] carry;
    logic [Width-1:0] p;
    logic unused;
    assign p = Width'($signed(p_i[n]));
    assign carry[0] = 1'b0;
    assign unused = gate_i[n];
    for (genvar i = 0; i < Width; i++) begin : g_bit
      ALU #(.ALU_MODE(9)) u_cell (   // I0 & I1 ^ I3 ^ CIN, carry I0 & I1 where the first two differ not
        .I0(acc_i[n][i]), .I1(keep_i[n]), .I3(p[i]), .CIN(carry[i]), .COUT(carry[i+1]), .SUM(sum_o[n][i])
      );
    end
  end
`else
  always_comb begin
    for (int n = 0; n < Num; n++)
      sum_o[n] = (keep_i[n] ? acc_i[n] : '0) + (gate_i[n] ? Width'($signed(p_i[n])) : '0);
  end
`endif
endmodule
