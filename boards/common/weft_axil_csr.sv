// SPDX-License-Identifier: Apache-2.0
// An AXI4-Lite slave of 4 KiB onto the CSR port of weft_top: one access at a
// time, a write before a read that comes with it. A write whose byte strobes
// are not all set is answered with SLVERR and not done.
module weft_axil_csr (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        s_axi_awvalid,
  output logic        s_axi_awready,
  input  logic [11:0] s_axi_awaddr,
  input  logic        s_axi_wvalid,
  output logic        s_axi_wready,
  input  logic [31:0] s_axi_wdata,
  input  logic [3:0]  s_axi_wstrb,
  output logic        s_axi_bvalid,
  input  logic        s_axi_bready,
  output logic [1:0]  s_axi_bresp,
  input  logic        s_axi_arvalid,
  output logic        s_axi_arready,
  input  logic [11:0] s_axi_araddr,
  output logic        s_axi_rvalid,
  input  logic        s_axi_rready,
  output logic [31:0] s_axi_rdata,
  output logic [1:0]  s_axi_rresp,
  output logic        csr_valid_o,
  output logic        csr_write_o,
  output logic [11:0] csr_addr_o,
  output logic [31:0] csr_wdata_o,
  input  logic [31:0] csr_rdata_i
);
  logic write, read, whole, answer_q;
  assign whole = s_axi_wstrb == 4'hf;
  assign write = s_axi_awvalid && s_axi_wvalid && !s_axi_bvalid;
  assign read = s_axi_arvalid && !s_axi_rvalid && !answer_q && !write;
  assign s_axi_awready = write;
  assign s_axi_wready = write;
  assign s_axi_arready = read;
  assign csr_valid_o = (write && whole) || read;
  assign csr_write_o = write;
  assign csr_addr_o = write ? {s_axi_awaddr[11:2], 2'b00} : {s_axi_araddr[11:2], 2'b00};
  assign csr_wdata_o = s_axi_wdata;
  assign s_axi_rresp = 2'd0;
  always_ff @(posedge clk_i) begin
    s_axi_bvalid <= rst_ni && (write || (s_axi_bvalid && !s_axi_bready));
    if (write) s_axi_bresp <= whole ? 2'd0 : 2'd2;
    answer_q <= rst_ni && read;
    if (answer_q) s_axi_rdata <= csr_rdata_i;
    s_axi_rvalid <= rst_ni && (answer_q || (s_axi_rvalid && !s_axi_rready));
  end
  logic unused;
  assign unused = ^{s_axi_awaddr[1:0], s_axi_araddr[1:0]};
endmodule
