// SPDX-License-Identifier: Apache-2.0
// Not the accelerator: the ports and the scratchpad hierarchy of weft_top, a
// machine that is done two cycles after its start. It builds in seconds, for
// tests of the simulator cache.
module stub_ram #(
  parameter int Width = 64,
  parameter int Depth = 16
) (
  input logic clk_i
);
  logic [Width-1:0] mem [Depth] /* verilator public_flat_rw */;
  always_ff @(posedge clk_i) mem[0] <= mem[0];
endmodule

module stub_spm #(
  parameter int Rows = 8,
  parameter int WordW = 64,
  parameter int Depth = 16
) (
  input logic clk_i
);
  localparam int SliceW = WordW > 64 ? 64 : WordW;
  for (genvar b = 0; b < Rows; b++) begin : g_bank
    for (genvar s = 0; s < WordW / SliceW; s++) begin : g_slice
      stub_ram #(.Width(SliceW), .Depth(Depth)) u_ram (.clk_i);
    end
  end
endmodule

module stub_core (
  input logic clk_i
);
  import weft_params_pkg::*;
  stub_spm #(.Rows(Rows), .WordW(WordBytes * 8), .Depth(SpmKib * 1024 / (Rows * WordBytes))) u_spm (.clk_i);
endmodule

module weft_top (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         csr_valid_i,
  input  logic         csr_write_i,
  input  logic [11:0]  csr_addr_i,
  input  logic [31:0]  csr_wdata_i,
  output logic [31:0]  csr_rdata_o,
  output logic         irq_o,
  output logic         mem_req_valid_o,
  input  logic         mem_req_ready_i,
  output logic         mem_req_write_o,
  output logic [31:0]  mem_req_addr_o,
  output logic [6:0]   mem_req_beats_o,
  input  logic         mem_w_ready_i,
  output logic [weft_params_pkg::BeatBytes*8-1:0] mem_w_data_o,
  output logic [weft_params_pkg::BeatBytes-1:0]   mem_w_strb_o,
  input  logic         mem_r_valid_i,
  input  logic [weft_params_pkg::BeatBytes*8-1:0] mem_r_data_i,
  output logic [3:0]   retire_o,
  output logic [3:0]   issue_o
);
  import weft_csr_pkg::*;
  stub_core u_core (.clk_i);
  logic start_q;
  always_ff @(posedge clk_i) begin
    start_q <= csr_valid_i && csr_write_i && csr_addr_i == CSR_CTRL && csr_wdata_i[0];
    irq_o <= rst_ni && (start_q || (irq_o && !(csr_valid_i && csr_write_i && csr_addr_i == CSR_CTRL)));
    case (csr_addr_i)
      CSR_HASH_LO: csr_rdata_o <= weft_params_pkg::ConfigHash[31:0];
      CSR_HASH_HI: csr_rdata_o <= weft_params_pkg::ConfigHash[63:32];
      CSR_CYCLES_LO: csr_rdata_o <= 32'd2;
      default: csr_rdata_o <= '0;
    endcase
  end
  assign {mem_req_valid_o, mem_req_write_o, mem_req_addr_o, mem_req_beats_o} = '0;
  assign {mem_w_data_o, mem_w_strb_o, retire_o, issue_o} = '0;
endmodule
