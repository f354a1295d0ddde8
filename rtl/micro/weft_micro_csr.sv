// SPDX-License-Identifier: Apache-2.0
// Registers of configs/csr.def for the small machine: a memory that the microprogram
// fills, and the life of a run. Words 0..63 are the registers, two words a mark from 128.
module weft_micro_csr #(
  parameter logic [63:0] ConfigHash = 64'd0
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        csr_valid_i,
  input  logic        csr_write_i,
  input  logic [11:0] csr_addr_i,
  input  logic [31:0] csr_wdata_i,
  output logic [31:0] csr_rdata_o,
  output logic        irq_o,
  output logic        host_write_o,    // the host sets register csr_addr_i[7:2]
  output logic        start_o,
  output logic        kill_o,          // level, until idle
  input  logic        idle_i,          // pulse: the microprogram is back at its start
  input  logic        halt_i,          // pulse
  input  logic [3:0]  fault_i,
  output logic [39:0] cycles_o,
  input  logic        out_i,
  input  logic [7:0]  out_addr_i,
  input  logic [31:0] out_data_i
);
  import weft_csr_pkg::*;

  logic        write, run_q, kill_q, done_q;
  logic [3:0]  fault_q;
  logic [39:0] cycles_q;
  logic [5:0]  index_q;
  assign write   = csr_valid_i && csr_write_i;
  assign start_o = write && csr_addr_i == CSR_CTRL && csr_wdata_i[CTRL_START_LSB] &&
                   !csr_wdata_i[CTRL_RESET_LSB] && !run_q;
  assign kill_o = kill_q;
  assign cycles_o = cycles_q;
  assign host_write_o = write && !run_q && (csr_addr_i >= CSR_BASE0 && csr_addr_i <= CSR_WATCHDOG);

  always_ff @(posedge clk_i) begin
    if (run_q) cycles_q <= cycles_q + 40'd1;
    if (start_o) cycles_q <= 40'd1;
    if (write && csr_addr_i == CSR_MARK_INDEX) index_q <= csr_wdata_i[5:0];
    if (halt_i) fault_q <= fault_i;
    if (start_o) fault_q <= '0;
    if (!rst_ni) begin
      run_q    <= 1'b0;
      kill_q   <= 1'b0;
      done_q   <= 1'b0;
      irq_o    <= 1'b0;
      fault_q  <= '0;
      cycles_q <= '0;
    end else begin
      if (write && csr_addr_i == CSR_CTRL && csr_wdata_i[CTRL_ACK_LSB]) irq_o <= 1'b0;
      if (write && csr_addr_i == CSR_CTRL && csr_wdata_i[CTRL_RESET_LSB]) begin
        kill_q <= run_q;
        done_q <= 1'b0;
        irq_o  <= 1'b0;
      end
      if (start_o) begin
        run_q  <= 1'b1;
        done_q <= 1'b0;
        irq_o  <= 1'b0;
      end
      if (idle_i || (halt_i && !kill_q)) begin
        run_q  <= 1'b0;
        kill_q <= 1'b0;
        done_q <= halt_i;
        irq_o  <= halt_i;
      end
    end
  end

  // Read: from the memory, but what is known here.
  (* ram_style = "block", no_rw_check *)
  logic [31:0] mem [256];
  initial for (int i = 0; i < 256; i++) mem[i] = '0;
  logic [31:0] mem_q, fixed;
  logic [7:0]  at;
  logic [2:0]  which_q;
  logic        zero_q;
  assign at = csr_addr_i[11:2] == CSR_MARK_ID[11:2]    ? {1'b1, index_q, 1'b1} :
              csr_addr_i[11:2] == CSR_MARK_CYCLE[11:2] ? {1'b1, index_q, 1'b0} : {2'b00, csr_addr_i[7:2]};
  always_ff @(posedge clk_i) begin
    if (out_i || host_write_o) mem[out_i ? out_addr_i : {2'b00, csr_addr_i[7:2]}] <= out_i ? out_data_i : csr_wdata_i;
    mem_q <= mem[at];
    zero_q <= csr_addr_i[11:8] != '0 || csr_addr_i[1:0] != '0;
    case (csr_addr_i[7:2])
      CSR_ID[7:2]:          which_q <= 3'd1;
      CSR_ISA_VERSION[7:2]: which_q <= 3'd2;
      CSR_HASH_LO[7:2]:     which_q <= 3'd3;
      CSR_HASH_HI[7:2]:     which_q <= 3'd4;
      CSR_STATUS[7:2]:      which_q <= 3'd5;
      default:              which_q <= 3'd0;
    endcase
  end
  logic [31:0] status;
  always_comb begin
    status = '0;
    status[STATUS_BUSY_LSB] = run_q;
    status[STATUS_DONE_LSB] = done_q;
    status[STATUS_FAULT_LSB +: STATUS_FAULT_W] = fault_q;
    case (which_q)
      3'd1:    fixed = 32'h5446_4557;
      3'd2:    fixed = weft_isa_pkg::ISA_VERSION;
      3'd3:    fixed = ConfigHash[31:0];
      3'd4:    fixed = ConfigHash[63:32];
      3'd5:    fixed = status;
      default: fixed = mem_q;
    endcase
    csr_rdata_o = zero_q ? '0 : fixed;
  end
endmodule
