// SPDX-License-Identifier: Apache-2.0
// Accelerator and link onto one memory port. No arbitration is needed: the link
// owns the port only while the accelerator is idle, and then has one beat on
// the way at most. The accelerator's path is a multiplexer: no cycle is added.
module weft_mem_arb2 #(
  parameter int BeatBytes = 4
) (
  input  logic                   own_i,            // the port is the link's
  input  logic                   a_req_valid_i,
  output logic                   a_req_ready_o,
  input  logic                   a_req_write_i,
  input  logic [31:0]            a_req_addr_i,
  input  logic [6:0]             a_req_beats_i,
  output logic                   a_w_ready_o,
  input  logic [BeatBytes*8-1:0] a_w_data_i,
  input  logic [BeatBytes-1:0]   a_w_strb_i,
  output logic                   a_r_valid_o,
  input  logic                   b_req_valid_i,
  output logic                   b_req_ready_o,
  input  logic                   b_req_write_i,
  input  logic [31:0]            b_req_addr_i,
  output logic                   b_w_ready_o,
  input  logic [BeatBytes*8-1:0] b_w_data_i,
  input  logic [BeatBytes-1:0]   b_w_strb_i,
  output logic                   b_r_valid_o,
  output logic                   mem_req_valid_o,
  input  logic                   mem_req_ready_i,
  output logic                   mem_req_write_o,
  output logic [31:0]            mem_req_addr_o,
  output logic [6:0]             mem_req_beats_o,
  input  logic                   mem_w_ready_i,
  output logic [BeatBytes*8-1:0] mem_w_data_o,
  output logic [BeatBytes-1:0]   mem_w_strb_o,
  input  logic                   mem_r_valid_i
);
  assign mem_req_valid_o = own_i ? b_req_valid_i : a_req_valid_i;
  assign mem_req_write_o = own_i ? b_req_write_i : a_req_write_i;
  assign mem_req_addr_o  = own_i ? b_req_addr_i : a_req_addr_i;
  assign mem_req_beats_o = own_i ? 7'd1 : a_req_beats_i;
  assign mem_w_data_o    = own_i ? b_w_data_i : a_w_data_i;
  assign mem_w_strb_o    = own_i ? b_w_strb_i : a_w_strb_i;
  assign a_req_ready_o   = mem_req_ready_i && !own_i;
  assign b_req_ready_o   = mem_req_ready_i && own_i;
  assign a_w_ready_o     = mem_w_ready_i && !own_i;
  assign b_w_ready_o     = mem_w_ready_i && own_i;
  assign a_r_valid_o     = mem_r_valid_i && !own_i;
  assign b_r_valid_o     = mem_r_valid_i && own_i;
endmodule
