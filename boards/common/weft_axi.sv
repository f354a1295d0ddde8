// SPDX-License-Identifier: Apache-2.0
// weft_top with an AXI4-Lite slave for its registers and an AXI4 master for its
// memory port: what a processor system takes. Addresses are those of the bus.
module weft_axi (
  input  logic        clk,
  input  logic        rst_n,
  output logic        irq,
  output logic        error,          // sticky: the bus answered with an error
  input  logic        s_axi_awvalid,
  output logic        s_axi_awready,
  input  logic [11:0] s_axi_awaddr,
  input  logic [2:0]  s_axi_awprot,
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
  input  logic [2:0]  s_axi_arprot,
  output logic        s_axi_rvalid,
  input  logic        s_axi_rready,
  output logic [31:0] s_axi_rdata,
  output logic [1:0]  s_axi_rresp,
  output logic        m_axi_awvalid,
  input  logic        m_axi_awready,
  output logic [31:0] m_axi_awaddr,
  output logic [7:0]  m_axi_awlen,
  output logic [2:0]  m_axi_awsize,
  output logic [1:0]  m_axi_awburst,
  output logic [3:0]  m_axi_awcache,
  output logic [2:0]  m_axi_awprot,
  output logic        m_axi_wvalid,
  input  logic        m_axi_wready,
  output logic [weft_params_pkg::BeatBytes*8-1:0] m_axi_wdata,
  output logic [weft_params_pkg::BeatBytes-1:0]   m_axi_wstrb,
  output logic        m_axi_wlast,
  input  logic        m_axi_bvalid,
  output logic        m_axi_bready,
  input  logic [1:0]  m_axi_bresp,
  output logic        m_axi_arvalid,
  input  logic        m_axi_arready,
  output logic [31:0] m_axi_araddr,
  output logic [7:0]  m_axi_arlen,
  output logic [2:0]  m_axi_arsize,
  output logic [1:0]  m_axi_arburst,
  output logic [3:0]  m_axi_arcache,
  output logic [2:0]  m_axi_arprot,
  input  logic        m_axi_rvalid,
  output logic        m_axi_rready,
  input  logic [weft_params_pkg::BeatBytes*8-1:0] m_axi_rdata,
  input  logic [1:0]  m_axi_rresp,
  input  logic        m_axi_rlast
);
  localparam int BeatBytes = weft_params_pkg::BeatBytes;
  logic                   csr_valid, csr_write, req_valid, req_ready, req_write, w_ready, r_valid;
  logic [11:0]            csr_addr;
  logic [31:0]            csr_wdata, csr_rdata, req_addr;
  logic [6:0]             req_beats;
  logic [BeatBytes*8-1:0] w_data, r_data;
  logic [BeatBytes-1:0]   w_strb;
  logic [3:0]             unused_retire, unused_issue;
  logic                   unused_prot;
  assign unused_prot = ^{s_axi_awprot, s_axi_arprot};

  weft_axil_csr u_csr (
    .clk_i(clk), .rst_ni(rst_n), .s_axi_awvalid, .s_axi_awready, .s_axi_awaddr, .s_axi_wvalid,
    .s_axi_wready, .s_axi_wdata, .s_axi_wstrb, .s_axi_bvalid, .s_axi_bready, .s_axi_bresp,
    .s_axi_arvalid, .s_axi_arready, .s_axi_araddr, .s_axi_rvalid, .s_axi_rready, .s_axi_rdata,
    .s_axi_rresp, .csr_valid_o(csr_valid), .csr_write_o(csr_write), .csr_addr_o(csr_addr),
    .csr_wdata_o(csr_wdata), .csr_rdata_i(csr_rdata)
  );
  weft_top u_weft (
    .clk_i(clk), .rst_ni(rst_n), .csr_valid_i(csr_valid), .csr_write_i(csr_write),
    .csr_addr_i(csr_addr), .csr_wdata_i(csr_wdata), .csr_rdata_o(csr_rdata), .irq_o(irq),
    .mem_req_valid_o(req_valid), .mem_req_ready_i(req_ready), .mem_req_write_o(req_write),
    .mem_req_addr_o(req_addr), .mem_req_beats_o(req_beats), .mem_w_ready_i(w_ready),
    .mem_w_data_o(w_data), .mem_w_strb_o(w_strb), .mem_r_valid_i(r_valid), .mem_r_data_i(r_data),
    .retire_o(unused_retire), .issue_o(unused_issue)
  );
  weft_axi_mem #(.BeatBytes(BeatBytes)) u_mem (
    .clk_i(clk), .rst_ni(rst_n), .error_o(error), .mem_req_valid_i(req_valid),
    .mem_req_ready_o(req_ready), .mem_req_write_i(req_write), .mem_req_addr_i(req_addr),
    .mem_req_beats_i(req_beats), .mem_w_ready_o(w_ready), .mem_w_data_i(w_data),
    .mem_w_strb_i(w_strb), .mem_r_valid_o(r_valid), .mem_r_data_o(r_data), .m_axi_awvalid,
    .m_axi_awready, .m_axi_awaddr, .m_axi_awlen, .m_axi_wvalid, .m_axi_wready, .m_axi_wdata,
    .m_axi_wstrb, .m_axi_wlast, .m_axi_bvalid, .m_axi_bready, .m_axi_bresp, .m_axi_arvalid,
    .m_axi_arready, .m_axi_araddr, .m_axi_arlen, .m_axi_rvalid, .m_axi_rready, .m_axi_rdata,
    .m_axi_rresp, .m_axi_rlast
  );
  assign m_axi_awsize = 3'($clog2(BeatBytes));
  assign m_axi_arsize = 3'($clog2(BeatBytes));
  assign m_axi_awburst = 2'b01;
  assign m_axi_arburst = 2'b01;
  assign m_axi_awcache = 4'b0011;
  assign m_axi_arcache = 4'b0011;
  assign m_axi_awprot = 3'b000;
  assign m_axi_arprot = 3'b000;
endmodule
