// SPDX-License-Identifier: Apache-2.0
// Front of a simple memory back-end: takes bursts at the memory port, one in
// progress and one behind it, and walks them beat by beat. A beat moves on with
// step_i; a waiting burst of the same direction follows without a pause, another
// after one cycle (sim/dram's law with rows: setup 1, gap 0, one row).
module weft_mem_walk #(
  parameter int BeatBytes = 4,
  parameter int AddrBits  = 32
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        mem_req_valid_i,
  output logic        mem_req_ready_o,
  input  logic        mem_req_write_i,
  /* verilator lint_off UNUSEDSIGNAL */
  input  logic [31:0] mem_req_addr_i,
  /* verilator lint_on UNUSEDSIGNAL */
  input  logic [6:0]  mem_req_beats_i,
  output logic        valid_o,          // a beat waits
  output logic        first_o,          // it is the first of its burst
  output logic        write_o,
  output logic [AddrBits-1:0] addr_o,           // of the beat
  output logic [6:0]  beats_o,          // left, this one included
  input  logic        step_i
);
  logic        behind_q, behind_write_q, load;
  logic [AddrBits-1:0] behind_addr_q;
  logic [6:0]  behind_beats_q;

  assign mem_req_ready_o = !behind_q;
  assign load = behind_q && (!valid_o || (step_i && beats_o == 7'd1 && behind_write_q == write_o));

  always_ff @(posedge clk_i) begin
    if (mem_req_valid_i && !behind_q) begin
      behind_write_q <= mem_req_write_i;
      behind_addr_q  <= mem_req_addr_i[AddrBits-1:0];
      behind_beats_q <= mem_req_beats_i;
    end
    if (load) begin
      write_o <= behind_write_q;
      addr_o  <= behind_addr_q;
      beats_o <= behind_beats_q;
    end else if (step_i) begin
      addr_o  <= addr_o + AddrBits'(BeatBytes);
      beats_o <= beats_o - 7'd1;
    end
    if (load) first_o <= 1'b1;
    else if (step_i) first_o <= 1'b0;
    if (!rst_ni) begin
      behind_q <= 1'b0;
      valid_o  <= 1'b0;
    end else begin
      behind_q <= behind_q ? !load : mem_req_valid_i;
      valid_o  <= load || (valid_o && !(step_i && beats_o == 7'd1));
    end
  end
endmodule
