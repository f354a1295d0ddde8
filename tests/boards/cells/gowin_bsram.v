// SPDX-License-Identifier: Apache-2.0
// Gowin block RAM as the vendor's guide (UG285) has it, as far as weft uses it: both ports of
// one width and one clock, port A writes, port B reads; a read stays in its latch, with
// READ_MODE 1 it stands in the output register one cycle later, if OCE was high.
module weft_bsram #(
  parameter W = 36, parameter READ_MODE = 0
) (
  input CLK, input we, input [13:0] wa, input [35:0] d, input re, input oce, input [13:0] ra, output [35:0] q
);
  localparam SHIFT = W > 18 ? 5 : W > 9 ? 4 : W > 4 ? 3 : W > 2 ? 2 : W - 1;
  reg [W-1:0] mem [0:16383 >> SHIFT];
  reg [W-1:0] latch, register;
  integer i;
  always @(posedge CLK) begin
    for (i = 0; i < (W + 8) / 9; i = i + 1)
      if (we && (W <= 9 || wa[i])) mem[wa >> SHIFT][9*i +: (W < 9 ? W : 9)] <= d[9*i +: (W < 9 ? W : 9)];
    if (re) latch <= mem[ra >> SHIFT];
    if (oce) register <= latch;
  end
  assign q = READ_MODE != 0 ? register : latch;
endmodule

module SDPX9B #(
  parameter BIT_WIDTH_0 = 36, parameter BIT_WIDTH_1 = 36, parameter READ_MODE = 0,
  parameter BLK_SEL_0 = 0, parameter BLK_SEL_1 = 0, parameter RESET_MODE = "SYNC"
) (
  output [35:0] DO, input [35:0] DI, input [2:0] BLKSELA, BLKSELB, input [13:0] ADA, ADB,
  input CLKA, CLKB, CEA, CEB, OCE, RESETA, RESETB
);
  weft_bsram #(.W(BIT_WIDTH_0), .READ_MODE(READ_MODE)) u_ram (
    .CLK(CLKA), .we(CEA), .wa(ADA), .d(DI), .re(CEB), .oce(OCE), .ra(ADB), .q(DO)
  );
endmodule

module SDPB #(
  parameter BIT_WIDTH_0 = 32, parameter BIT_WIDTH_1 = 32, parameter READ_MODE = 0,
  parameter BLK_SEL_0 = 0, parameter BLK_SEL_1 = 0, parameter RESET_MODE = "SYNC"
) (
  output [31:0] DO, input [31:0] DI, input [2:0] BLKSELA, BLKSELB, input [13:0] ADA, ADB,
  input CLKA, CLKB, CEA, CEB, OCE, RESETA, RESETB
);
  wire [35:0] q;
  assign DO = q[31:0];
  weft_bsram #(.W(BIT_WIDTH_0), .READ_MODE(READ_MODE)) u_ram (
    .CLK(CLKA), .we(CEA), .wa(ADA), .d({4'd0, DI}), .re(CEB), .oce(OCE), .ra(ADB), .q(q)
  );
endmodule

module DPX9B #(
  parameter BIT_WIDTH_0 = 18, parameter BIT_WIDTH_1 = 18, parameter READ_MODE0 = 0, parameter READ_MODE1 = 0,
  parameter WRITE_MODE0 = 0, parameter WRITE_MODE1 = 0, parameter BLK_SEL_0 = 0, parameter BLK_SEL_1 = 0,
  parameter RESET_MODE = "SYNC"
) (
  output [17:0] DOA, DOB, input [17:0] DIA, DIB, input [2:0] BLKSELA, BLKSELB, input [13:0] ADA, ADB,
  input WREA, WREB, CLKA, CLKB, CEA, CEB, OCEA, OCEB, RESETA, RESETB
);
  wire [35:0] q;
  assign DOA = 18'bx;
  assign DOB = q[17:0];
  weft_bsram #(.W(BIT_WIDTH_0), .READ_MODE(READ_MODE1)) u_ram (
    .CLK(CLKA), .we(CEA && WREA), .wa(ADA), .d({18'd0, DIA}), .re(CEB && !WREB), .oce(OCEB), .ra(ADB), .q(q)
  );
endmodule
