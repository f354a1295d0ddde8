// SPDX-License-Identifier: Apache-2.0
// Width bidirectional pads; no registers.
module weft_iobuf #(
  parameter int Width = 1
) (
  inout  wire  [Width-1:0] pad_io,
  input  logic [Width-1:0] out_i,
  input  logic [Width-1:0] oe_i,
  output logic [Width-1:0] in_o
);
  for (genvar i = 0; i < Width; i++) begin : g_pad
    SB_IO #(.PIN_TYPE(6'b101001), .PULLUP(1'b0)) u_pad (
      .PACKAGE_PIN(pad_io[i]), .OUTPUT_ENABLE(oe_i[i]), .D_OUT_0(out_i[i]), .D_IN_0(in_o[i])
    );
  end
endmodule
