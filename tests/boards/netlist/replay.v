// SPDX-License-Identifier: Apache-2.0
// A netlist in four states. Everything starts as x; the inputs that the RTL saw are
// replayed, and the outputs that mean something must be the RTL's, no x among them.
// +vectors=FILE +cycles=N +fault=K, +unreset (the reset never comes), +first (ends
// with the first cycle that differs)
`timescale 1ns/1ns
module replay;
  localparam B = `BEAT_BYTES;
  reg clk = 0;
  reg rst, cv, cw, rr, wr, rv;
  reg [7:0] fault = 0;
  reg [11:0] ca;
  reg [31:0] cd;
  reg [B*8-1:0] rd;
  wire [31:0] csr, addr;
  wire irq, valid, write;
  wire [6:0] beats;
  wire [B*8-1:0] data;
  wire [B-1:0] strb;
  wire [3:0] retire, issue;
  reg w_irq, w_valid, w_write, read_q = 0;
  reg [31:0] w_addr, w_csr;
  reg [6:0] w_beats;
  reg [B*8-1:0] w_data;
  reg [B-1:0] w_strb;
  reg [3:0] w_retire, w_issue;
  weft_net dut (
    .fault_i(fault), .clk_i(clk), .rst_ni(rst), .csr_valid_i(cv), .csr_write_i(cw), .csr_addr_i(ca), .csr_wdata_i(cd),
    .csr_rdata_o(csr), .irq_o(irq), .mem_req_valid_o(valid), .mem_req_ready_i(rr), .mem_req_write_o(write),
    .mem_req_addr_o(addr), .mem_req_beats_o(beats), .mem_w_ready_i(wr), .mem_w_data_o(data), .mem_w_strb_o(strb),
    .mem_r_valid_i(rv), .mem_r_data_i(rd), .retire_o(retire), .issue_o(issue)
  );

  reg [1023:0] path;
  integer f, i, got, cycles, n = 0, bad = 0, live = 0, bytes = 0, first = -1;
  reg differs;
  initial begin
    got = $value$plusargs("vectors=%s", path);
    got = $value$plusargs("fault=%d", fault);
    if (!$value$plusargs("cycles=%d", cycles)) cycles = 1000;
    f = $fopen(path, "r");
    while (n < cycles && !(bad > 0 && $test$plusargs("first")) && $fscanf(f, "%b %b %b %h %h %b %b %b %h %b %b %b %h %h %h %h %h %h %h\n", rst, cv, cw, ca, cd,
        rr, wr, rv, rd, w_irq, w_valid, w_write, w_addr, w_beats, w_data, w_strb, w_retire, w_issue, w_csr) == 19) begin
      if ($test$plusargs("unreset")) rst = 1;
      #1;
      if (rst && n > 6) begin
        differs = irq !== w_irq || valid !== w_valid || retire !== w_retire || issue !== w_issue ||
                  (w_valid && {write, addr, beats} !== {w_write, w_addr, w_beats}) || (wr && strb !== w_strb) ||
                  (read_q && csr !== w_csr);
        for (i = 0; i < B; i = i + 1)
          if (wr && w_strb[i]) begin
            bytes = bytes + 1;
            differs = differs || data[8*i +: 8] !== w_data[8*i +: 8];
          end
        live = live + 1;
        if (differs) begin
          bad = bad + 1;
          if (first < 0) first = n;
        end
      end
      read_q = cv && !cw;
      clk = 1;
      #1 clk = 0;
      n = n + 1;
    end
    $display("four states: %0d of %0d cycles differ (first %0d), %0d bytes written", bad, live, first, bytes);
    $finish;
  end
endmodule
