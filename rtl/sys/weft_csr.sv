// SPDX-License-Identifier: Apache-2.0
// Registers of configs/csr.def, and the life of a run: Idle, Start (one cycle: what the
// run before left is cleared), Run, Stop (after a fault or a reset: nothing new starts,
// bursts in flight end), Idle again.
// Configuration registers keep their values while a run is on.
module weft_csr #(
  parameter logic [63:0] ConfigHash = 64'd0
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic             csr_valid_i,
  input  logic             csr_write_i,
  input  logic [11:0]      csr_addr_i,
  input  logic [31:0]      csr_wdata_i,
  output logic [31:0]      csr_rdata_o,
  output logic             irq_o,
  output logic             clear_o,        // one cycle at the start of a run
  output logic             core_clear_o,   // the same, and after a stop
  output logic             stop_o,         // nothing new starts
  output logic [3:0][31:0] base_o,
  output logic [3:0][31:0] size_o,
  output logic [31:0]      prog_offset_o,
  output logic [31:0]      prog_insns_o,
  input  logic             finished_i,     // END reached, nothing in flight
  input  logic             quiet_i,        // no burst in flight
  input  logic             fetch_fault_i,
  input  logic [3:0]       fetch_code_i,
  input  logic [31:0]      fetch_pc_i,
  input  logic             range_fault_i,
  input  logic [2:0]       range_queue_i,
  input  logic [27:0]      range_pc_i,
  input  logic [3:0]       retired_i,
  input  logic [3:0][31:0] queue_state_i,
  input  logic [31:0]      sems_i,
  input  logic             ex_waiting_i,
  input  logic             step_i,
  input  logic             stall_ring_i,
  input  logic             stall_drain_i,
  input  logic             read_beat_i,
  input  logic             write_beat_i,
  input  logic             mark_valid_i,
  input  logic [15:0]      mark_id_i
);
  import weft_csr_pkg::*;
  import weft_isa_pkg::*;

  localparam int Marks = 512;

  typedef enum logic [1:0] {Idle, Start, Run, Stop} state_e;
  state_e state_q;

  logic        write, start, soft_reset, ack, fault, to_idle_q, done_q;
  logic [3:0]  fault_q;
  logic [31:0] fault_pc_q, watchdog_q, quiet_for_q, mark_count_q, mark_index_q;
  logic [2:0]  fault_queue_q;
  logic [63:0] cycles_q;
  logic [31:0] retired_q [4];
  logic [31:0] steps_q, stall_ring_q, stall_drain_q, stall_wait_q, reads_q, writes_q;
  logic        bark_q, watched_q, progress_q, stopped, run_q, finished_q;
  logic [3:0]  settle_q;           // answers of the scratchpad are over, too

  assign write      = csr_valid_i && csr_write_i;
  assign soft_reset = write && csr_addr_i == CSR_CTRL && csr_wdata_i[CTRL_RESET_LSB];
  assign start      = write && csr_addr_i == CSR_CTRL && csr_wdata_i[CTRL_START_LSB] &&
                      !csr_wdata_i[CTRL_RESET_LSB] && state_q == Idle;
  assign ack        = write && csr_addr_i == CSR_CTRL && csr_wdata_i[CTRL_ACK_LSB];
  assign clear_o    = state_q == Start;
  assign stop_o     = !run_q;
  assign stopped    = state_q == Stop && quiet_i && settle_q == '1;
  assign core_clear_o = clear_o || stopped;
  assign fault      = state_q == Run && (fetch_fault_i || range_fault_i || bark_q);

  always_ff @(posedge clk_i) begin
    finished_q <= finished_i && run_q;
    if (state_q != Idle) cycles_q <= cycles_q + 64'd1;
    settle_q <= (state_q == Stop && quiet_i) ? settle_q + 4'd1 : '0;
    if (state_q == Run) begin
      steps_q      <= steps_q + 32'(step_i);
      stall_ring_q <= stall_ring_q + 32'(stall_ring_i);
      stall_drain_q <= stall_drain_q + 32'(stall_drain_i);
      stall_wait_q <= stall_wait_q + 32'(ex_waiting_i);
    end
    reads_q  <= reads_q + 32'(read_beat_i);
    writes_q <= writes_q + 32'(write_beat_i);
    for (int q = 0; q < 4; q++) retired_q[q] <= retired_q[q] + 32'(retired_i[q]);
    if (fault) begin
      fault_q       <= fetch_fault_i ? fetch_code_i : range_fault_i ? FAULT_RANGE : FAULT_WATCHDOG;
      fault_queue_q <= (!fetch_fault_i && range_fault_i) ? range_queue_i : Q_CTL;
      fault_pc_q    <= (!fetch_fault_i && range_fault_i) ? 32'(range_pc_i) : fetch_pc_i;
    end
    progress_q <= retired_i != '0 || read_beat_i || write_beat_i;
    watched_q <= watchdog_q != '0;
    if (progress_q || state_q != Run) quiet_for_q <= 32'd1;
    else quiet_for_q <= quiet_for_q + 32'd1;
    if (start) cycles_q <= 64'd1;
    if (clear_o) begin
      steps_q       <= '0;
      stall_ring_q  <= '0;
      stall_drain_q <= '0;
      stall_wait_q  <= '0;
      reads_q       <= '0;
      writes_q      <= '0;
      for (int q = 0; q < 4; q++) retired_q[q] <= '0;
      fault_q       <= FAULT_NONE;
      fault_pc_q    <= '0;
      fault_queue_q <= '0;
    end
    if (!rst_ni) begin
      state_q   <= Idle;
      run_q     <= 1'b0;
      done_q    <= 1'b0;
      irq_o     <= 1'b0;
      to_idle_q <= 1'b0;
      bark_q    <= 1'b0;
      fault_q   <= FAULT_NONE;
      cycles_q  <= '0;
    end else begin
      bark_q <= state_q == Run && !progress_q && quiet_for_q == watchdog_q && watched_q;
      if (ack) irq_o <= 1'b0;
      case (state_q)
        Idle: begin
          if (start) state_q <= Start;
          if (start || soft_reset) begin
            done_q <= 1'b0;
            irq_o  <= 1'b0;
          end
          to_idle_q <= 1'b0;
        end
        Start: begin
          state_q   <= soft_reset ? Stop : Run;
          run_q     <= !soft_reset;
          to_idle_q <= soft_reset;
        end
        Run: begin
          run_q <= !(soft_reset || fault || finished_q);
          if (soft_reset) begin
            state_q   <= Stop;
            to_idle_q <= 1'b1;
          end else if (fault) begin
            state_q <= Stop;
          end else if (finished_q) begin
            state_q <= Idle;
            done_q  <= 1'b1;
            irq_o   <= 1'b1;
          end
        end
        default: begin
          if (soft_reset) to_idle_q <= 1'b1;
          if (stopped) begin
            state_q <= Idle;
            done_q  <= !(to_idle_q || soft_reset);
            irq_o   <= !(to_idle_q || soft_reset);
          end
        end
      endcase
    end
  end

  // Registers that the host writes.
  logic [7:0][31:0] region_q;
  always_comb
    for (int r = 0; r < 4; r++) begin
      base_o[r] = {region_q[2*r][31:6], 6'd0};
      size_o[r] = region_q[2*r+1];
    end
  always_ff @(posedge clk_i) begin
    if (write && state_q == Idle) begin
      if (csr_addr_i >= CSR_BASE0 && csr_addr_i <= CSR_SIZE3) region_q[csr_addr_i[4:2]] <= csr_wdata_i;
      if (csr_addr_i == CSR_PROG_OFFSET) prog_offset_o <= {csr_wdata_i[31:6], 6'd0};
      if (csr_addr_i == CSR_PROG_INSNS) prog_insns_o <= csr_wdata_i;
      if (csr_addr_i == CSR_WATCHDOG) watchdog_q <= csr_wdata_i;
    end
    if (write && csr_addr_i == CSR_MARK_INDEX) mark_index_q <= csr_wdata_i;
    if (!rst_ni) begin
      region_q      <= '0;
      prog_offset_o <= '0;
      prog_insns_o  <= '0;
      watchdog_q    <= '0;
      mark_index_q  <= '0;
    end
  end

  // Marks: {cycle, id}, read at the index of the register.
  (* ram_style = "block" *)
  logic [47:0] marks [Marks];
  logic [47:0] mark_q;
  logic [8:0]  mark_at;
  assign mark_at = (write && csr_addr_i == CSR_MARK_INDEX) ? csr_wdata_i[8:0] : mark_index_q[8:0];
  always_ff @(posedge clk_i) begin
    if (mark_valid_i && mark_count_q < 32'(Marks)) marks[mark_count_q[8:0]] <= {cycles_q[31:0], mark_id_i};
    mark_q <= marks[mark_at];
    if (!rst_ni || clear_o) mark_count_q <= '0;
    else if (mark_valid_i) mark_count_q <= mark_count_q + 32'd1;
  end

  logic [31:0] status;
  always_comb begin
    status = '0;
    status[STATUS_BUSY_LSB] = state_q != Idle;
    status[STATUS_DONE_LSB] = done_q;
    status[STATUS_FAULT_LSB +: STATUS_FAULT_W] = fault_q;
  end

  // Read multiplexer: one entry a word address; holes are 0.
  logic [31:0] view [64];
  always_comb begin
    for (int i = 0; i < 64; i++) view[i] = '0;
    view[CSR_ID[7:2]]             = 32'h5446_4557;
    view[CSR_ISA_VERSION[7:2]]    = ISA_VERSION;
    view[CSR_HASH_LO[7:2]]        = ConfigHash[31:0];
    view[CSR_HASH_HI[7:2]]        = ConfigHash[63:32];
    view[CSR_STATUS[7:2]]         = status;
    view[CSR_FAULT_PC[7:2]]       = fault_pc_q;
    view[CSR_FAULT_QUEUE[7:2]]    = 32'(fault_queue_q);
    for (int r = 0; r < 8; r++)
      view[CSR_BASE0[7:2] + 6'(r)] = region_q[r];
    view[CSR_PROG_OFFSET[7:2]]    = prog_offset_o;
    view[CSR_PROG_INSNS[7:2]]     = prog_insns_o;
    view[CSR_WATCHDOG[7:2]]       = watchdog_q;
    view[CSR_CYCLES_LO[7:2]]      = cycles_q[31:0];
    view[CSR_CYCLES_HI[7:2]]      = cycles_q[63:32];
    for (int q = 0; q < 4; q++) begin
      view[CSR_RETIRED_LD[7:2] + 6'(q)] = retired_q[q];
      view[CSR_STATE_LD[7:2] + 6'(q)]   = queue_state_i[q];
    end
    view[CSR_EX_STEPS[7:2]]       = steps_q;
    view[CSR_EX_STALL_RING[7:2]]  = stall_ring_q;
    view[CSR_EX_STALL_DRAIN[7:2]] = stall_drain_q;
    view[CSR_EX_STALL_WAIT[7:2]]  = stall_wait_q;
    view[CSR_READ_BEATS[7:2]]     = reads_q;
    view[CSR_WRITE_BEATS[7:2]]    = writes_q;
    view[CSR_SEMAPHORES[7:2]]     = sems_i;
    view[CSR_MARK_COUNT[7:2]]     = mark_count_q;
    view[CSR_MARK_INDEX[7:2]]     = mark_index_q;
    view[CSR_MARK_ID[7:2]]        = {16'd0, mark_q[15:0]};
    view[CSR_MARK_CYCLE[7:2]]     = mark_q[47:16];
  end
  always_ff @(posedge clk_i)
    csr_rdata_o <= (csr_addr_i[11:8] == '0 && csr_addr_i[1:0] == '0) ? view[csr_addr_i[7:2]] : '0;
endmodule
