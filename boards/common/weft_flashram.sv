// SPDX-License-Identifier: Apache-2.0
// Memory back-end of a board with a serial flash and on-chip RAM (weft_spram of
// the family): byte addresses below RamBytes are RAM, the others read the flash
// at the same address. What a bitstream occupies in the flash is thus covered by
// the RAM. A write to the flash sets error_o and is dropped.
module weft_flashram #(
  parameter int ClkHz     = 24_000_000,
  parameter int BeatBytes = 4,              // no other
  parameter int RamBytes  = 131072,
  parameter int PowerPs   = 25_000_000,     // of weft_qspi_flash
  parameter int WakePs    = 5_000_000,
  parameter int HighPs    = 50_000
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        sync_i,
  output logic        ready_o,
  output logic        error_o,
  output logic [31:0] status_o,
  input  logic        mem_req_valid_i,
  output logic        mem_req_ready_o,
  input  logic        mem_req_write_i,
  input  logic [31:0] mem_req_addr_i,
  input  logic [6:0]  mem_req_beats_i,
  output logic        mem_w_ready_o,
  input  logic [31:0] mem_w_data_i,
  input  logic [3:0]  mem_w_strb_i,
  output logic        mem_r_valid_o,
  output logic [31:0] mem_r_data_o,
  output logic        flash_cs_n_o,
  output logic        flash_sck_en_o,
  output logic [3:0]  flash_io_o,
  output logic [3:0]  flash_io_oe_o,
  input  logic [3:0]  flash_io_i
);
  if (BeatBytes != 4) $error("weft_flashram: dram.beat_bytes must be 4");
  if (RamBytes != 131072) $error("weft_flashram: weft_spram has 128 KiB");

  logic        valid, first, write, step, in_ram;
  /* verilator lint_off UNUSEDSIGNAL */
  logic [6:0]  beats;
  logic [23:0] addr;
  /* verilator lint_on UNUSEDSIGNAL */
  logic        busy, flash_valid, flash_ready, started_q, ram_read_q, bad_write_q;
  logic [31:0] flash_data, ram_data;
  logic [7:0]  id;

  weft_mem_walk #(.BeatBytes(BeatBytes), .AddrBits(24)) u_walk (
    .clk_i, .rst_ni, .mem_req_valid_i, .mem_req_ready_o, .mem_req_write_i, .mem_req_addr_i,
    .mem_req_beats_i, .valid_o(valid), .first_o(first), .write_o(write), .addr_o(addr),
    .beats_o(beats), .step_i(step)
  );
  assign in_ram        = addr[23:17] == '0;
  assign step          = valid && (in_ram || write || flash_valid);
  assign mem_w_ready_o = valid && write;
  assign mem_r_valid_o = ram_read_q || flash_valid;
  assign mem_r_data_o  = ram_read_q ? ram_data : flash_data;

  weft_spram u_ram (
    .clk_i, .en_i(valid && in_ram), .write_i(write), .addr_i(addr[16:2]),
    .wdata_i(mem_w_data_i), .strb_i(mem_w_strb_i), .rdata_o(ram_data)
  );

  logic start;
  assign start = valid && first && !write && !in_ram && !busy && !started_q;
  weft_qspi_flash #(
    .ClkHz(ClkHz), .PowerPs(PowerPs), .WakePs(WakePs), .HighPs(HighPs)
  ) u_flash (
    .clk_i, .rst_ni, .ready_o(flash_ready), .id_o(id), .start_i(start), .addr_i(addr),
    .beats_i(beats[4:0]), .busy_o(busy), .valid_o(flash_valid), .data_o(flash_data),
    .flash_cs_n_o, .flash_sck_en_o, .flash_io_o, .flash_io_oe_o, .flash_io_i
  );

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      started_q   <= 1'b0;
      ram_read_q  <= 1'b0;
      bad_write_q <= 1'b0;
    end else begin
      started_q   <= start || (started_q && !flash_valid);
      ram_read_q  <= valid && in_ram && !write;
      bad_write_q <= bad_write_q || (valid && write && !in_ram);
    end
  end

  logic good_id;
  assign good_id  = id != '0 && id != '1;
  assign ready_o  = flash_ready;
  assign error_o  = bad_write_q || (flash_ready && !good_id);
  assign status_o = {16'd0, id, 5'd0, flash_ready && !good_id, good_id, flash_ready};
  /* verilator lint_off UNUSEDSIGNAL */
  logic unused;
  assign unused = sync_i;                   // the walk keeps no phase
  /* verilator lint_on UNUSEDSIGNAL */
endmodule
