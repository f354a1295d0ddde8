// SPDX-License-Identifier: Apache-2.0
// DP16KD of ECP5, from the memory usage guide (Lattice FPGA-TN-02204): 2048
// words of nine bits; 18 bits are two words, the lower address bits then their
// write enables; 1, 2 and 4 bits lie in the lower eight. Output register or
// none, NORMAL, WRITETHROUGH and READBEFOREWRITE; contents start as zeros.
module weft_dp16kd_port #(
  parameter WIDTH = 18, parameter REGMODE = "NOREG", parameter WRITEMODE = "NORMAL",
  parameter [2:0] DECODE = 3'b000
) (
  input         CLK, CE, OCE, WE, RST,
  input  [2:0]  CS,
  input  [13:0] AD,
  input  [17:0] now,        // the word at AD before this edge
  output [17:0] DO,
  output        reads, writes
);
  wire on = CE && CS == DECODE;
  assign writes = on && WE;
  assign reads = on;
  reg [17:0] q, r;
  initial begin q = 0; r = 0; end
  always @(posedge CLK) begin
    if (RST) q <= 0;
    else if (on && (!WE || WRITEMODE != "NORMAL")) q <= now;
    if (RST) r <= 0;
    else if (OCE) r <= q;
  end
  assign DO = REGMODE == "NOREG" ? q : r;
endmodule

module DP16KD (
  input DIA17, DIA16, DIA15, DIA14, DIA13, DIA12, DIA11, DIA10, DIA9, DIA8, DIA7, DIA6, DIA5, DIA4, DIA3, DIA2, DIA1, DIA0,
  input ADA13, ADA12, ADA11, ADA10, ADA9, ADA8, ADA7, ADA6, ADA5, ADA4, ADA3, ADA2, ADA1, ADA0,
  input CEA, OCEA, CLKA, WEA, RSTA, CSA2, CSA1, CSA0,
  output DOA17, DOA16, DOA15, DOA14, DOA13, DOA12, DOA11, DOA10, DOA9, DOA8, DOA7, DOA6, DOA5, DOA4, DOA3, DOA2, DOA1, DOA0,
  input DIB17, DIB16, DIB15, DIB14, DIB13, DIB12, DIB11, DIB10, DIB9, DIB8, DIB7, DIB6, DIB5, DIB4, DIB3, DIB2, DIB1, DIB0,
  input ADB13, ADB12, ADB11, ADB10, ADB9, ADB8, ADB7, ADB6, ADB5, ADB4, ADB3, ADB2, ADB1, ADB0,
  input CEB, OCEB, CLKB, WEB, RSTB, CSB2, CSB1, CSB0,
  output DOB17, DOB16, DOB15, DOB14, DOB13, DOB12, DOB11, DOB10, DOB9, DOB8, DOB7, DOB6, DOB5, DOB4, DOB3, DOB2, DOB1, DOB0
);
  parameter DATA_WIDTH_A = 18; parameter DATA_WIDTH_B = 18;
  parameter REGMODE_A = "NOREG"; parameter REGMODE_B = "NOREG";
  parameter RESETMODE = "SYNC"; parameter ASYNC_RESET_RELEASE = "SYNC";
  parameter CSDECODE_A = "0b000"; parameter CSDECODE_B = "0b000";
  parameter WRITEMODE_A = "NORMAL"; parameter WRITEMODE_B = "NORMAL";
  parameter CLKAMUX = "CLKA"; parameter CLKBMUX = "CLKB"; parameter GSR = "ENABLED";
  parameter INIT_DATA = "STATIC"; parameter WID = 0;
  parameter [319:0] INITVAL_00 = 0;  parameter [319:0] INITVAL_01 = 0;
  parameter [319:0] INITVAL_02 = 0;  parameter [319:0] INITVAL_03 = 0;
  parameter [319:0] INITVAL_04 = 0;  parameter [319:0] INITVAL_05 = 0;
  parameter [319:0] INITVAL_06 = 0;  parameter [319:0] INITVAL_07 = 0;
  parameter [319:0] INITVAL_08 = 0;  parameter [319:0] INITVAL_09 = 0;
  parameter [319:0] INITVAL_0A = 0;  parameter [319:0] INITVAL_0B = 0;
  parameter [319:0] INITVAL_0C = 0;  parameter [319:0] INITVAL_0D = 0;
  parameter [319:0] INITVAL_0E = 0;  parameter [319:0] INITVAL_0F = 0;
  parameter [319:0] INITVAL_10 = 0;  parameter [319:0] INITVAL_11 = 0;
  parameter [319:0] INITVAL_12 = 0;  parameter [319:0] INITVAL_13 = 0;
  parameter [319:0] INITVAL_14 = 0;  parameter [319:0] INITVAL_15 = 0;
  parameter [319:0] INITVAL_16 = 0;  parameter [319:0] INITVAL_17 = 0;
  parameter [319:0] INITVAL_18 = 0;  parameter [319:0] INITVAL_19 = 0;
  parameter [319:0] INITVAL_1A = 0;  parameter [319:0] INITVAL_1B = 0;
  parameter [319:0] INITVAL_1C = 0;  parameter [319:0] INITVAL_1D = 0;
  parameter [319:0] INITVAL_1E = 0;  parameter [319:0] INITVAL_1F = 0;
  parameter [319:0] INITVAL_20 = 0;  parameter [319:0] INITVAL_21 = 0;
  parameter [319:0] INITVAL_22 = 0;  parameter [319:0] INITVAL_23 = 0;
  parameter [319:0] INITVAL_24 = 0;  parameter [319:0] INITVAL_25 = 0;
  parameter [319:0] INITVAL_26 = 0;  parameter [319:0] INITVAL_27 = 0;
  parameter [319:0] INITVAL_28 = 0;  parameter [319:0] INITVAL_29 = 0;
  parameter [319:0] INITVAL_2A = 0;  parameter [319:0] INITVAL_2B = 0;
  parameter [319:0] INITVAL_2C = 0;  parameter [319:0] INITVAL_2D = 0;
  parameter [319:0] INITVAL_2E = 0;  parameter [319:0] INITVAL_2F = 0;
  parameter [319:0] INITVAL_30 = 0;  parameter [319:0] INITVAL_31 = 0;
  parameter [319:0] INITVAL_32 = 0;  parameter [319:0] INITVAL_33 = 0;
  parameter [319:0] INITVAL_34 = 0;  parameter [319:0] INITVAL_35 = 0;
  parameter [319:0] INITVAL_36 = 0;  parameter [319:0] INITVAL_37 = 0;
  parameter [319:0] INITVAL_38 = 0;  parameter [319:0] INITVAL_39 = 0;
  parameter [319:0] INITVAL_3A = 0;  parameter [319:0] INITVAL_3B = 0;
  parameter [319:0] INITVAL_3C = 0;  parameter [319:0] INITVAL_3D = 0;
  parameter [319:0] INITVAL_3E = 0;  parameter [319:0] INITVAL_3F = 0;
  reg [8:0] mem [0:2047];
  integer i;
  initial for (i = 0; i < 2048; i = i + 1) mem[i] = 0;

  function [17:0] word(input integer width, input [13:0] ad, input [8:0] low, input [8:0] high);
    case (width)
      18: word = {high, low};
      9: word = {9'd0, low};
      4: word = {14'd0, low[{ad[2], 2'd0} +: 4]};
      2: word = {16'd0, low[{ad[2:1], 1'd0} +: 2]};
      default: word = {17'd0, low[ad[2:0]]};
    endcase
  endfunction
  wire [13:0] ada = {ADA13, ADA12, ADA11, ADA10, ADA9, ADA8, ADA7, ADA6, ADA5, ADA4, ADA3, ADA2, ADA1, ADA0};
  wire [17:0] dia = {DIA17, DIA16, DIA15, DIA14, DIA13, DIA12, DIA11, DIA10, DIA9, DIA8, DIA7, DIA6, DIA5, DIA4, DIA3, DIA2, DIA1, DIA0};
  wire [10:0] ata = DATA_WIDTH_A == 18 ? {ada[13:4], 1'b0} : ada[13:3];
  wire [17:0] doa;
  wire [17:0] nowa = word(DATA_WIDTH_A, ada, mem[ata], mem[ata | 11'd1]);
  wire writesa, readsa;
  weft_dp16kd_port #(.WIDTH(DATA_WIDTH_A), .REGMODE(REGMODE_A), .WRITEMODE(WRITEMODE_A)) u_a (
    .CLK(CLKA), .CE(CEA), .OCE(OCEA), .WE(WEA), .RST(RSTA), .CS({CSA2, CSA1, CSA0}),
    .AD(ada), .now(nowa), .DO(doa), .reads(readsa), .writes(writesa)
  );
  assign {DOA17, DOA16, DOA15, DOA14, DOA13, DOA12, DOA11, DOA10, DOA9, DOA8, DOA7, DOA6, DOA5, DOA4, DOA3, DOA2, DOA1, DOA0} = DATA_WIDTH_B == 36 ? q36[17:0] : doa;
  // 36 bits: one port of both
  reg [35:0] q36;
  wire [10:0] a36 = {ada[13:5], 2'd0}, b36 = {adb[13:5], 2'd0};
  initial q36 = 0;
  always @(posedge CLKB) if (readsb && DATA_WIDTH_B == 36)
    q36 <= {mem[b36 | 11'd3], mem[b36 | 11'd2], mem[b36 | 11'd1], mem[b36]};
  always @(posedge CLKA) if (writesa) begin
    case (DATA_WIDTH_A)
      36: begin
        if (ada[0]) mem[a36] <= dia[8:0];
        if (ada[1]) mem[a36 | 11'd1] <= dia[17:9];
        if (ada[2]) mem[a36 | 11'd2] <= dib[8:0];
        if (ada[3]) mem[a36 | 11'd3] <= dib[17:9];
      end
      18: begin
        if (ada[0]) mem[ata] <= dia[8:0];
        if (ada[1]) mem[ata | 11'd1] <= dia[17:9];
      end
      9: mem[ata] <= dia[8:0];
      4: mem[ata][{ada[2], 2'd0} +: 4] <= dia[3:0];
      2: mem[ata][{ada[2:1], 1'd0} +: 2] <= dia[1:0];
      default: mem[ata][ada[2:0]] <= dia[0];
    endcase
  end
  wire [13:0] adb = {ADB13, ADB12, ADB11, ADB10, ADB9, ADB8, ADB7, ADB6, ADB5, ADB4, ADB3, ADB2, ADB1, ADB0};
  wire [17:0] dib = {DIB17, DIB16, DIB15, DIB14, DIB13, DIB12, DIB11, DIB10, DIB9, DIB8, DIB7, DIB6, DIB5, DIB4, DIB3, DIB2, DIB1, DIB0};
  wire [10:0] atb = DATA_WIDTH_B == 18 ? {adb[13:4], 1'b0} : adb[13:3];
  wire [17:0] dob;
  wire [17:0] nowb = word(DATA_WIDTH_B, adb, mem[atb], mem[atb | 11'd1]);
  wire writesb, readsb;
  weft_dp16kd_port #(.WIDTH(DATA_WIDTH_B), .REGMODE(REGMODE_B), .WRITEMODE(WRITEMODE_B)) u_b (
    .CLK(CLKB), .CE(CEB), .OCE(OCEB), .WE(WEB), .RST(RSTB), .CS({CSB2, CSB1, CSB0}),
    .AD(adb), .now(nowb), .DO(dob), .reads(readsb), .writes(writesb)
  );
  assign {DOB17, DOB16, DOB15, DOB14, DOB13, DOB12, DOB11, DOB10, DOB9, DOB8, DOB7, DOB6, DOB5, DOB4, DOB3, DOB2, DOB1, DOB0} = DATA_WIDTH_B == 36 ? q36[35:18] : dob;
  always @(posedge CLKB) if (writesb && DATA_WIDTH_A != 36) begin
    case (DATA_WIDTH_B)
      18: begin
        if (adb[0]) mem[atb] <= dib[8:0];
        if (adb[1]) mem[atb | 11'd1] <= dib[17:9];
      end
      9: mem[atb] <= dib[8:0];
      4: mem[atb][{adb[2], 2'd0} +: 4] <= dib[3:0];
      2: mem[atb][{adb[2:1], 1'd0} +: 2] <= dib[1:0];
      default: mem[atb][adb[2:0]] <= dib[0];
    endcase
  end
endmodule
