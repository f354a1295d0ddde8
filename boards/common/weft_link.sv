// SPDX-License-Identifier: Apache-2.0
// The device's end of the link (configs/link.def): one frame at a time is
// received, checked, executed and answered; what arrives meanwhile waits in the
// FIFO in front. Master of the registers and, while the accelerator is idle, of
// the memory port, one beat at a time.
module weft_link #(
  parameter int          ClkHz = 100_000_000,
  parameter int          Baud = 1_000_000,
  parameter logic [31:0] BoardId = 32'd0,
  parameter logic [63:0] BuildId = 64'd0,
  parameter logic [63:0] ConfigHash = 64'd0,
  parameter logic [31:0] MemBytes = 32'd65536,   // a power of two
  parameter int          Rows = 8,
  parameter int          Cols = 8,
  parameter int          Lanes = 8,
  parameter int          BeatBytes = 4,
  parameter int          FallbackCycles = ClkHz / 1000 * weft_link_pkg::LINK_BAUD_FALLBACK_MS,
  localparam int         AccBits = weft_link_pkg::LINK_BAUD_ACC_BITS
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,
  input  logic                   rx_valid_i,      // first byte of the FIFO
  input  logic [7:0]             rx_data_i,
  output logic                   rx_pop_o,
  output logic                   tx_valid_o,
  output logic [7:0]             tx_data_o,
  input  logic                   tx_ready_i,
  input  logic                   bit_i,           // pulse: a bit time went by
  output logic [AccBits-1:0]     inc_o,           // of the UART
  output logic                   csr_valid_o,
  output logic                   csr_write_o,
  output logic [11:0]            csr_addr_o,
  output logic [31:0]            csr_wdata_o,
  input  logic [31:0]            csr_rdata_i,
  output logic                   own_o,           // the memory port is the link's
  output logic                   mem_req_valid_o,
  input  logic                   mem_req_ready_i,
  output logic                   mem_req_write_o,
  output logic [31:0]            mem_req_addr_o,  // always one beat
  input  logic                   mem_w_ready_i,
  output logic [BeatBytes*8-1:0] mem_w_data_o,
  output logic [BeatBytes-1:0]   mem_w_strb_o,
  input  logic                   mem_r_valid_i,
  input  logic [BeatBytes*8-1:0] mem_r_data_i,
  input  logic                   mem_ready_i,
  input  logic                   mem_error_i,
  input  logic [31:0]            mem_probe_i,
  output logic [7:0]             mem_phase_o,
  output logic                   start_o,         // pulse: a run starts at the next edge
  output logic                   good_o,          // pulse: a whole frame came
  output logic                   quiet_o          // level: nothing to do until a byte comes
);
  import weft_link_pkg::*;
  import weft_csr_pkg::*;

  localparam longint Scaled  = (longint'(Baud) << AccBits) + longint'(ClkHz) / 2;
  localparam logic [AccBits-1:0] BaudInc = AccBits'(Scaled / longint'(ClkHz));
  localparam int BeatShift   = $clog2(BeatBytes);
  localparam int FallBits    = $clog2(FallbackCycles);   // waits so long, or up to twice
  localparam int GapBits     = $clog2(LINK_GAP_BITS);
  localparam int AddrBits    = $clog2(MemBytes) + 1 > 32 ? 32 : $clog2(MemBytes) + 1;   // the top one: beyond

  if (LINK_PAYLOAD_MAX != 1024 || LINK_CRC_MAX != 4096) $error("lengths are compared bit by bit");
  if ((MemBytes & (MemBytes - 32'd1)) != 32'd0) $error("MemBytes must be a power of two");
  if (longint'(Baud) * 4 > longint'(ClkHz)) $error("a bit must take at least four clocks");

  typedef enum logic [4:0] {
    Hunt, Sync, Head, HeadEnd, Body, Tail, TailEnd, Exec,
    RegRead, RegWait, RegDone, Idle1, IdleWait, Idle2, Beat, Gather, Ask, Give, Take, Scatter,
    TxPrep, TxLoad, TxSum, TxSend, Switch
  } state_e;
  typedef enum logic [1:0] {PartHead, PartBody, PartTail} part_e;

  state_e      state_q;
  part_e       part_q;
  logic [63:0] head_q;             // type, seq, len, addr; addr counts up in bursts
  logic [7:0]  kind, seq, expect_q;
  logic [15:0] len;
  logic [31:0] addr;
  logic [12:0] cnt_q;              // bytes of this part; in memory commands: bytes left
  logic [10:0] at_q;               // byte of the buffer
  logic [10:0] reply_q;            // payload bytes of the reply
  logic [2:0]  status_q;           // LINKST_*
  logic [15:0] run_q;
  logic [15:0] crc16_q;
  logic [31:0] crc32_q;
  logic [BeatBytes*8-1:0] data_q;  // argument of a request, a beat, a word of the reply
  logic [BeatShift:0]     sub_q;   // byte of the beat
  logic [GapBits-1:0]     gap_q;
  logic                   gap_over_q, trial_q;
  logic [FallBits:0]      fall_q;
  logic [7:0]  phase_q, tx_q, byte_q, buf_data, buf_in, hello_byte, head_byte, tx_byte;
  logic        is_new, is_old, is_mem, is_crc, receiving, got, summing, has_byte_q;
  logic        is_last_q;          // cnt_q, still since two states, is the last byte of the reply
  logic        buf_we, is_odd_len;

  assign kind = head_q[7:0];
  assign seq  = head_q[15:8];
  assign len  = head_q[31:16];
  assign addr = head_q[63:32];

  // ---- CRCs, two bits a clock, least bit first: a byte of 40 clocks needs no more
  function automatic logic [15:0] crc16(input logic [15:0] c, input logic [1:0] b);
    logic [15:0] r;
    r = c ^ {14'd0, b};
    for (int i = 0; i < 2; i++) r = {1'b0, r[15:1]} ^ (r[0] ? 16'h8408 : 16'd0);
    return r;
  endfunction
  function automatic logic [31:0] crc32(input logic [31:0] c, input logic [1:0] b);
    logic [31:0] r;
    r = c ^ {30'd0, b};
    for (int i = 0; i < 2; i++) r = {1'b0, r[31:1]} ^ (r[0] ? 32'hedb8_8320 : 32'd0);
    return r;
  endfunction

  logic [7:0] sum_q;               // bits that are not summed yet
  logic [2:0] sum_left_q;          // pairs of them
  logic       sum16_q, sum32_q, sum_load, sum16, sum32;
  assign summing   = sum_left_q != '0;
  assign receiving = state_q == Hunt || state_q == Sync || state_q == Head || state_q == Body || state_q == Tail;
  assign got       = receiving && has_byte_q && !summing;
  assign quiet_o   = receiving && !has_byte_q && !rx_valid_i && !summing;

  // The FIFO's block memory answers late: its byte is looked at in a register.
  assign rx_pop_o = rx_valid_i && !has_byte_q;
  always_ff @(posedge clk_i) begin
    if (rx_pop_o) byte_q <= rx_data_i;
    has_byte_q <= rst_ni && (has_byte_q ? !got : rx_valid_i);
  end

  assign sum16     = state_q == Head || (state_q == TxSum && part_q == PartHead && cnt_q[3:0] >= 4'd2 && cnt_q[3:0] < 4'd10);
  assign sum32     = state_q == Head || state_q == Body || state_q == Tail ||
                     (state_q == Scatter && is_crc && cnt_q > 13'(sub_q)) ||
                     (state_q == TxSum && (part_q == PartBody || (part_q == PartHead && cnt_q[3:0] >= 4'd2)));
  assign sum_load  = (got || (!receiving && !summing)) && (sum16 || sum32);
  always_ff @(posedge clk_i) begin
    if (sum_load) begin
      sum_q   <= receiving ? byte_q : state_q == Scatter ? data_q[7:0] : tx_q;
      sum16_q <= sum16;
      sum32_q <= sum32;
    end else sum_q <= {2'd0, sum_q[7:2]};
    if (!rst_ni) sum_left_q <= '0;
    else if (sum_load) sum_left_q <= 3'd4;
    else if (summing) sum_left_q <= sum_left_q - 3'd1;

    if (state_q == Sync || state_q == Exec || (state_q == TxPrep && !summing)) begin
      crc16_q <= '1;
      crc32_q <= '1;
    end else if (summing) begin
      if (sum16_q) crc16_q <= crc16(crc16_q, sum_q[1:0]);
      if (sum32_q) crc32_q <= crc32(crc32_q, sum_q[1:0]);
    end
  end

  // ---- what a frame asks for ---------------------------------------------------
  /* verilator lint_off UNUSEDSIGNAL */
  logic [7:0] ahead;
  /* verilator lint_on UNUSEDSIGNAL */
  assign ahead  = seq - expect_q;
  assign is_new = ahead == 8'd0;
  assign is_old = ahead[7:3] == 5'h1f;
  assign is_crc = kind == LINK_CRC_MEM;
  always_ff @(posedge clk_i) is_mem <= kind == LINK_WR_MEM || kind == LINK_RD_MEM || is_crc;

  // 1..1024 bytes, or 1..4096 of CRC_MEM.
  logic [12:0] n_asked;
  logic        is_n_bad;
  assign n_asked    = kind == LINK_WR_MEM ? {2'd0, len[10:0]} : data_q[12:0];
  assign is_n_bad   = n_asked == '0 || (kind != LINK_WR_MEM && data_q[31:13] != '0) ||
                      (n_asked[12] && (!is_crc || n_asked[11:0] != '0)) ||
                      (!is_crc && (n_asked[11] || (n_asked[10] && n_asked[9:0] != '0)));
  assign is_odd_len = (kind == LINK_WR_REG || kind == LINK_RD_MEM || is_crc) ? len != 16'd4
                                                                            : kind != LINK_WR_MEM && len != 16'd0;

  // ---- buffer of one payload ---------------------------------------------------
  assign buf_we = (got && state_q == Body) || (state_q == Scatter && !is_crc);
  assign buf_in = state_q == Body ? byte_q : data_q[7:0];
  weft_ram #(.Width(8), .Depth(LINK_PAYLOAD_MAX)) u_buf (
    .clk_i, .wr_en_i(buf_we), .wr_addr_i(at_q[9:0]), .wr_data_i(buf_in),
    .rd_en_i(1'b1), .rd_addr_i(at_q[9:0]), .rd_data_o(buf_data)
  );

  // ---- bytes of the reply ------------------------------------------------------
  localparam logic [31:0] Isa = weft_isa_pkg::ISA_VERSION;
  localparam logic [31:0] Version = LINK_VERSION;
  localparam logic [31:0] Clock = ClkHz;
  localparam logic [31:0] Rate = Baud;
  localparam logic [31:0] Shape = Rows | Cols << 8 | Lanes << 16 | BeatBytes << 24;
  /* verilator lint_off WIDTHCONCAT */
  localparam logic [LINK_HELLO_BYTES*8-1:0] Hello = {
    Isa, Shape, Rate, MemBytes, ConfigHash, BuildId, Clock, BoardId, Version, 32'h5446_4557};
  /* verilator lint_on WIDTHCONCAT */
  assign hello_byte = Hello[{cnt_q[5:0], 3'd0} +: 8];

  always_comb begin
    case (cnt_q[3:0])
      4'd0:    head_byte = 8'(LINK_SYNC0);
      4'd1:    head_byte = 8'(LINK_SYNC1);
      4'd2:    head_byte = kind | 8'(LINK_REPLY_FLAG);
      4'd3:    head_byte = seq;
      4'd4:    head_byte = reply_q[7:0];
      4'd5:    head_byte = {5'd0, reply_q[10:8]};
      4'd6:    head_byte = {5'd0, status_q};
      4'd7:    head_byte = expect_q;
      4'd10:   head_byte = crc16_q[7:0];
      4'd11:   head_byte = crc16_q[15:8];
      default: head_byte = 8'd0;
    endcase
    if (part_q == PartHead) tx_byte = head_byte;
    else if (part_q == PartTail) tx_byte = data_q[7:0];
    else if (kind == LINK_HELLO) tx_byte = hello_byte;
    else if (kind == LINK_RD_MEM) tx_byte = buf_data;
    else tx_byte = data_q[7:0];
  end

  // ---- registers and memory ----------------------------------------------------
  // An access leaves from registers: the decode of a command and that of an address would be
  // one path. Its answer is there two cycles after the state that asks.
  logic        is_own_reg, csr_valid, csr_write, start;
  logic [11:0] csr_addr;
  assign is_own_reg = addr[15:12] != '0;
  always_comb begin
    csr_valid = 1'b0;
    csr_write = 1'b0;
    csr_addr  = CSR_STATUS;
    start     = 1'b0;
    case (state_q)
      RegRead: begin
        csr_valid = kind == LINK_STATUS || !is_own_reg;
        csr_write = kind == LINK_WR_REG;
        csr_addr  = kind == LINK_STATUS ? CSR_STATUS : addr[11:0];
        start     = csr_valid && csr_write && csr_addr == CSR_CTRL && data_q[CTRL_START_LSB];
      end
      Idle1: csr_valid = 1'b1;
      Ask: if (!is_mem) begin
        csr_valid = 1'b1;
        csr_write = 1'b1;
        csr_addr  = CSR_CTRL;
        start     = kind == LINK_RUN;
      end
      default: ;
    endcase
  end
  always_ff @(posedge clk_i) begin
    csr_valid_o <= csr_valid && rst_ni;
    csr_write_o <= csr_write;
    csr_addr_o  <= csr_addr;
    csr_wdata_o <= data_q[31:0];
    start_o     <= start && rst_ni;
  end

  // Who has the port is a register: every beat of the accelerator waits for it. It follows by a
  // cycle, which a state before Ask and one behind the last beat leave.
  always_ff @(posedge clk_i)
    own_o <= is_mem && (state_q == Beat || state_q == Gather || state_q == Ask || state_q == Give ||
                        state_q == Take || state_q == Scatter);
  assign mem_req_valid_o = is_mem && state_q == Ask;
  assign mem_req_write_o = kind == LINK_WR_MEM;
  assign mem_req_addr_o  = addr;
  assign mem_w_data_o    = data_q;
  for (genvar b = 0; b < BeatBytes; b++) begin : g_strb
    assign mem_w_strb_o[b] = cnt_q > 13'(b);
  end

  assign tx_valid_o  = state_q == TxSend && !summing;
  assign tx_data_o   = tx_q;
  assign mem_phase_o = phase_q;

  always_ff @(posedge clk_i) begin
    good_o <= 1'b0;
    is_last_q <= cnt_q[10:0] + 11'd1 == reply_q;

    case (state_q)
      Hunt: if (got && byte_q == 8'(LINK_SYNC0)) state_q <= Sync;
      Sync: begin
        cnt_q   <= '0;
        if (got && byte_q == 8'(LINK_SYNC1)) state_q <= Head;
        else if (got && byte_q != 8'(LINK_SYNC0)) state_q <= Hunt;
      end
      Head: if (got) begin
        if (cnt_q[3:0] < 4'd8) head_q <= {byte_q, head_q[63:8]};
        cnt_q <= cnt_q + 13'd1;
        if (cnt_q[3:0] == 4'd9) state_q <= HeadEnd;
      end
      HeadEnd: if (!summing) begin
        cnt_q <= {2'd0, len[10:0]};
        at_q  <= '0;
        if (crc16_q != '0 || len[15:11] != '0 || (len[10] && len[9:0] != '0)) state_q <= Hunt;
        else state_q <= len == '0 ? Tail : Body;
        if (len == '0) cnt_q <= 13'(LINK_PCRC_BYTES);
      end
      Body: if (got) begin
        if (at_q < 11'd4) data_q[31:0] <= {byte_q, data_q[31:8]};
        at_q  <= at_q + 11'd1;
        cnt_q <= cnt_q - 13'd1;
        if (cnt_q == 13'd1) begin
          cnt_q   <= 13'(LINK_PCRC_BYTES);
          state_q <= Tail;
        end
      end
      Tail: if (got) begin
        cnt_q <= cnt_q - 13'd1;
        if (cnt_q == 13'd1) state_q <= TailEnd;
      end
      TailEnd: if (!summing) begin
        status_q <= crc32_q == 32'hdebb_20e3 ? LINKST_OK[2:0] : LINKST_BAD_CRC[2:0];
        good_o   <= crc32_q == 32'hdebb_20e3;
        reply_q  <= '0;
        state_q  <= Exec;
      end

      Exec: begin
        at_q    <= '0;
        sub_q   <= '0;
        cnt_q   <= n_asked;
        state_q <= TxPrep;
        if (status_q != LINKST_OK[2:0]) state_q <= TxPrep;
        else if (kind == LINK_HELLO && !is_odd_len) reply_q <= 11'(LINK_HELLO_BYTES);
        else if (!is_new && !is_old) status_q <= LINKST_BAD_SEQ[2:0];
        else if (link_once(kind) && is_old) state_q <= TxPrep;
        else if (is_odd_len) status_q <= LINKST_BAD_LEN[2:0];
        else begin
          case (kind)
            LINK_RD_REG, LINK_WR_REG, LINK_STATUS: state_q <= RegRead;
            LINK_WR_MEM, LINK_RD_MEM, LINK_CRC_MEM: begin
              if (is_n_bad) status_q <= LINKST_BAD_LEN[2:0];
              else if (addr[5:0] != '0) status_q <= LINKST_BAD_ADDR[2:0];
              else if (!mem_ready_i) status_q <= LINKST_NOT_READY[2:0];
              else state_q <= Idle1;
              reply_q <= is_crc ? 11'd4 : kind == LINK_RD_MEM ? data_q[10:0] : '0;
            end
            LINK_RUN: begin
              data_q[31:0] <= 32'd1 << CTRL_START_LSB;
              if (addr[15:0] == '0) status_q <= LINKST_BAD_ADDR[2:0];
              else if (addr[15:0] != run_q) state_q <= Idle1;
            end
            LINK_RESET: begin
              data_q[31:0] <= 32'd1 << CTRL_RESET_LSB;
              run_q   <= '0;
              state_q <= Ask;
            end
            LINK_SET_BAUD: if (addr[31:AccBits-1] != '0 || addr[AccBits-2:0] == '0) status_q <= LINKST_BAD_ADDR[2:0];
            default: status_q <= LINKST_UNKNOWN[2:0];
          endcase
        end
      end

      RegRead: state_q <= RegWait;
      RegWait: state_q <= RegDone;
      RegDone: begin
        data_q[31:0] <= csr_rdata_i;
        if (kind == LINK_WR_REG) begin
          if (is_own_reg && addr[11:0] == LINKREG_PHASE[11:0]) phase_q <= data_q[7:0];
        end else if (kind == LINK_STATUS) reply_q <= 11'd12;
        else begin
          reply_q <= 11'd4;
          if (is_own_reg) data_q[31:0] <= {30'd0, mem_error_i, mem_ready_i};   // MEM_STATE, the only one to read
        end
        state_q <= TxPrep;
      end

      // The accelerator must be idle for a run and for the memory.
      Idle1: state_q <= IdleWait;
      IdleWait: state_q <= Idle2;
      Idle2: begin
        state_q <= kind == LINK_RUN ? Ask : Beat;
        if (csr_rdata_i[STATUS_BUSY_LSB]) begin
          status_q <= LINKST_BUSY[2:0];
          state_q  <= TxPrep;
        end else if (kind == LINK_RUN) run_q <= addr[15:0];
      end

      Beat: begin
        sub_q   <= '0;
        state_q <= kind == LINK_WR_MEM ? Gather : Ask;
        if ((addr & ~(MemBytes - 32'd1)) != '0) begin
          status_q <= LINKST_BAD_ADDR[2:0];
          state_q  <= TxPrep;
        end
        if (kind == LINK_WR_MEM) at_q <= at_q + 11'd1;
      end
      Gather: begin
        data_q <= {buf_data, data_q[BeatBytes*8-1:8]};
        sub_q  <= sub_q + (BeatShift + 1)'(1);
        if (sub_q == (BeatShift + 1)'(BeatBytes - 1)) state_q <= Ask;
        else at_q <= at_q + 11'd1;
      end
      Ask: begin
        sub_q <= '0;
        if (!is_mem) state_q <= TxPrep;
        else if (mem_req_ready_i) state_q <= kind == LINK_WR_MEM ? Give : Take;
      end
      Give: if (mem_w_ready_i) begin
        head_q[32 +: AddrBits] <= head_q[32 +: AddrBits] + AddrBits'(BeatBytes);
        cnt_q         <= cnt_q - 13'(BeatBytes);
        state_q       <= cnt_q <= 13'(BeatBytes) ? TxPrep : Beat;
      end
      Take: begin
        data_q <= mem_r_data_i;
        if (mem_r_valid_i) state_q <= Scatter;
      end
      Scatter: if (!summing) begin
        data_q <= {8'd0, data_q[BeatBytes*8-1:8]};
        at_q   <= at_q + 11'd1;
        sub_q  <= sub_q + (BeatShift + 1)'(1);
        if (sub_q == (BeatShift + 1)'(BeatBytes - 1)) begin
          head_q[32 +: AddrBits] <= head_q[32 +: AddrBits] + AddrBits'(BeatBytes);
          cnt_q         <= cnt_q - 13'(BeatBytes);
          state_q       <= cnt_q <= 13'(BeatBytes) ? TxPrep : Beat;
        end
      end

      TxPrep: if (!summing) begin
        if (is_crc && status_q == LINKST_OK[2:0]) data_q[31:0] <= ~crc32_q;
        if (status_q == LINKST_OK[2:0] && (is_new || kind == LINK_HELLO)) expect_q <= seq + 8'd1;
        if (status_q != LINKST_OK[2:0]) reply_q <= '0;
        part_q  <= PartHead;
        cnt_q   <= '0;
        at_q    <= '0;
        state_q <= TxLoad;
      end
      TxLoad: begin
        tx_q    <= tx_byte;
        if (part_q != PartHead) data_q <= {8'd0, data_q[BeatBytes*8-1:8]};
        state_q <= TxSum;      // the buffer is slow: its byte is summed a cycle later
      end
      TxSum: state_q <= TxSend;
      TxSend: if (tx_ready_i && !summing) begin
        cnt_q   <= cnt_q + 13'd1;
        state_q <= TxLoad;
        case (part_q)
          PartHead: if (cnt_q[3:0] == 4'd11) begin
            cnt_q  <= '0;
            part_q <= PartBody;
            if (reply_q == '0) begin
              part_q <= PartTail;
              data_q[31:0] <= ~crc32_q;
            end
            at_q <= 11'd1;
          end
          PartBody: begin
            at_q <= at_q + 11'd1;
            if (kind == LINK_STATUS && cnt_q[3:0] == 4'd3) data_q[31:0] <= {16'd0, run_q};
            if (kind == LINK_STATUS && cnt_q[3:0] == 4'd7) data_q[31:0] <= mem_probe_i;
            if (is_last_q) begin
              cnt_q  <= '0;
              part_q <= PartTail;
              data_q[31:0] <= ~crc32_q;
            end
          end
          default: if (cnt_q[1:0] == 2'd3) begin
            cnt_q   <= '0;
            state_q <= kind == LINK_SET_BAUD && status_q == LINKST_OK[2:0] ? Switch : Hunt;
          end
        endcase
      end
      Switch: if (tx_ready_i && bit_i) begin      // the last stop bit, and two more
        cnt_q <= cnt_q + 13'd1;
        if (cnt_q[1:0] == 2'd2) begin
          inc_o   <= addr[AccBits-1:0];
          trial_q <= 1'b1;
          state_q <= Hunt;
        end
      end
      default: state_q <= Hunt;
    endcase

    // A pause inside a frame ends it.
    if (got || state_q == Hunt || !receiving) begin
      gap_q      <= '0;
      gap_over_q <= 1'b0;
    end else if (bit_i) {gap_over_q, gap_q} <= {1'b0, gap_q} + (GapBits + 1)'(1);
    if (gap_over_q && receiving && !has_byte_q && !rx_valid_i) state_q <= Hunt;

    // A rate at which nothing good arrives.
    fall_q <= trial_q ? fall_q + (FallBits + 1)'(1) : '0;
    if (good_o) trial_q <= 1'b0;
    else if (fall_q[FallBits]) begin
      trial_q <= 1'b0;
      inc_o   <= BaudInc;
    end

    if (!rst_ni) begin
      state_q  <= Hunt;
      inc_o    <= BaudInc;
      trial_q  <= 1'b0;
      run_q    <= '0;
      expect_q <= '0;
      phase_q  <= '0;
      good_o   <= 1'b0;
    end
  end
endmodule
