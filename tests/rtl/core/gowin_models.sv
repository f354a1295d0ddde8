// SPDX-License-Identifier: Apache-2.0
// The Gowin cell of weft_acc, as yosys and the vendor's UG288 describe it in mode MULT.
/* verilator lint_off DECLFILENAME */
module ALU #(
  parameter int ALU_MODE = 0
) (
  input  logic I0, I1, I3, CIN,
  output logic SUM, COUT
);
  logic both, half;
  if (ALU_MODE != 9) $error("only mode 9");
  assign both = I0 & I1;
  assign half = both ^ I3;
  assign SUM = half ^ CIN;
  assign COUT = half ? CIN : both;
endmodule
