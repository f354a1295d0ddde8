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
    assign pad_io[i] = oe_i[i] ? out_i[i] : 1'bz;
    assign in_o[i] = pad_io[i];
  end
endmodule
