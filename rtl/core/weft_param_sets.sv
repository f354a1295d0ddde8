// SPDX-License-Identifier: Apache-2.0
// The two parameter sets of weft_param in distributed RAM, a bank each, for families
// where a register costs a LUT (WEFT_FF_LUT). Sets fill the banks in turn; a kind of the
// next set comes into use by turning its bank pointer, in the cycle in which weft_param's
// registers would copy it. What is at an output is that of the slice beside it.
module weft_param_sets #(
  parameter int Cols = 8,
  parameter int Lanes = 8,
  parameter int PerBeat = 1,      // values of a beat, at most Lanes
  localparam int Slices = Cols / Lanes,
  localparam int SliceW = (Slices > 1) ? $clog2(Slices) : 1
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  logic                  wt_valid_i,
  input  logic [PerBeat*32-1:0] wt_i,
  input  logic [1:0]            wt_kind_i,
  input  logic [7:0]            wt_beat_i,
  input  logic                  wt_last_i,
  input  logic                  turn_bias_i,   // the next set comes into use
  input  logic                  turn_ls_i,
  input  logic                  turn_mult_i,
  input  logic                  turn_rs_i,
  input  logic [SliceW-1:0]     bias_slice_i,
  input  logic [SliceW-1:0]     ls_slice_i,
  input  logic [SliceW-1:0]     mult_slice_i,
  input  logic [SliceW-1:0]     rs_slice_i,
  output logic [31:0]           bias_o [Lanes],
  output logic [4:0]            ls_o [Lanes],
  output logic [30:0]           mult_o [Lanes],
  output logic [4:0]            rs_o [Lanes]
);
  if (PerBeat > Lanes) $error("a lane takes one value of a beat");
  localparam int BeatsASlice = Lanes / PerBeat;

  logic fill_q, bias_q, ls_q, mult_q, rs_q;    // banks: being filled, in use
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      fill_q <= 1'b0;
      {bias_q, ls_q, mult_q, rs_q} <= '1;
    end else begin
      fill_q <= fill_q ^ (wt_valid_i && wt_last_i);
      bias_q <= bias_q ^ turn_bias_i;
      ls_q <= ls_q ^ turn_ls_i;
      mult_q <= mult_q ^ turn_mult_i;
      rs_q <= rs_q ^ turn_rs_i;
    end
  end

  logic [SliceW-1:0] slice;
  assign slice = SliceW'(int'(wt_beat_i) / BeatsASlice);
  for (genvar l = 0; l < Lanes; l++) begin : g_lane
    (* ram_style = "distributed" *) logic [31:0] bias_mem [2*Slices];
    (* ram_style = "distributed" *) logic [4:0] ls_mem [2*Slices];
    (* ram_style = "distributed" *) logic [30:0] mult_mem [2*Slices];
    (* ram_style = "distributed" *) logic [4:0] rs_mem [2*Slices];
    logic write;
    logic [31:0] value;
    assign write = wt_valid_i && int'(wt_beat_i) % BeatsASlice == l / PerBeat;
    assign value = wt_i[l%PerBeat*32 +: 32];
    if (Slices > 1) begin : g_many
      always_ff @(posedge clk_i) begin
        if (write && wt_kind_i == 2'd0) bias_mem[{fill_q, slice}] <= value;
        if (write && wt_kind_i == 2'd1) mult_mem[{fill_q, slice}] <= value[30:0];
        if (write && wt_kind_i[1]) ls_mem[{fill_q, slice}] <= value[4:0];
        if (write && wt_kind_i[1]) rs_mem[{fill_q, slice}] <= value[12:8];
      end
      assign bias_o[l] = bias_mem[{bias_q, bias_slice_i}];
      assign ls_o[l] = ls_mem[{ls_q, ls_slice_i}];
      assign mult_o[l] = mult_mem[{mult_q, mult_slice_i}];
      assign rs_o[l] = rs_mem[{rs_q, rs_slice_i}];
    end else begin : g_one
      always_ff @(posedge clk_i) begin
        if (write && wt_kind_i == 2'd0) bias_mem[fill_q] <= value;
        if (write && wt_kind_i == 2'd1) mult_mem[fill_q] <= value[30:0];
        if (write && wt_kind_i[1]) ls_mem[fill_q] <= value[4:0];
        if (write && wt_kind_i[1]) rs_mem[fill_q] <= value[12:8];
      end
      assign bias_o[l] = bias_mem[bias_q];
      assign ls_o[l] = ls_mem[ls_q];
      assign mult_o[l] = mult_mem[mult_q];
      assign rs_o[l] = rs_mem[rs_q];
    end
  end

  logic unused;
  assign unused = &{1'b0, wt_i, bias_slice_i, ls_slice_i, mult_slice_i, rs_slice_i, slice};
endmodule
