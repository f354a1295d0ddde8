// SPDX-License-Identifier: Apache-2.0
// Both adapters side by side; the bench is the accelerator and the bus.
module axi_dut #(
  parameter int BeatBytes = 8
) (
  input  logic clk_i, rst_ni,
  output logic error_o,
  input  logic mem_req_valid_i, mem_req_write_i,
  output logic mem_req_ready_o,
  input  logic [31:0] mem_req_addr_i,
  input  logic [6:0] mem_req_beats_i,
  output logic mem_w_ready_o,
  input  logic [BeatBytes*8-1:0] mem_w_data_i,
  input  logic [BeatBytes-1:0] mem_w_strb_i,
  output logic mem_r_valid_o,
  output logic [BeatBytes*8-1:0] mem_r_data_o,
  output logic m_axi_awvalid, m_axi_wvalid, m_axi_wlast, m_axi_bready, m_axi_arvalid, m_axi_rready,
  input  logic m_axi_awready, m_axi_wready, m_axi_bvalid, m_axi_arready, m_axi_rvalid, m_axi_rlast,
  output logic [31:0] m_axi_awaddr, m_axi_araddr,
  output logic [7:0] m_axi_awlen, m_axi_arlen,
  output logic [BeatBytes*8-1:0] m_axi_wdata,
  output logic [BeatBytes-1:0] m_axi_wstrb,
  input  logic [BeatBytes*8-1:0] m_axi_rdata,
  input  logic [1:0] m_axi_bresp, m_axi_rresp,
  input  logic s_axi_awvalid, s_axi_wvalid, s_axi_bready, s_axi_arvalid, s_axi_rready,
  output logic s_axi_awready, s_axi_wready, s_axi_bvalid, s_axi_arready, s_axi_rvalid,
  input  logic [11:0] s_axi_awaddr, s_axi_araddr,
  input  logic [31:0] s_axi_wdata,
  input  logic [3:0] s_axi_wstrb,
  output logic [31:0] s_axi_rdata,
  output logic [1:0] s_axi_bresp, s_axi_rresp,
  output logic csr_valid_o, csr_write_o,
  output logic [11:0] csr_addr_o,
  output logic [31:0] csr_wdata_o,
  input  logic [31:0] csr_rdata_i
);
  weft_axi_mem #(.BeatBytes(BeatBytes)) u_mem (.*);
  weft_axil_csr u_csr (.*);
endmodule
