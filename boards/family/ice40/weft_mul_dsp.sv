// SPDX-License-Identifier: Apache-2.0
// Body of weft_mul: SB_MAC16 with input and output registers. Up to 8 bits two
// products share a cell (dual 8x8 mode); up to 17 one cell each, where a 17 bit
// operand must be natural (its top bit 0) or hold a value of 16 signed bits.
module weft_mul_dsp #(
  parameter int Num = 1,
  parameter int AW = 8,
  parameter int BW = 8,
  parameter bit [Num-1:0] ANat = '0,
  parameter bit [Num-1:0] BNat = '0
) (
  input  logic             clk_i,
  input  logic [AW-1:0]    a_i [Num],
  input  logic [BW-1:0]    b_i [Num],
  output logic [AW+BW-1:0] p_o [Num]
);
  localparam bit IsDual = AW <= 8 && BW <= 8;
  localparam int Cells = IsDual ? (Num + 1) / 2 : Num;
  if (AW > 17 || BW > 17) $error("operands of at most 17 bits");
  for (genvar c = 0; c < Cells; c++) begin : g_cell
    logic [15:0] a, b;
    logic [31:0] o;
    localparam bit ASigned = IsDual || !ANat[c];
    localparam bit BSigned = IsDual || !BNat[c];
    if (IsDual) begin : g_dual
      assign a[7:0] = 8'($signed(a_i[2*c]));
      assign b[7:0] = 8'($signed(b_i[2*c]));
      assign p_o[2*c] = o[AW+BW-1:0];
      if (2 * c + 1 < Num) begin : g_top
        assign a[15:8] = 8'($signed(a_i[2*c+1]));
        assign b[15:8] = 8'($signed(b_i[2*c+1]));
        assign p_o[2*c+1] = o[16 +: AW+BW];
      end else begin : g_half
        assign a[15:8] = 8'd0;
        assign b[15:8] = 8'd0;
      end
    end else begin : g_single
      assign a = ASigned ? 16'($signed(a_i[c])) : 16'(a_i[c]);
      assign b = BSigned ? 16'($signed(b_i[c])) : 16'(b_i[c]);
      assign p_o[c] = ASigned || BSigned ? (AW+BW)'($signed(o)) : (AW+BW)'(o);
    end
    SB_MAC16 #(
      .A_REG(1'b1), .B_REG(1'b1), .A_SIGNED(ASigned), .B_SIGNED(BSigned),
      .TOP_8x8_MULT_REG(IsDual), .BOT_8x8_MULT_REG(IsDual), .PIPELINE_16x16_MULT_REG2(!IsDual),
      .TOPOUTPUT_SELECT(IsDual ? 2'd2 : 2'd3), .BOTOUTPUT_SELECT(IsDual ? 2'd2 : 2'd3),
      .MODE_8x8(IsDual)
    ) u_mac (
      .CLK(clk_i), .CE(1'b1), .A(a), .B(b), .C(16'd0), .D(16'd0), .O(o),
      .AHOLD(1'b0), .BHOLD(1'b0), .CHOLD(1'b0), .DHOLD(1'b0), .IRSTTOP(1'b0), .IRSTBOT(1'b0),
      .ORSTTOP(1'b0), .ORSTBOT(1'b0), .OLOADTOP(1'b0), .OLOADBOT(1'b0), .ADDSUBTOP(1'b0),
      .ADDSUBBOT(1'b0), .OHOLDTOP(1'b0), .OHOLDBOT(1'b0), .CI(1'b0), .ACCUMCI(1'b0), .SIGNEXTIN(1'b0)
    );
  end
endmodule
