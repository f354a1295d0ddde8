// SPDX-License-Identifier: Apache-2.0
// A look-up table of which one bit is flipped while fault_i is its number.
module weft_flip #(
  parameter [15:0] INIT = 0, parameter [7:0] NUMBER = 0, parameter [3:0] ROW = 0
) (
  input [7:0] fault_i,
`ifdef WEFT_FLIP_ECP5
  input A, B, C, D, output Z
`elsif WEFT_FLIP_GOWIN
  input I0, I1, I2, I3, output F
`else
  input I0, I1, I2, I3, output O
`endif
);
  wire right;
`ifdef WEFT_FLIP_ECP5
  LUT4 #(.INIT(INIT)) u_lut (.A(A), .B(B), .C(C), .D(D), .Z(right));
  assign Z = right ^ (fault_i == NUMBER && {D, C, B, A} == ROW);
`elsif WEFT_FLIP_GOWIN
  LUT4 #(.INIT(INIT)) u_lut (.I0(I0), .I1(I1), .I2(I2), .I3(I3), .F(right));
  assign F = right ^ (fault_i == NUMBER && {I3, I2, I1, I0} == ROW);
`else
  SB_LUT4 #(.LUT_INIT(INIT)) u_lut (.I0(I0), .I1(I1), .I2(I2), .I3(I3), .O(right));
  assign O = right ^ (fault_i == NUMBER && {I3, I2, I1, I0} == ROW);
`endif
endmodule
