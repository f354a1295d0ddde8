// SPDX-License-Identifier: Apache-2.0
// OutHz from InHz by one rPLL of GW2A, and the same clock PhaseDeg (a multiple
// of 90) later. Dividers are searched at elaboration: VCO 500..1250 MHz, phase
// detector >= 3 MHz, output exact; none: elaboration stops.
module weft_pll #(
  parameter int InHz = 27000000,
  parameter int OutHz = 40500000,
  parameter int PhaseDeg = 180
) (
  input  logic clk_i,
  output logic clk_o,
  output logic clk_shift_o,
  output logic locked_o
);
  function automatic int out_div(int i);
    return i < 3 ? 2 << i : i * 16 - 32;   // 2 4 8 16 32 48 64 80 96 112 128
  endfunction
  // {IDIV, FBDIV, ODIV}, 0: none.
  function automatic logic [23:0] dividers();
    for (int id = 1; id <= 64 && InHz / id >= 3000000; id++)
      for (int fb = 1; fb <= 64; fb++)
        for (int i = 0; i <= 10; i++)
          if (longint'(InHz) * fb == longint'(OutHz) * id &&
              longint'(OutHz) * out_div(i) >= 500000000 && longint'(OutHz) * out_div(i) <= 1250000000)
            return {8'(id), 8'(fb), 8'(out_div(i))};
    return '0;
  endfunction
  localparam logic [23:0] Div = dividers();
  if (Div == 24'd0) $error("no PLL dividers give exactly this clock");

  logic unused_div, unused_div3;
  rPLL #(
    .FCLKIN("27"), .DEVICE("GW2AR-18C"),
    .IDIV_SEL(int'(Div[23:16]) - 1), .FBDIV_SEL(int'(Div[15:8]) - 1), .ODIV_SEL(int'(Div[7:0])),
    .DYN_IDIV_SEL("false"), .DYN_FBDIV_SEL("false"), .DYN_ODIV_SEL("false"), .DYN_DA_EN("false"),
    .PSDA_SEL(PhaseDeg == 90 ? "0100" : PhaseDeg == 180 ? "1000" : PhaseDeg == 270 ? "1100" : "0000"),
    .DUTYDA_SEL("1000"), .CLKOUT_FT_DIR(1'b1), .CLKOUTP_FT_DIR(1'b1), .CLKOUT_DLY_STEP(0),
    .CLKOUTP_DLY_STEP(0), .CLKFB_SEL("internal"), .CLKOUT_BYPASS("false"), .CLKOUTP_BYPASS("false"),
    .CLKOUTD_BYPASS("false"), .DYN_SDIV_SEL(2), .CLKOUTD_SRC("CLKOUT"), .CLKOUTD3_SRC("CLKOUT")
  ) u_pll (
    .CLKIN(clk_i), .CLKFB(1'b0), .RESET(1'b0), .RESET_P(1'b0), .FBDSEL(6'd0), .IDSEL(6'd0),
    .ODSEL(6'd0), .PSDA(4'd0), .DUTYDA(4'd0), .FDLY(4'd0), .CLKOUT(clk_o), .CLKOUTP(clk_shift_o),
    .CLKOUTD(unused_div), .CLKOUTD3(unused_div3), .LOCK(locked_o)
  );
endmodule
