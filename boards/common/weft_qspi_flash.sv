// SPDX-License-Identifier: Apache-2.0
// Reads bursts from a serial flash on four lines: EBh (quad I/O) in continuous
// mode, so that a burst is 8 clocks of address and mode, 4 dummies, 2 a byte.
// SCK is the clock itself, gated by a DDR output: low, then high in each cycle
// with flash_sck_en_o. The flash shifts out at the end of such a cycle; its data
// are caught one cycle later.
//
// Boot: leave continuous mode, ABh (wake up), 9Fh (identity), the first EBh.
module weft_qspi_flash #(
  parameter int ClkHz     = 24_000_000,
  parameter int PowerPs   = 25_000_000,     // from reset to the first command
  parameter int WakePs    = 5_000_000,      // from ABh to the next one
  parameter int HighPs    = 50_000          // chip select between commands
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  output logic        ready_o,
  output logic [7:0]  id_o,                 // last byte of the identity: log2 of the bytes
  input  logic        start_i,              // when !busy_o; addr and beats with it
  input  logic [23:0] addr_i,
  input  logic [4:0]  beats_i,              // of 4 bytes, 1..16
  output logic        busy_o,
  output logic        valid_o,
  output logic [31:0] data_o,
  output logic        flash_cs_n_o,
  output logic        flash_sck_en_o,
  output logic [3:0]  flash_io_o,
  output logic [3:0]  flash_io_oe_o,
  input  logic [3:0]  flash_io_i
);
  function automatic int clocks(input int ps);
    return int'((longint'(ps) * (longint'(ClkHz) / 64'sd1000) + 64'sd999_999_999) / 64'sd1_000_000_000);
  endfunction
  localparam int Powered = clocks(PowerPs);
  localparam int Wake    = clocks(WakePs);
  localparam int High    = clocks(HighPs) > 3 ? clocks(HighPs) - 2 : 1;   // High + 2 cycles deselected

  localparam int Longest = Powered > Wake ? Powered : Wake;
  localparam int CountBits = Longest > 255 ? $clog2(Longest + 1) : 8;

  // Cmd: 8 bits on one line; Quad: 32 bits on four; Dummy; In; Rest: deselected.
  typedef enum logic [2:0] { Rest, Idle, Cmd, Quad, Dummy, In } state_t;
  typedef enum logic [2:0] { Power, Leave, WakeUp, Identify, First, Run } boot_t;
  state_t      state_q, begin_at;
  boot_t       boot_q;
  logic [CountBits-1:0] count_q;
  logic [31:0] out_q;
  logic        last, start, running, quad_in;
  logic [7:0]  in_clocks;

  assign running  = boot_q == Run;
  assign ready_o  = running;
  assign busy_o   = state_q != Idle || !running;
  assign last     = count_q == '0;
  assign start    = state_q == Idle && (start_i || !running);
  assign begin_at = running || boot_q == Leave ? Quad : Cmd;
  assign quad_in  = boot_q != Identify;

  logic [4:0] beats_q;
  assign in_clocks = boot_q == Identify ? 8'd24 : boot_q == First ? 8'd8 : {beats_q, 3'd0};

  always_ff @(posedge clk_i) begin
    count_q <= count_q - CountBits'(1);
    case (state_q)
      Rest: if (last) state_q <= Idle;
      Idle:
        if (start) begin
          state_q <= begin_at;
          count_q <= CountBits'(7);
          beats_q <= beats_i;
        end
      Cmd:
        if (last) begin
          state_q <= boot_q == WakeUp ? Rest : boot_q == Identify ? In : Quad;
          count_q <= boot_q == WakeUp ? CountBits'(Wake) : boot_q == Identify ? CountBits'(23) : CountBits'(7);
        end
      Quad:
        if (last) begin
          state_q <= boot_q == Leave ? Rest : Dummy;
          count_q <= boot_q == Leave ? CountBits'(High) : CountBits'(3);
        end
      Dummy:
        if (last) begin
          state_q <= In;
          count_q <= CountBits'(in_clocks) - CountBits'(1);
        end
      default:
        if (last) begin
          state_q <= Rest;
          count_q <= CountBits'(High);
        end
    endcase
    if (state_q == Rest && last && !running) boot_q <= boot_t'(boot_q + 3'd1);
    if (!rst_ni) begin
      state_q <= Rest;
      boot_q  <= Power;
      count_q <= CountBits'(Powered);
    end
  end

  // A nibble a clock. A command is spread over nibbles: its bit on line 0, lines 2
  // and 3 high; behind it the address 0 and mode A0h (stay in continuous mode).
  function automatic logic [31:0] spread(input logic [7:0] c);
    for (int i = 0; i < 8; i++) spread[4*i +: 4] = {3'b110, c[i]};
  endfunction
  always_ff @(posedge clk_i) begin
    if (state_q == Idle)
      case (boot_q)
        Leave:    out_q <= '1;
        WakeUp:   out_q <= spread(8'hab);
        Identify: out_q <= spread(8'h9f);
        First:    out_q <= spread(8'heb);
        default:  out_q <= {addr_i, 8'ha0};
      endcase
    else out_q <= {out_q[27:0], state_q == Cmd && count_q == CountBits'(1) ? 4'ha : 4'd0};
  end

  always_ff @(posedge clk_i) begin
    flash_cs_n_o   <= state_q == Rest || state_q == Idle || !rst_ni;
    flash_sck_en_o <= state_q != Rest && state_q != Idle && rst_ni;
    flash_io_o     <= state_q == Quad || state_q == Cmd ? out_q[31:28] : 4'b1100;
    flash_io_oe_o  <= state_q == Quad ? 4'b1111 :
                      state_q == Cmd || (state_q == In && !quad_in) ? 4'b1101 : 4'b0000;
  end

  // In in cycle f: SCK in f + 1, caught at its end, shifted in during f + 2.
  logic [3:0]  io_q;
  logic [31:0] in_q;
  logic [1:0]  taken_q;
  logic [4:0]  nibble_q;
  logic        whole_q;

  always_ff @(posedge clk_i) begin
    io_q     <= flash_io_i;
    taken_q  <= {taken_q[0], state_q == In};
    nibble_q <= state_q == Idle ? '0 : nibble_q + 5'(taken_q[1]);
    if (taken_q[1]) in_q <= {in_q[27:0], io_q};
    whole_q  <= taken_q[1] && nibble_q[2:0] == 3'd7 && running;
    if (boot_q == First && state_q == Idle)
      for (int i = 0; i < 8; i++) id_o[i] <= in_q[4*i + 1];
    if (!rst_ni) begin
      taken_q <= '0;
      whole_q <= 1'b0;
    end
  end
  assign valid_o = whole_q;
  assign data_o  = {in_q[7:0], in_q[15:8], in_q[23:16], in_q[31:24]};
endmodule
