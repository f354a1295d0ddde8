// SPDX-License-Identifier: Apache-2.0
// Body of weft_mul: MULT9X9 or MULT18X18 of GW2A, signed, with input and output
// registers. WEFT_SURROGATE: a plain register in its place, for the placer that
// does not time multipliers; that netlist only tells a clock rate.
module weft_mul_dsp #(
  parameter int Num = 1,
  parameter int AW = 8,
  parameter int BW = 8,
  /* verilator lint_off UNUSEDPARAM */
  parameter bit [Num-1:0] ANat = '0,
  parameter bit [Num-1:0] BNat = '0
  /* verilator lint_on UNUSEDPARAM */
) (
  input  logic             clk_i,
  input  logic [AW-1:0]    a_i [Num],
  input  logic [BW-1:0]    b_i [Num],
  output logic [AW+BW-1:0] p_o [Num]
);
  localparam bit IsSmall = AW <= 9 && BW <= 9;
  if (AW > 18 || BW > 18) $error("operands of at most 18 bits");
  for (genvar n = 0; n < Num; n++) begin : g_mul
`ifdef WEFT_SURROGATE
    (* keep *) logic [AW+BW-1:0] q;
    always_ff @(posedge clk_i) q <= {a_i[n], b_i[n]};
    assign p_o[n] = q;
`else
    if (IsSmall) begin : g_9
      logic [17:0] p;
      assign p_o[n] = p[AW+BW-1:0];
      MULT9X9 #(.AREG(1'b1), .BREG(1'b1), .OUT_REG(1'b1)) u_mul (
        .CLK(clk_i), .CE(1'b1), .RESET(1'b0), .A(9'($signed(a_i[n]))), .B(9'($signed(b_i[n]))),
        .SIA(9'd0), .SIB(9'd0), .ASIGN(1'b1), .BSIGN(1'b1), .ASEL(1'b0), .BSEL(1'b0), .DOUT(p)
      );
    end else begin : g_18
      logic [35:0] p;
      assign p_o[n] = p[AW+BW-1:0];
      MULT18X18 #(.AREG(1'b1), .BREG(1'b1), .OUT_REG(1'b1)) u_mul (
        .CLK(clk_i), .CE(1'b1), .RESET(1'b0), .A(18'($signed(a_i[n]))), .B(18'($signed(b_i[n]))),
        .SIA(18'd0), .SIB(18'd0), .ASIGN(1'b1), .BSIGN(1'b1), .ASEL(1'b0), .BSEL(1'b0), .DOUT(p)
      );
    end
`endif
  end
endmodule
