// SPDX-License-Identifier: Apache-2.0
// One requant lane. Lane cycle, each one register:
//   0 operands by pass   1 x = op1 + op2 (32 bits, wraps)   2 x << 8*ls[4:3]
//   3 << ls[2:0], multiplier inputs   4 four products   5 partial sums
//   6 h = x*m >> 31 and the bit below   7 r = h + bit + 2^(rs-1) - (h < 0)
//   8 r >> 8*rs[4:3]   9 v = r >> rs[2:0]
//   10 low byte of v + zero_point, what is above it   11 clamp
// so v is seen in cycle 10 and y in cycle 12. Passes of a residual ADD start
// at cycles 0 (requant), 14 (b), 15 (a) and 25 (sum) of a slot and slots come
// every 4 cycles: the four never meet, and every operand is a register here.
module weft_lane #(
  parameter int AccBits = 28
) (
  input  logic               clk_i,
  input  logic [12:0]        v_i,          // an operation is in lane cycle n
  input  logic [1:0]         pass0_i,
  input  logic               out10_i,      // pass 0 or 3 in cycle 10
  input  logic               out11_i,
  input  logic               y12_i,        // pass 0 in cycle 12: hold y for pass a
  input  logic               b10_i,        // pass b in cycle 10: hold v for the sum
  input  logic [AccBits-1:0] acc_i,
  input  logic [31:0]        bias_i,
  input  logic [7:0]         res_i,
  input  logic [8:0]         nz1_i,        // minus the zero points
  input  logic [8:0]         nz2_i,
  input  logic [4:0]         ls2_i,
  input  logic [30:0]        mult3_i,
  input  logic [4:0]         rs7_i,
  input  logic [7:0]         zp10_i,
  input  logic [7:0]         lo11_i,
  input  logic [7:0]         hi11_i,
  output logic [7:0]         y_o
);
  logic [31:0] op1_q, op2_q, x1_q, x2_q, v_q, vb_q;
  logic [2:0] ls3_q;
  logic [7:0] y_q, yh_q;

  // Multiplier: x = xh:xl, m = mh:ml.
  logic [31:0] x3;
  logic [16:0] xh, xl, mh, ml;
  logic [16:0] a [4];
  logic [16:0] b [4];
  logic [33:0] p [4];
  assign x3 = x2_q << ls3_q;
  assign xh = 17'($signed(x3[31:16]));
  assign xl = {1'b0, x3[15:0]};
  assign mh = {2'b0, mult3_i[30:16]};
  assign ml = {1'b0, mult3_i[15:0]};
  assign a = '{xh, xh, xl, xl};
  assign b = '{mh, ml, mh, ml};
  weft_mul #(.Num(4), .AW(17), .BW(17), .ANat(4'b1100), .BNat(4'b1111)) u_mul (
    .clk_i, .en_in_i(v_i[3]), .en_out_i(v_i[4]), .a_i(a), .b_i(b), .p_o(p)
  );

  logic signed [33:0] mid_q;
  logic signed [47:0] top_q;
  logic [47:0] sum;
  logic [31:0] h_q;
  logic below_q;                  // the bit below h
  logic [32:0] r_q, r9_q, r7;
  logic [4:0] rs8_q;
  logic [2:0] rs9_q;
  assign sum = top_q + 48'(mid_q);
  // To h goes 2^(rs-1), or 2^(rs-1) - 1 if it is negative: a bit, or all bits below it.
  // h = -1 that the bit below rounds to 0 counts as negative, which gives the same v.
  logic [3:0] here, above;
  logic [7:0] low;
  always_comb begin
    for (int n = 0; n < 4; n++) begin
      here[n] = rs7_i[4:3] == 2'(n);
      above[n] = rs7_i[4:3] > 2'(n) && h_q[31];
    end
    for (int j = 0; j < 8; j++) low[j] = h_q[31] ? rs7_i[2:0] > 3'(j) : rs7_i[2:0] == 3'(j);
  end
  weft_round u_round (.h_i(h_q), .one_i(below_q), .here_i(here), .above_i(above), .low_i(low), .r_o(r7));

  // t = v + zero point wraps at 32 bits. Its low byte is s_q[7:0]; bits 31:8 are those of v
  // plus the carry s_q[9:8] of -1, 0 or 1: 0 or -1 matter, else the sign.
  logic [9:0] s_q;
  logic zeros_q, ones_q, bit8_q, sign_q;         // of v: bits 30:9, bit 8, bit 31
  logic up, down, is_zero, is_minus, t_sign, fits, under, over;
  logic [7:0] t8;
  logic [8:0] t8_lo, hi_t8;              // differences; signed order is that of bytes with bit 7 turned
  assign up = s_q[9:8] == 2'b01;
  assign down = s_q[9];
  assign t8 = s_q[7:0];
  assign is_zero = up ? sign_q && ones_q && bit8_q : !sign_q && zeros_q && bit8_q == down;
  assign is_minus = down ? !sign_q && zeros_q && !bit8_q : sign_q && ones_q && bit8_q != up;
  assign t_sign = sign_q ^ ((up && ones_q && bit8_q) || (down && zeros_q && !bit8_q));
  assign fits = t8[7] ? is_minus : is_zero;
  assign t8_lo = {1'b0, t8 ^ 8'h80} - {1'b0, lo11_i ^ 8'h80};
  assign hi_t8 = {1'b0, hi11_i ^ 8'h80} - {1'b0, t8 ^ 8'h80};
  assign under = fits ? t8_lo[8] : t_sign;
  assign over = fits ? hi_t8[8] : !t_sign;

  always_ff @(posedge clk_i) begin
    if (v_i[0]) begin
      case (pass0_i)
        2'd0: begin
          op1_q <= 32'($signed(acc_i));
          op2_q <= bias_i;
        end
        2'd1: begin
          op1_q <= 32'($signed(yh_q));
          op2_q <= 32'($signed(nz1_i));
        end
        2'd2: begin
          op1_q <= 32'($signed(res_i));
          op2_q <= 32'($signed(nz2_i));
        end
        default: begin
          op1_q <= v_q;
          op2_q <= vb_q;
        end
      endcase
    end
    if (v_i[1]) x1_q <= op1_q + op2_q;
    if (v_i[2]) begin
      x2_q <= x1_q << {ls2_i[4:3], 3'b000};
      ls3_q <= ls2_i[2:0];
    end
    if (v_i[5]) begin
      mid_q <= p[1] + p[2];
      top_q <= {p[0][31:0], p[3][31:16]};
    end
    if (v_i[6]) {h_q, below_q} <= sum[46:14];
    if (v_i[7]) begin
      r_q <= r7;
      rs8_q <= rs7_i;
    end
    if (v_i[8]) begin
      r9_q <= $signed(r_q) >>> {rs8_q[4:3], 3'b000};
      rs9_q <= rs8_q[2:0];
    end
    if (v_i[9]) v_q <= 32'($signed(r9_q) >>> rs9_q);
    if (b10_i) vb_q <= v_q;
    if (out10_i) begin
      s_q <= {2'b0, v_q[7:0]} + 10'($signed(zp10_i));
      zeros_q <= v_q[30:9] == '0;
      ones_q <= v_q[30:9] == '1;
      bit8_q <= v_q[8];
      sign_q <= v_q[31];
    end
    if (out11_i) y_q <= under ? lo11_i : over ? hi11_i : t8;
    if (y12_i) yh_q <= y_q;
  end
  assign y_o = y_q;

  logic unused;
  assign unused = &{1'b0, v_i[12:10], t8_lo[7:0], hi_t8[7:0], p[0][33:32], p[3][33:32], p[3][15:0], sum[47], sum[13:0]};
endmodule
