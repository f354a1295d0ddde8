// SPDX-License-Identifier: Apache-2.0
// Parameters of the drain. Two sets of Cols biases, multipliers and shifts: the
// one in use and the next one from the WT stream, which follows kind by kind as
// the last slot of an n-group passes its stage. And the choice a lane gets in
// each stage: streamed, scalar, or those of the three ADD passes. Pass: 0
// requant, 1 a, 2 b, 3 sum.
module weft_param
  import weft_isa_pkg::*;
#(
  parameter int Cols = 8,
  parameter int Lanes = 8,
  parameter int BeatBytes = 4,
  localparam int Slices = Cols / Lanes,
  localparam int SliceW = (Slices > 1) ? $clog2(Slices) : 1
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,
  input  logic [31:0]            cfg_i [32],
  input  logic                   wt_valid_i,
  input  logic [BeatBytes*8-1:0] wt_i,
  input  logic [1:0]             wt_kind_i,
  input  logic [7:0]             wt_beat_i,
  input  logic                   wt_last_i,
  input  logic                   take_i,       // the sequencer claims a set
  output logic                   have_o,
  // Stage d0: bias, seen in cycle 0 of the lane.
  input  logic                   d0_valid_i,
  input  logic                   d0_end_i,     // last slot of an n-group with a streamed set
  input  logic [SliceW-1:0]      d0_slice_i,
  output logic [31:0]            bias_o [Lanes],
  // Lane cycle 1: left shift, seen in 2.
  input  logic                   v1_i,
  input  logic [1:0]             pass1_i,
  input  logic [SliceW-1:0]      slice1_i,
  output logic [4:0]             ls_o [Lanes],
  // Lane cycle 2: multiplier, seen in 3.
  input  logic                   v2_i,
  input  logic [1:0]             pass2_i,
  input  logic [SliceW-1:0]      slice2_i,
  output logic [30:0]            mult_o [Lanes],
  // Lane cycle 6: right shift, seen in 7.
  input  logic                   v6_i,
  input  logic [1:0]             pass6_i,
  input  logic [SliceW-1:0]      slice6_i,
  output logic [4:0]             rs_o [Lanes]
);
  localparam int PerBeat = BeatBytes / 4;
  localparam int ChanW = $clog2(Cols);

  logic used_q, next_q, have_q, move;
  logic [1:0] count_q;
  logic [7:1] move_q;
  assign move = next_q && (!used_q || d0_end_i);
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      count_q <= '0;
      have_q <= 1'b0;
      used_q <= 1'b0;
      next_q <= 1'b0;
      move_q <= '0;
    end else begin
      have_q <= (wt_valid_i && wt_last_i) || count_q[1] || (count_q[0] && !take_i);
      count_q <= count_q + 2'(wt_valid_i && wt_last_i) - 2'(take_i);
      used_q <= move || (used_q && !d0_end_i);
      next_q <= (wt_valid_i && wt_last_i) || (next_q && !move);
      move_q <= {move_q[6:1], move};
    end
  end
  assign have_o = have_q;

  // What each lane finds in the set in use.
  logic [31:0] bias_at [Lanes];
  logic [4:0] ls_at [Lanes];
  logic [30:0] mult_at [Lanes];
  logic [4:0] rs_at [Lanes];
`ifdef WEFT_FF_LUT
  localparam bit InLutRam = PerBeat <= Lanes;
`else
  localparam bit InLutRam = 1'b0;
`endif
  if (InLutRam) begin : g_ram
    weft_param_sets #(.Cols(Cols), .Lanes(Lanes), .PerBeat(PerBeat)) u_sets (
      .clk_i, .rst_ni, .wt_valid_i, .wt_i, .wt_kind_i, .wt_beat_i, .wt_last_i,
      .turn_bias_i(move), .turn_ls_i(move_q[2]), .turn_mult_i(move_q[3]), .turn_rs_i(move_q[7]),
      .bias_slice_i(d0_slice_i), .ls_slice_i(slice1_i), .mult_slice_i(slice2_i), .rs_slice_i(slice6_i),
      .bias_o(bias_at), .ls_o(ls_at), .mult_o(mult_at), .rs_o(rs_at)
    );
  end else begin : g_regs
    // In use, and next.
    logic [31:0] bias_mem [Cols];
    logic [30:0] mult_mem [Cols];
    logic [4:0] ls_mem [Cols];
    logic [4:0] rs_mem [Cols];
    logic [31:0] next_bias_q [Cols];
    logic [30:0] next_mult_q [Cols];
    logic [4:0] next_ls_q [Cols];
    logic [4:0] next_rs_q [Cols];
    always_ff @(posedge clk_i) begin
      if (move) bias_mem <= next_bias_q;
      if (move_q[2]) ls_mem <= next_ls_q;
      if (move_q[3]) mult_mem <= next_mult_q;
      if (move_q[7]) rs_mem <= next_rs_q;
    end

    // Channel of value i of a beat; a set is Cols entries.
    logic [ChanW-1:0] chan [PerBeat];
    always_comb begin
      for (int i = 0; i < PerBeat; i++) chan[i] = ChanW'(int'(wt_beat_i) * PerBeat + i);
    end
    always_ff @(posedge clk_i) begin
      if (wt_valid_i) begin
        for (int i = 0; i < PerBeat; i++) begin
          case (wt_kind_i)
            2'd0: next_bias_q[chan[i]] <= wt_i[i*32 +: 32];
            2'd1: next_mult_q[chan[i]] <= wt_i[i*32 +: 31];
            default: begin
              next_ls_q[chan[i]] <= wt_i[i*32 +: 5];
              next_rs_q[chan[i]] <= wt_i[i*32+8 +: 5];
            end
          endcase
        end
      end
    end
    function automatic logic [ChanW-1:0] at(input logic [SliceW-1:0] slice, input int lane);
      at = ChanW'(((Slices > 1) ? int'(slice) : 0) * Lanes + lane);
    endfunction
    always_comb begin
      for (int l = 0; l < Lanes; l++) begin
        bias_at[l] = bias_mem[at(d0_slice_i, l)];
        ls_at[l] = ls_mem[at(slice1_i, l)];
        mult_at[l] = mult_mem[at(slice2_i, l)];
        rs_at[l] = rs_mem[at(slice6_i, l)];
      end
    end
  end

  logic par1, par2;
  logic [1:0] params;
  assign params = cfg_i[REG_EX_POST][R_EX_POST_PARAMS_LSB +: R_EX_POST_PARAMS_W];
  assign par1 = params != '0;
  assign par2 = params == 2'd2;

  logic [31:0] bias_q [Lanes];
  logic [4:0] ls_q [Lanes];
  logic [30:0] mult_q [Lanes];
  logic [4:0] rs_q [Lanes];

  // What all lanes share.
  logic [4:0] ls_all, rs_all;
  logic [30:0] mult_all;
  always_comb begin
    case (pass1_i)
      2'd0: ls_all = cfg_i[REG_EX_POST][R_EX_POST_LS_LSB +: R_EX_POST_LS_W];
      2'd3: ls_all = '0;
      default: ls_all = cfg_i[REG_EX_ADD_SHIFT][R_EX_ADD_SHIFT_LS_LSB +: R_EX_ADD_SHIFT_LS_W];
    endcase
    case (pass2_i)
      2'd0: mult_all = cfg_i[REG_EX_MULT][R_EX_MULT_M_LSB +: R_EX_MULT_M_W];
      2'd1: mult_all = cfg_i[REG_EX_ADD_M1][R_EX_ADD_M1_M_LSB +: R_EX_ADD_M1_M_W];
      2'd2: mult_all = cfg_i[REG_EX_ADD_M2][R_EX_ADD_M2_M_LSB +: R_EX_ADD_M2_M_W];
      default: mult_all = cfg_i[REG_EX_ADD_M3][R_EX_ADD_M3_M_LSB +: R_EX_ADD_M3_M_W];
    endcase
    case (pass6_i)
      2'd0: rs_all = cfg_i[REG_EX_POST][R_EX_POST_RS_LSB +: R_EX_POST_RS_W];
      2'd1: rs_all = cfg_i[REG_EX_ADD_SHIFT][R_EX_ADD_SHIFT_RS1_LSB +: R_EX_ADD_SHIFT_RS1_W];
      2'd2: rs_all = cfg_i[REG_EX_ADD_SHIFT][R_EX_ADD_SHIFT_RS2_LSB +: R_EX_ADD_SHIFT_RS2_W];
      default: rs_all = cfg_i[REG_EX_ADD_SHIFT][R_EX_ADD_SHIFT_RS3_LSB +: R_EX_ADD_SHIFT_RS3_W];
    endcase
  end
  always_ff @(posedge clk_i) begin
    if (d0_valid_i) begin
      for (int l = 0; l < Lanes; l++)
        bias_q[l] <= par1 ? bias_at[l] : cfg_i[REG_EX_BIAS];
    end
    if (v1_i) begin
      for (int l = 0; l < Lanes; l++)
        ls_q[l] <= par2 && pass1_i == '0 ? ls_at[l] : ls_all;
    end
    if (v2_i) begin
      for (int l = 0; l < Lanes; l++)
        mult_q[l] <= par2 && pass2_i == '0 ? mult_at[l] : mult_all;
    end
    if (v6_i) begin
      for (int l = 0; l < Lanes; l++)
        rs_q[l] <= par2 && pass6_i == '0 ? rs_at[l] : rs_all;
    end
  end
  assign bias_o = bias_q;
  assign ls_o = ls_q;
  assign mult_o = mult_q;
  assign rs_o = rs_q;
endmodule
