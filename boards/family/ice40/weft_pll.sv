// SPDX-License-Identifier: Apache-2.0
// OutHz from the clock pad by one SB_PLL40_PAD; the shifted clock is the same
// or the inverted one (PhaseDeg 0 or 180). Dividers are searched at
// elaboration: VCO 533..1066 MHz, phase detector >= 10 MHz, output exact.
module weft_pll #(
  parameter int InHz = 12000000,
  parameter int OutHz = 24000000,
  parameter int PhaseDeg = 180
) (
  input  logic clk_i,
  output logic clk_o,
  output logic clk_shift_o,
  output logic locked_o
);
  // {DIVR, DIVF, DIVQ}; DIVQ 0: none.
  function automatic logic [13:0] dividers();
    for (int r = 1; r <= 16 && InHz / r >= 10000000; r++)
      for (int f = 1; f <= 128; f++)
        for (int q = 1; q <= 6; q++)
          if (longint'(InHz) * f == longint'(OutHz) * r * (1 << q) &&
              longint'(OutHz) * (1 << q) >= 533000000 && longint'(OutHz) * (1 << q) <= 1066000000)
            return {4'(r - 1), 7'(f - 1), 3'(q)};
    return '0;
  endfunction
  localparam logic [13:0] Div = dividers();
  localparam int Pfd = InHz / (int'(Div[13:10]) + 1);
  localparam logic [2:0] Filter = Pfd < 17000000 ? 3'd1 : Pfd < 26000000 ? 3'd2 :
                                  Pfd < 44000000 ? 3'd3 : Pfd < 66000000 ? 3'd4 :
                                  Pfd < 101000000 ? 3'd5 : 3'd6;
  if (Div[2:0] == 3'd0) $error("no PLL dividers give exactly this clock");
  if (PhaseDeg != 0 && PhaseDeg != 180) $error("this family shifts by 0 or 180 degrees only");

  SB_PLL40_PAD #(
    .FEEDBACK_PATH("SIMPLE"), .DIVR(Div[13:10]), .DIVF(Div[9:3]), .DIVQ(Div[2:0]),
    .FILTER_RANGE(Filter)
  ) u_pll (
    .PACKAGEPIN(clk_i), .PLLOUTGLOBAL(clk_o), .LOCK(locked_o), .RESETB(1'b1), .BYPASS(1'b0)
  );
  assign clk_shift_o = PhaseDeg == 180 ? !clk_o : clk_o;
endmodule
