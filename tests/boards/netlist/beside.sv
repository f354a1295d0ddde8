// SPDX-License-Identifier: Apache-2.0
  // Beside the RTL: the netlist sees the same inputs; what it answers is compared
  // in each cycle, and the first cycles are written down for four states.
  logic [31:0] n_rdata, n_addr;
  logic n_irq, n_valid, n_write;
  logic [6:0] n_beats;
  logic [BeatBytes*8-1:0] n_data;
  logic [BeatBytes-1:0] n_strb;
  logic [3:0] n_retire, n_issue;
  logic [7:0] fault = 0;
  weft_net u_net (
    .fault_i(fault), .clk_i, .rst_ni, .csr_valid_i, .csr_write_i, .csr_addr_i, .csr_wdata_i,
    .csr_rdata_o(n_rdata), .irq_o(n_irq), .mem_req_valid_o(n_valid), .mem_req_ready_i,
    .mem_req_write_o(n_write), .mem_req_addr_o(n_addr), .mem_req_beats_o(n_beats), .mem_w_ready_i,
    .mem_w_data_o(n_data), .mem_w_strb_o(n_strb), .mem_r_valid_i, .mem_r_data_i,
    .retire_o(n_retire), .issue_o(n_issue)
  );
  int cycle = 0, compared = 0, file = 0, got = 0;
  logic read_q = 0;
  initial begin
    file = $fopen("@ROOT@/fault", "r");
    if (file != 0) begin
      got = $fscanf(file, "%d", fault);
      $fclose(file);
      file = 0;
    end else begin
      file = $fopen("@ROOT@/vectors.txt", "w");
    end
  end
  always_ff @(posedge clk_i) begin
    cycle <= cycle + 1;
    read_q <= csr_valid_i && !csr_write_i;
    if (cycle < @VECTORS@ && file != 0)
      $fwrite(file, "%b %b %b %h %h %b %b %b %h %b %b %b %h %h %h %h %h %h %h\n", rst_ni, csr_valid_i, csr_write_i,
        csr_addr_i, csr_wdata_i, mem_req_ready_i, mem_w_ready_i, mem_r_valid_i, mem_r_data_i, irq_o, mem_req_valid_o,
        mem_req_write_o, mem_req_addr_o, mem_req_beats_o, mem_w_data_o, mem_w_strb_o, retire_o, issue_o, csr_rdata_o);
    if (rst_ni && cycle > 6) begin
      if (n_irq != irq_o || n_valid != mem_req_valid_o || n_retire != retire_o || n_issue != issue_o ||
          (mem_req_valid_o && {n_write, n_addr, n_beats} != {mem_req_write_o, mem_req_addr_o, mem_req_beats_o}) ||
          (mem_w_ready_i && n_strb != mem_w_strb_o) || (read_q && n_rdata != csr_rdata_o)) begin
        $display("NETLIST DIFFERS from the RTL in cycle %0d", cycle);
        $fatal;
      end
      if (mem_w_ready_i) begin
        compared <= compared + BeatBytes;
        for (int b = 0; b < BeatBytes; b++)
          if (mem_w_strb_o[b] && n_data[8*b +: 8] != mem_w_data_o[8*b +: 8]) begin
            $display("NETLIST DIFFERS from the RTL: a byte written in cycle %0d", cycle);
            $fatal;
          end
      end
    end
  end
  final $display("netlist: %0d cycles equal, %0d bytes written equal", cycle, compared);
endmodule
