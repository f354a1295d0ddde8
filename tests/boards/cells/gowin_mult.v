// SPDX-License-Identifier: Apache-2.0
// MULT9X9 and MULT18X18 of GW2A, from the DSP user guide (Gowin UG287): AREG,
// BREG, PIPE_REG and OUT_REG on CLK with CE and synchronous RESET or bypassed;
// operand sign by ASIGN, BSIGN; ASEL, BSEL 0: direct operands. No shift chains.
module weft_gowin_mult #(
  parameter W = 9, parameter AREG = 1'b0, parameter BREG = 1'b0, parameter PIPE_REG = 1'b0,
  parameter OUT_REG = 1'b0
) (
  input [W-1:0] A, B,
  input ASIGN, BSIGN, CE, CLK, RESET,
  output [2*W-1:0] DOUT
);
  reg [W:0] a_q, b_q;
  reg [2*W-1:0] m_q, p_q;
  wire [W:0] ax = {ASIGN & A[W-1], A}, bx = {BSIGN & B[W-1], B};
  wire signed [W:0] am = AREG ? a_q : ax;
  wire signed [W:0] bm = BREG ? b_q : bx;
  wire signed [2*W+1:0] m = am * bm;
  wire [2*W-1:0] pipe = PIPE_REG ? m_q : m[2*W-1:0];
  assign DOUT = OUT_REG ? p_q : pipe;
  always @(posedge CLK) begin
    if (RESET) begin
      a_q <= 0; b_q <= 0; m_q <= 0; p_q <= 0;
    end else if (CE) begin
      a_q <= ax; b_q <= bx; m_q <= m[2*W-1:0]; p_q <= pipe;
    end
  end
endmodule

module MULT9X9 (
  input [8:0] A, SIA, B, SIB,
  input ASIGN, BSIGN, ASEL, BSEL, CE, CLK, RESET,
  output [17:0] DOUT,
  output [8:0] SOA, SOB
);
  parameter AREG = 1'b0; parameter BREG = 1'b0; parameter OUT_REG = 1'b0; parameter PIPE_REG = 1'b0;
  parameter ASIGN_REG = 1'b0; parameter BSIGN_REG = 1'b0; parameter SOA_REG = 1'b0;
  parameter MULT_RESET_MODE = "SYNC";
  weft_gowin_mult #(.W(9), .AREG(AREG), .BREG(BREG), .PIPE_REG(PIPE_REG), .OUT_REG(OUT_REG)) u_mult (
    .A(A), .B(B), .ASIGN(ASIGN), .BSIGN(BSIGN), .CE(CE), .CLK(CLK), .RESET(RESET), .DOUT(DOUT)
  );
  assign SOA = 0;
  assign SOB = 0;
endmodule

module MULT18X18 (
  input [17:0] A, SIA, B, SIB,
  input ASIGN, BSIGN, ASEL, BSEL, CE, CLK, RESET,
  output [35:0] DOUT,
  output [17:0] SOA, SOB
);
  parameter AREG = 1'b0; parameter BREG = 1'b0; parameter OUT_REG = 1'b0; parameter PIPE_REG = 1'b0;
  parameter ASIGN_REG = 1'b0; parameter BSIGN_REG = 1'b0; parameter SOA_REG = 1'b0;
  parameter MULT_RESET_MODE = "SYNC";
  weft_gowin_mult #(.W(18), .AREG(AREG), .BREG(BREG), .PIPE_REG(PIPE_REG), .OUT_REG(OUT_REG)) u_mult (
    .A(A), .B(B), .ASIGN(ASIGN), .BSIGN(BSIGN), .CE(CE), .CLK(CLK), .RESET(RESET), .DOUT(DOUT)
  );
  assign SOA = 0;
  assign SOB = 0;
endmodule
