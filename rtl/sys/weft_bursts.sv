// SPDX-License-Identifier: Apache-2.0
// Bursts in flight, oldest first, and which of its beats is the last one. What is
// known of the oldest stands in registers, so that a beat passes without a read of
// the FIFO or a comparison. A burst may be pushed in any cycle before its first beat but
// the last one: where it finds no other behind the oldest, it stands in the registers two
// cycles later, so that a beat does not decide where a push goes.
// push_i when count_o = Depth, or beat_i while the oldest does not stand in the registers (it
// may be valid_o already), is a bug of the user or of the memory.
module weft_bursts #(
  parameter int TagBits = 2,
  parameter int Depth = 16        // a power of two
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,
  input  logic                   clear_i,
  input  logic                   push_i,
  input  logic [TagBits-1:0]     tag_i,
  input  logic [6:0]             beats_i,      // 1..64
  input  logic                   beat_i,       // one beat of the oldest burst
  output logic                   valid_o,     // any
  output logic [TagBits-1:0]     tag_o,        // of the oldest
  output logic                   last_o,       // its next beat is its last
  output logic [$clog2(Depth):0] count_o
);
  localparam int Count = $clog2(Depth) + 1;

  logic               valid_q, last_q, pop, take, waits, one;
  logic [TagBits-1:0] tag_q, tag;
  logic [6:0]         left_q, beats;
  logic [Count-1:0]   count_q;
  /* verilator lint_off UNUSEDSIGNAL */
  logic [Count-1:0]   behind;
  /* verilator lint_on UNUSEDSIGNAL */

  assign pop  = beat_i && last_q;
  assign take = !valid_q || pop;

  weft_fifo_lut #(.Width(TagBits + 8), .Depth(Depth)) u_behind (
    .clk_i, .rst_ni, .clear_i, .push_i(push_i && (valid_q || waits)),
    .data_i({tag_i, beats_i, beats_i == 7'd1}), .pop_i(take && waits),
    .valid_o(waits), .data_o({tag, beats, one}), .count_o(behind)
  );

  always_ff @(posedge clk_i) begin
    if (take) begin
      tag_q  <= waits ? tag : tag_i;
      left_q <= waits ? beats : beats_i;
      last_q <= waits ? one : beats_i == 7'd1;
    end else if (beat_i) begin
      left_q <= left_q - 7'd1;
      last_q <= left_q == 7'd2;
    end
    if (!rst_ni || clear_i) begin
      valid_q <= 1'b0;
      count_q <= '0;
    end else begin
      valid_q <= !take || waits || (push_i && !valid_q);
      if (push_i != pop) count_q <= count_q + {{(Count - 1){pop}}, 1'b1};
    end
  end

`ifndef SYNTHESIS
  always_ff @(posedge clk_i)
    assert (!rst_ni || !beat_i || valid_q)
      else $error("a beat of a burst that does not stand in the registers yet");
`endif

  assign valid_o = valid_q || waits;
  assign tag_o   = tag_q;
  assign last_o  = last_q;
  assign count_o = count_q;
endmodule
