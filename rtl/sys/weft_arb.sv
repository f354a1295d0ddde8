// SPDX-License-Identifier: Apache-2.0
// The only way to memory. Takes bursts as byte ranges of a region, the first
// source first (IF, LD, WT, ST), checks each against its region, and sends read
// data back to its source. A burst is chosen when memory can take it, so that a
// later one of higher priority waits for at most the two that memory holds.
module weft_arb #(
  parameter int BeatBytes = 4
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,
  input  logic                   clear_i,
  input  logic                   stop_i,
  input  logic [3:0][31:0]       base_i,
  input  logic [3:0][31:0]       size_i,
  input  logic [3:0]             src_valid_i,
  output logic [3:0]             src_ready_o,
  input  logic [3:0][32:0]       src_off_i,
  input  logic [3:0][6:0]        src_bytes_i,   // 1..64, within one burst
  input  logic [3:0][1:0]        src_region_i,
  input  logic [3:0][27:0]       src_pc_i,
  output logic [3:0]             src_r_valid_o,
  output logic [BeatBytes*8-1:0] src_r_data_o,
  output logic                   mem_req_valid_o,
  input  logic                   mem_req_ready_i,
  output logic                   mem_req_write_o,
  output logic [31:0]            mem_req_addr_o,
  output logic [6:0]             mem_req_beats_o,
  input  logic                   mem_r_valid_i,
  input  logic [BeatBytes*8-1:0] mem_r_data_i,
  output logic                   idle_o,        // no read outstanding, nothing offered
  output logic                   fault_o,
  output logic [1:0]             fault_src_o,
  output logic [27:0]            fault_pc_o
);
  localparam int Shift = $clog2(BeatBytes);
  localparam int Tracked = 16;

  logic [1:0]  src, region;
  logic        any, can, in_range, load;
  logic [32:0] off;
  logic [6:0]  bytes, beats;
  logic [33:0] last;
  /* verilator lint_off UNUSEDSIGNAL */
  logic [31:0] addr;
  logic [7:0]  span;
  /* verilator lint_on UNUSEDSIGNAL */

  always_comb begin
    any = src_valid_i != '0;
    src = src_valid_i[0] ? 2'd0 : src_valid_i[1] ? 2'd1 : src_valid_i[2] ? 2'd2 : 2'd3;
    off    = src_off_i[src];
    bytes  = src_bytes_i[src];
    region = src_region_i[src];
    last   = {1'b0, off} + 34'(bytes);
    in_range = last <= {2'b00, size_i[region]};
    addr   = base_i[region] + off[31:0];
    span   = 8'(off[Shift-1:0]) + 8'(bytes) + 8'(BeatBytes - 1);
    beats  = 7'(span >> Shift);
  end

  logic        valid_q, write_q;
  logic [31:0] addr_q;
  logic [6:0]  beats_q;
  logic [$clog2(Tracked):0] tracked;
  logic        track_valid, track_pop;
  logic [1:0]  track_src;
  logic [6:0]  track_beats, seen_q;

  assign can  = any && !valid_q && mem_req_ready_i && tracked != ($clog2(Tracked) + 1)'(Tracked) && !stop_i;
  assign load = can && in_range;
  assign src_ready_o = load ? 4'd1 << src : '0;
  assign fault_o     = can && !in_range;
  assign fault_src_o = src;
  assign fault_pc_o  = src_pc_i[src];

  assign mem_req_valid_o = valid_q;
  assign mem_req_write_o = write_q;
  assign mem_req_addr_o  = addr_q;
  assign mem_req_beats_o = beats_q;

  weft_fifo_lut #(.Width(9), .Depth(Tracked)) u_reads (
    .clk_i, .rst_ni, .clear_i, .push_i(load && src != 2'd3), .data_i({src, beats}),
    .pop_i(track_pop), .valid_o(track_valid), .data_o({track_src, track_beats}),
    .count_o(tracked)
  );
  assign track_pop = mem_r_valid_i && seen_q == track_beats - 7'd1;
  assign idle_o    = !valid_q && !track_valid && src_r_valid_o == '0;

  always_ff @(posedge clk_i) begin
    if (load) begin
      write_q <= src == 2'd3;
      addr_q  <= {addr[31:Shift], Shift'(0)};
      beats_q <= beats;
    end
    src_r_data_o <= mem_r_data_i;
    if (!rst_ni || clear_i) begin
      valid_q       <= 1'b0;
      seen_q        <= '0;
      src_r_valid_o <= '0;
    end else begin
      valid_q       <= load || (valid_q && !mem_req_ready_i);
      src_r_valid_o <= mem_r_valid_i ? 4'd1 << track_src : '0;
      if (mem_r_valid_i) seen_q <= track_pop ? '0 : seen_q + 7'd1;
    end
  end
endmodule
