// SPDX-License-Identifier: Apache-2.0
// The only way to memory. Takes bursts as byte ranges of a region, the first
// source first (IF, LD, WT, ST), checks each against its region, and sends read
// data back to its source. A burst is chosen when memory can take it, so that a
// later one of higher priority waits for at most the two that memory holds. Stages,
// each one register: choose; address and range; offer. A source keeps its burst
// until ready_o, which comes with the range; only IF may take it back before.
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

  // Choose.
  logic [1:0]  src, src_q, region_q;
  logic        any, can, chosen_q, ranged_q, in_range_q, load, fault;
  logic [3:0]  pick_q;                   // the source, of a burst whose range is known
  logic [32:0] off_q;
  logic [6:0]  bytes_q;

  // Address and range.
  logic [33:0] last;
  logic [31:Shift] at_q;
  /* verilator lint_off UNUSEDSIGNAL */
  logic [31:0] addr;
  logic [7:0]  span;
  /* verilator lint_on UNUSEDSIGNAL */
  logic [6:0]  span_beats_q;

  logic        valid_q, write_q;
  logic [31:Shift] addr_q;
  logic [6:0]  beats_q;
  logic [$clog2(Tracked):0] tracked;
  logic        track_valid;
  logic [1:0]  track_src;
  /* verilator lint_off UNUSEDSIGNAL */
  logic        track_last;
  /* verilator lint_on UNUSEDSIGNAL */

  assign any  = src_valid_i != '0;
  assign src  = src_valid_i[0] ? 2'd0 : src_valid_i[1] ? 2'd1 : src_valid_i[2] ? 2'd2 : 2'd3;
  assign can  = any && !chosen_q && !ranged_q && mem_req_ready_i &&
                !tracked[$clog2(Tracked)] && !stop_i;
  assign addr = base_i[region_q] + off_q[31:0];
  assign span = 8'(off_q[Shift-1:0]) + 8'(bytes_q) + 8'(BeatBytes - 1);

  assign last     = {1'b0, off_q} + 34'(bytes_q);
  assign src_ready_o = {pick_q[3:1], pick_q[0] && src_valid_i[0]} & {4{in_range_q}};
  assign load        = src_ready_o != '0;
  assign fault       = ranged_q && !in_range_q && (src_valid_i[0] || !pick_q[0]);
  assign fault_o     = fault && !stop_i;
  assign fault_src_o = src_q;
  assign fault_pc_o  = src_pc_i[src_q];

  always_ff @(posedge clk_i) begin
    if (can) begin
      src_q    <= src;
      off_q    <= src_off_i[src];
      bytes_q  <= src_bytes_i[src];
      region_q <= src_region_i[src];
    end
    at_q         <= addr[31:Shift];
    span_beats_q <= 7'(span >> Shift);
    in_range_q   <= last <= {2'b00, size_i[region_q]};
    if (!rst_ni || clear_i) begin
      chosen_q <= 1'b0;
      ranged_q <= 1'b0;
      pick_q   <= '0;
    end else begin
      chosen_q <= can;
      ranged_q <= chosen_q;
      pick_q   <= chosen_q ? 4'd1 << src_q : '0;
    end
  end

  assign mem_req_valid_o = valid_q;
  assign mem_req_write_o = write_q;
  assign mem_req_addr_o  = {addr_q, Shift'(0)};
  assign mem_req_beats_o = beats_q;

  weft_bursts #(.TagBits(2), .Depth(Tracked)) u_reads (
    .clk_i, .rst_ni, .clear_i, .push_i(load && src_q != 2'd3), .tag_i(src_q),
    .beats_i(span_beats_q), .beat_i(mem_r_valid_i), .valid_o(track_valid), .tag_o(track_src),
    .last_o(track_last), .count_o(tracked)
  );
  assign idle_o    = !valid_q && !chosen_q && !ranged_q && !track_valid && src_r_valid_o == '0;

  always_ff @(posedge clk_i) begin
    if (load) begin
      write_q <= src_q == 2'd3;
      addr_q  <= at_q;
      beats_q <= span_beats_q;
    end
    src_r_data_o <= mem_r_data_i;
    if (!rst_ni || clear_i) begin
      valid_q       <= 1'b0;
      src_r_valid_o <= '0;
    end else begin
      valid_q       <= load || (valid_q && !mem_req_ready_i);
      src_r_valid_o <= mem_r_valid_i ? 4'd1 << track_src : '0;
    end
  end
endmodule
