// SPDX-License-Identifier: Apache-2.0
// OutHz from InHz by one EHXPLLL, and the same clock PhaseDeg later. Dividers
// are searched at elaboration: VCO 400..800 MHz, phase detector >= 3.125 MHz,
// output exact; no exact dividers: elaboration stops.
module weft_pll #(
  parameter int InHz = 25000000,
  parameter int OutHz = 80000000,
  parameter int PhaseDeg = 180
) (
  input  logic clk_i,
  output logic clk_o,
  output logic clk_shift_o,
  output logic locked_o
);
  // {reference divider, feedback divider, output divider}, 0: none.
  function automatic logic [23:0] dividers();
    for (int ref_div = 1; ref_div <= InHz / 3125000; ref_div++) begin
      for (int fb = 1; fb <= 80; fb++) begin
        if (longint'(InHz) * longint'(fb) == longint'(OutHz) * longint'(ref_div)) begin
          for (int out = 128; out >= 1; out--)
            if (longint'(OutHz) * out <= 800000000 && longint'(OutHz) * out >= 400000000)
              return {8'(ref_div), 8'(fb), 8'(out)};
        end
      end
    end
    return '0;
  endfunction
  localparam logic [23:0] Div = dividers();
  localparam int OutDiv = int'(Div[7:0]);
  localparam int Shift = OutDiv * PhaseDeg * 8 / 360;   // eighths of a VCO period
  if (Div == 24'd0) $error("no PLL dividers give exactly this clock");

  (* ICP_CURRENT = "12", LPF_RESISTOR = "8", MFG_ENABLE_FILTEROPAMP = "1", MFG_GMCREF_SEL = "2" *)
  EHXPLLL #(
    .PLLRST_ENA("DISABLED"), .INTFB_WAKE("DISABLED"), .STDBY_ENABLE("DISABLED"),
    .DPHASE_SOURCE("DISABLED"), .OUTDIVIDER_MUXA("DIVA"), .OUTDIVIDER_MUXB("DIVB"),
    .OUTDIVIDER_MUXC("DIVC"), .OUTDIVIDER_MUXD("DIVD"), .FEEDBK_PATH("CLKOP"),
    .CLKI_DIV(int'(Div[23:16])), .CLKFB_DIV(int'(Div[15:8])),
    .CLKOP_ENABLE("ENABLED"), .CLKOP_DIV(OutDiv), .CLKOP_CPHASE(OutDiv / 2), .CLKOP_FPHASE(0),
    .CLKOS_ENABLE("ENABLED"), .CLKOS_DIV(OutDiv), .CLKOS_CPHASE(OutDiv / 2 + Shift / 8),
    .CLKOS_FPHASE(Shift % 8)
  ) u_pll (
    .CLKI(clk_i), .CLKFB(clk_o), .CLKOP(clk_o), .CLKOS(clk_shift_o), .LOCK(locked_o),
    .RST(1'b0), .STDBY(1'b0), .PHASESEL0(1'b0), .PHASESEL1(1'b0), .PHASEDIR(1'b1),
    .PHASESTEP(1'b1), .PHASELOADREG(1'b1), .PLLWAKESYNC(1'b0), .ENCLKOP(1'b0), .ENCLKOS(1'b0)
  );
endmodule
