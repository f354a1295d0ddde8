// SPDX-License-Identifier: Apache-2.0
// Memory back-end in block RAM: tests, and parts whose block RAM holds a small
// network. A beat a cycle, no pause between bursts, read data two cycles after
// their slot; addresses wrap at Bytes.
module weft_bram_mem #(
  parameter int BeatBytes = 4,
  parameter int Bytes     = 65536           // a power of two
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,
  input  logic                   sync_i,
  output logic                   ready_o,
  output logic                   error_o,
  output logic [31:0]            status_o,
  input  logic                   mem_req_valid_i,
  output logic                   mem_req_ready_o,
  input  logic                   mem_req_write_i,
  input  logic [31:0]            mem_req_addr_i,
  input  logic [6:0]             mem_req_beats_i,
  output logic                   mem_w_ready_o,
  input  logic [BeatBytes*8-1:0] mem_w_data_i,
  input  logic [BeatBytes-1:0]   mem_w_strb_i,
  output logic                   mem_r_valid_o,
  output logic [BeatBytes*8-1:0] mem_r_data_o
);
  localparam int Shift    = $clog2(BeatBytes);
  localparam int Depth    = Bytes / BeatBytes;
  localparam int AddrBits = $clog2(Depth);

  if (Depth != 1 << AddrBits) $error("Bytes must be a power of two");

  logic                valid, write, read_q;
  logic [AddrBits-1:0] at;
  /* verilator lint_off UNUSEDSIGNAL */
  logic                first;
  logic [6:0]          beats;
  logic [Shift+AddrBits-1:0] addr;
  /* verilator lint_on UNUSEDSIGNAL */

  weft_mem_walk #(.BeatBytes(BeatBytes), .AddrBits(Shift + AddrBits)) u_walk (
    .clk_i, .rst_ni, .mem_req_valid_i, .mem_req_ready_o, .mem_req_write_i, .mem_req_addr_i,
    .mem_req_beats_i, .valid_o(valid), .first_o(first), .write_o(write), .addr_o(addr),
    .beats_o(beats), .step_i(valid)
  );
  assign at            = addr[Shift +: AddrBits];
  assign mem_w_ready_o = valid && write;

  for (genvar b = 0; b < BeatBytes; b++) begin : g_byte
    logic [7:0] data;
    weft_ram #(.Width(8), .Depth(Depth)) u_ram (
      .clk_i, .wr_en_i(mem_w_ready_o && mem_w_strb_i[b]), .wr_addr_i(at),
      .wr_data_i(mem_w_data_i[b*8 +: 8]), .rd_en_i(valid && !write), .rd_addr_i(at), .rd_data_o(data)
    );
    always_ff @(posedge clk_i) mem_r_data_o[b*8 +: 8] <= data;
  end

  always_ff @(posedge clk_i) begin
    read_q        <= rst_ni && valid && !write;
    mem_r_valid_o <= rst_ni && read_q;
  end

  assign ready_o  = 1'b1;
  assign error_o  = 1'b0;
  assign status_o = 32'd3;
  /* verilator lint_off UNUSEDSIGNAL */
  logic unused;
  assign unused = sync_i;                   // no refresh, no phase: equal runs are equal
  /* verilator lint_on UNUSEDSIGNAL */
endmodule
