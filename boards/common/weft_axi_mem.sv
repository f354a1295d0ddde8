// SPDX-License-Identifier: Apache-2.0
// The memory port of weft_top onto an AXI4 master of the same width: INCR
// bursts, one ID, cut where they would cross 4 KiB. Reads follow each other up
// to Reads deep; a write starts when no read is under way and ends with its
// response before anything else starts, so that order is that of the port.
// AxVALID and WVALID wait for nothing and hold until they are taken.
module weft_axi_mem #(
  parameter int BeatBytes = 4,
  parameter int Reads = 4
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,
  output logic                   error_o,          // sticky: a response that is no OKAY
  input  logic                   mem_req_valid_i,
  output logic                   mem_req_ready_o,
  input  logic                   mem_req_write_i,
  input  logic [31:0]            mem_req_addr_i,
  input  logic [6:0]             mem_req_beats_i,
  output logic                   mem_w_ready_o,
  input  logic [BeatBytes*8-1:0] mem_w_data_i,
  input  logic [BeatBytes-1:0]   mem_w_strb_i,
  output logic                   mem_r_valid_o,
  output logic [BeatBytes*8-1:0] mem_r_data_o,
  output logic                   m_axi_awvalid,
  input  logic                   m_axi_awready,
  output logic [31:0]            m_axi_awaddr,
  output logic [7:0]             m_axi_awlen,
  output logic                   m_axi_wvalid,
  input  logic                   m_axi_wready,
  output logic [BeatBytes*8-1:0] m_axi_wdata,
  output logic [BeatBytes-1:0]   m_axi_wstrb,
  output logic                   m_axi_wlast,
  input  logic                   m_axi_bvalid,
  output logic                   m_axi_bready,
  input  logic [1:0]             m_axi_bresp,
  output logic                   m_axi_arvalid,
  input  logic                   m_axi_arready,
  output logic [31:0]            m_axi_araddr,
  output logic [7:0]             m_axi_arlen,
  input  logic                   m_axi_rvalid,
  output logic                   m_axi_rready,
  input  logic [BeatBytes*8-1:0] m_axi_rdata,
  input  logic [1:0]             m_axi_rresp,
  input  logic                   m_axi_rlast
);
  localparam int Shift = $clog2(BeatBytes);
  localparam int PageW = 12 - Shift;          // beats of a 4 KiB page

  // The request in hand: what of it is not on the bus yet.
  logic        busy_q, write_q;
  logic [31:0] addr_q;
  logic [6:0]  left_q, chunk;
  logic [PageW:0] to_page;
  assign to_page = (PageW + 1)'(1 << PageW) - {1'b0, addr_q[11:Shift]};
  assign chunk = (PageW + 1)'(left_q) > to_page ? 7'(to_page) : left_q;

  logic       aw_q, ar_q, resp_q;             // address offered; response awaited
  logic [6:0] beats_q;                        // of the write burst, still to be taken
  logic [$clog2(Reads+1)-1:0] reads_q;        // read bursts under way
  logic       issue_read, issue_write, writing;
  assign writing = aw_q || resp_q || beats_q != '0 || m_axi_wvalid;
  assign issue_write = busy_q && write_q && !writing && reads_q == '0 && !ar_q;
  assign issue_read = busy_q && !write_q && !writing && !ar_q && reads_q != ($clog2(Reads+1))'(Reads);
  assign mem_req_ready_o = !busy_q;

  always_ff @(posedge clk_i) begin
    if (mem_req_valid_i && mem_req_ready_o) begin
      busy_q <= 1'b1;
      write_q <= mem_req_write_i;
      addr_q <= mem_req_addr_i;
      left_q <= mem_req_beats_i;
    end else if (issue_read || issue_write) begin
      busy_q <= left_q != chunk;
      addr_q <= addr_q + (32'(chunk) << Shift);
      left_q <= left_q - chunk;
    end
    if (!rst_ni) busy_q <= 1'b0;
  end

  // Addresses.
  logic [31:0] at_q;
  logic [6:0]  len_q;
  always_ff @(posedge clk_i) begin
    if (issue_read || issue_write) begin
      at_q <= addr_q;
      len_q <= chunk - 7'd1;
    end
    aw_q <= rst_ni && (issue_write || (aw_q && !m_axi_awready));
    ar_q <= rst_ni && (issue_read || (ar_q && !m_axi_arready));
    resp_q <= rst_ni && (issue_write || (resp_q && !m_axi_bvalid));
    reads_q <= reads_q + ($clog2(Reads+1))'(issue_read)
               - ($clog2(Reads+1))'(m_axi_rvalid && m_axi_rlast);
    if (!rst_ni) reads_q <= '0;
    error_o <= rst_ni && (error_o || (m_axi_bvalid && m_axi_bresp != 2'd0)
                          || (m_axi_rvalid && m_axi_rresp != 2'd0));
  end
  assign m_axi_awvalid = aw_q;
  assign m_axi_awaddr = at_q;
  assign m_axi_awlen = {1'b0, len_q};
  assign m_axi_arvalid = ar_q;
  assign m_axi_araddr = at_q;
  assign m_axi_arlen = {1'b0, len_q};
  assign m_axi_bready = 1'b1;

  // Write data, through one register: a beat is taken when it is free.
  logic wvalid_q;
  assign mem_w_ready_o = beats_q != '0 && (!wvalid_q || m_axi_wready);
  assign m_axi_wvalid = wvalid_q;
  always_ff @(posedge clk_i) begin
    if (issue_write) beats_q <= chunk;
    else if (mem_w_ready_o) beats_q <= beats_q - 7'd1;
    if (mem_w_ready_o) begin
      m_axi_wdata <= mem_w_data_i;
      m_axi_wstrb <= mem_w_strb_i;
      m_axi_wlast <= beats_q == 7'd1;
    end
    wvalid_q <= rst_ni && (mem_w_ready_o || (wvalid_q && !m_axi_wready));
    if (!rst_ni) beats_q <= '0;
  end

  // Read data: weft_top takes every beat.
  assign m_axi_rready = 1'b1;
  assign mem_r_valid_o = m_axi_rvalid;
  assign mem_r_data_o = m_axi_rdata;
endmodule
