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
    IOBUF u_pad (.IO(pad_io[i]), .I(out_i[i]), .OEN(!oe_i[i]), .O(in_o[i]));
  end
endmodule
