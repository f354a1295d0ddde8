// SPDX-License-Identifier: Apache-2.0
// SDR SDRAM behind the memory port of weft_top. One READ or WRITE a clock with
// burst length 1; a row stays open only for a burst that is already waiting,
// goes the same way and lies in the same row. All else costs constants, so that
// sim/dram tells every cycle from six numbers (README.md: the law).
//
// From a decision in cycle c: row commands are on the pads in c + 1 (the second
// cycle of their state), column commands in c + 2, behind the beat register.
module weft_sdram #(
  parameter int ClkHz       = 50_000_000,
  parameter int DataBits    = 16,           // 16 or 32
  parameter int RowBits     = 13,
  parameter int ColBits     = 9,            // of the largest chip of the board
  parameter bit ProbeCol    = 1'b0,         // 1: the chip may have ColBits - 1
  parameter bit HasDqm      = 1'b1,         // 0: strobes by read, merge, write
  parameter int BeatBytes   = 4,
  parameter int CasLatency  = 2,
  parameter int RcdPs       = 20_000,
  parameter int RpPs        = 20_000,
  parameter int RasPs       = 44_000,
  parameter int RcPs        = 66_000,
  parameter int WrPs        = 15_000,
  parameter int WrMin       = 2,            // clocks
  parameter int RfcPs       = 70_000,
  parameter int RefiPs      = 7_812_500,
  parameter int MrdClocks   = 2,
  parameter int PowerUpPs   = 200_000_000,
  parameter int InitRefreshes = 8,
  /* verilator lint_off UNUSEDPARAM */
  parameter bit IoRegs      = 1'b0          // 1: pads follow, output registers go into them (ECP5)
  /* verilator lint_on UNUSEDPARAM */
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,
  input  logic                   sync_i,         // the next cycle is cycle 0 of a run
  output logic                   ready_o,
  output logic                   error_o,
  output logic [31:0]            status_o,
  input  logic                   mem_req_valid_i,
  output logic                   mem_req_ready_o,
  input  logic                   mem_req_write_i,
  input  logic [31:0]            mem_req_addr_i,
  input  logic [6:0]             mem_req_beats_i,
  output logic                   mem_w_ready_o,
  input  logic [BeatBytes*8-1:0] mem_w_data_i,
  input  logic [BeatBytes-1:0]   mem_w_strb_i,
  output logic                   mem_r_valid_o,
  output logic [BeatBytes*8-1:0] mem_r_data_o,
  (* syn_useioff = IoRegs *) output logic sdram_cke_o,
  (* syn_useioff = IoRegs *) output logic sdram_cs_n_o,
  (* syn_useioff = IoRegs *) output logic sdram_ras_n_o,
  (* syn_useioff = IoRegs *) output logic sdram_cas_n_o,
  (* syn_useioff = IoRegs *) output logic sdram_we_n_o,
  (* syn_useioff = IoRegs *) output logic [1:0] sdram_ba_o,
  (* syn_useioff = IoRegs *) output logic [12:0] sdram_a_o,
  (* syn_useioff = IoRegs *) output logic [DataBits/8-1:0] sdram_dqm_o,
  (* syn_useioff = IoRegs *) output logic [DataBits-1:0] sdram_dq_o,
  output logic                   sdram_dq_oe_o,
  input  logic [DataBits-1:0]    sdram_dq_i
);
  localparam longint KHz = longint'(ClkHz) / 64'sd1000;

  function automatic int clocks(input int ps);
    return int'((longint'(ps) * KHz + 64'sd999_999_999) / 64'sd1_000_000_000);
  endfunction
  function automatic int larger(input int a, input int b);
    return a > b ? a : b;
  endfunction

  localparam int WordBytes = DataBits / 8;
  localparam int Shift     = $clog2(WordBytes);
  localparam int PerBeat   = BeatBytes / WordBytes;
  localparam int BaseCol   = ProbeCol ? ColBits - 1 : ColBits;
  localparam int RowAt     = BaseCol + 2;
  localparam int AtBits    = RowAt + RowBits + (ProbeCol ? 1 : 0);   // word address

  // The law, and what it must respect (pads: activate a, first column a + Setup,
  // last column of a one-beat burst a + Setup + PerBeat - 1).
  localparam int CL     = CasLatency;
  localparam int Rfc    = larger(clocks(RfcPs), 3);
  localparam int Setup  = larger(clocks(RcdPs), 2);
  localparam int Tail   = larger(larger(clocks(WrPs), WrMin), clocks(RasPs) - Setup - PerBeat + 1);
  localparam int Close  = larger(larger(clocks(RpPs) - 1, 1),
                                 larger(CL + 1 - Tail - Setup, clocks(RcPs) - Setup - PerBeat - Tail));
  localparam int Gap    = Tail + Close;
  localparam int Mask   = CL + 5;
  localparam int Refi   = int'(longint'(RefiPs) * KHz / 64'sd1_000_000_000);
  localparam int PowerUp = clocks(PowerUpPs);

  if (DataBits != 16 && DataBits != 32) $error("DataBits must be 16 or 32");
  if (BeatBytes < WordBytes) $error("a beat must hold a word of the chip");
  if (ColBits > 10) $error("at most 10 column bits");
  if (Refi < 100) $error("the clock is too slow for the refresh interval");

  localparam logic [2:0] CmdMode = 3'b000, CmdRef = 3'b001, CmdPre = 3'b010, CmdAct = 3'b011,
                         CmdWrite = 3'b100, CmdRead = 3'b101, CmdNop = 3'b111;

  typedef enum logic [2:0] { Init, Idle, Open, Slot, Closing, Fix, Refresh } state_t;
  state_t state_q;
  logic [4:0] wait_q;
  logic       first_q;                      // first cycle of Open or Refresh

  // ---- requests: one behind the one in progress -----------------------------
  logic                boot, boot_req, boot_write;
  logic [31:0]         boot_addr;
  logic                behind_q, behind_write_q;
  logic [AtBits-1:0]   behind_at_q;
  logic [6:0]          behind_beats_q;
  logic                take, load;
  /* verilator lint_off UNUSEDSIGNAL */
  logic [31:0]         req_addr;
  /* verilator lint_on UNUSEDSIGNAL */

  assign mem_req_ready_o = !behind_q && !boot;
  assign take     = !behind_q && (boot ? boot_req : mem_req_valid_i);
  assign req_addr = boot ? boot_addr : mem_req_addr_i;

  always_ff @(posedge clk_i) begin
    if (take) begin
      behind_write_q <= boot ? boot_write : mem_req_write_i;
      behind_at_q    <= req_addr[Shift +: AtBits];
      behind_beats_q <= boot ? 7'(64 / BeatBytes) : mem_req_beats_i;
    end
    if (!rst_ni) behind_q <= 1'b0;
    else behind_q <= take || (behind_q && !load);
  end

  // ---- the burst in progress -------------------------------------------------
  logic              write_q, more_q;       // more_q: it goes on in the next row
  logic [AtBits-1:0] at_q;
  logic [6:0]        beats_q;
  logic [2:0]        sub_q;                 // word of the beat
  logic              last_word, ends, row_ends, follow;
  logic              slot, due_q;           // due_q: a refresh

  assign slot      = state_q == Slot;
  assign last_word = sub_q == 3'(PerBeat - 1);
  assign ends      = beats_q == 7'd1;
  assign row_ends  = at_q[BaseCol-1:0] == '1;
  assign follow    = ends && behind_q && behind_write_q == write_q && !due_q && (HasDqm || !write_q)
                     && behind_at_q[AtBits-1:BaseCol] == at_q[AtBits-1:BaseCol];
  assign load      = (slot && last_word && follow) || (state_q == Idle && !due_q && !more_q && behind_q);

  // A write beat is taken in the first slot of its words: told by a register, set a cycle
  // before, since the client is far from the pads.
  logic stays;                              // the next cycle is a slot too
  assign stays = slot ? !last_word || follow || !(ends || row_ends) : state_q == Open && wait_q == '0;
  always_ff @(posedge clk_i)
    mem_w_ready_o <= rst_ni && !boot && write_q && stays && (!slot || last_word);

  always_ff @(posedge clk_i) begin
    if (load) begin
      write_q <= behind_write_q;
      at_q    <= behind_at_q;
      beats_q <= behind_beats_q;
      sub_q   <= '0;
    end else if (slot) begin
      at_q  <= at_q + AtBits'(1);
      sub_q <= last_word ? '0 : sub_q + 3'd1;
      if (last_word) beats_q <= beats_q - 7'd1;
    end
    if (!rst_ni || load) more_q <= 1'b0;
    else if (slot && last_word) more_q <= !ends;
  end

  // ---- refresh: due every Refi cycles from the start of a run -----------------
  logic        refreshing, init_done;
  logic [15:0] refi_q;

  assign refreshing = state_q == Refresh || (state_q == Idle && due_q);

  always_ff @(posedge clk_i) begin
    if (!rst_ni || sync_i || refi_q == 16'(Refi - 1)) refi_q <= '0;
    else refi_q <= refi_q + 16'd1;
    if (!rst_ni || !init_done) due_q <= 1'b0;
    else if (sync_i) due_q <= !refreshing;
    else due_q <= refi_q == 16'(Refi - 1) || (due_q && state_q != Idle);
  end

  // ---- power up ----------------------------------------------------------------
  localparam int InitSteps = InitRefreshes + 2;       // precharge, refreshes, mode
  logic [15:0] init_wait_q;
  logic [3:0]  init_step_q;
  logic        init_go;
  logic [2:0]  init_cmd;

  assign init_done = state_q != Init;
  assign init_go   = !init_done && init_wait_q == '0;
  assign init_cmd  = init_step_q == '0 ? CmdPre : init_step_q == 4'(InitSteps - 1) ? CmdMode : CmdRef;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      init_wait_q <= 16'(PowerUp);
      init_step_q <= '0;
    end else if (init_go) begin
      init_wait_q <= init_step_q == '0 ? 16'(larger(clocks(RpPs), 1) - 1) :
                     init_step_q == 4'(InitSteps - 1) ? 16'(MrdClocks) : 16'(Rfc - 1);
      init_step_q <= init_step_q + 4'd1;
    end else if (!init_done) init_wait_q <= init_wait_q - 16'd1;
  end

  // ---- states --------------------------------------------------------------------
  logic fix_valid, fix_go, fix_write;

  assign fix_go    = state_q == Closing && wait_q == 5'(Gap - 2) && fix_valid;
  assign fix_write = state_q == Fix && wait_q == '0;

  always_ff @(posedge clk_i) begin
    first_q <= 1'b0;
    wait_q  <= wait_q - 5'd1;
    case (state_q)
      Init: if (init_go && init_step_q == 4'(InitSteps)) state_q <= Idle;
      Idle:
        if (due_q) begin
          state_q <= Refresh;
          first_q <= 1'b1;
          wait_q  <= 5'(Rfc - 2);
        end else if (more_q || behind_q) begin
          state_q <= Open;
          first_q <= 1'b1;
          wait_q  <= 5'(Setup - 2);
        end
      Open: if (wait_q == '0) state_q <= Slot;
      Slot:
        if (last_word && !follow && (ends || row_ends)) begin
          state_q <= Closing;
          wait_q  <= 5'(Gap - 1);
        end
      Closing:
        if (fix_go) begin
          state_q <= Fix;
          wait_q  <= 5'(Mask - 2);
        end else if (wait_q == '0) state_q <= Idle;
      Fix:
        if (wait_q == '0) begin
          state_q <= Closing;
          wait_q  <= 5'(Gap - 2);
        end
      default: if (wait_q == '0) state_q <= Idle;   // Refresh
    endcase
    if (sync_i && refreshing) begin
      state_q <= Refresh;
      wait_q  <= 5'(Rfc - 1);
    end
    if (!rst_ni) begin
      state_q <= Init;
      first_q <= 1'b0;
    end
  end

  // ---- words: the register behind the port, partial words ------------------------
  logic [BeatBytes*8-1:0] beat_q;
  logic [BeatBytes-1:0]   strb_q;
  logic                   col_q, col_write_q;        // a column command, c + 1
  logic [9:0]             col_addr_q;
  logic [1:0]             bank_q;
  logic [2:0]             col_sub_q;
  logic [15:0]            lfsr_q;
  logic [DataBits-1:0]    test_word, word, merged;
  logic [WordBytes-1:0]   strb;
  logic                   whole, none, fix_read;
  logic [9:0]             col_addr, fix_col;
  logic [DataBits-1:0]    chosen;                    // a word read, c + CL + 4

  if (DataBits == 32) begin : g_test32
    assign test_word = DataBits'({~lfsr_q, lfsr_q});
  end else begin : g_test16
    assign test_word = DataBits'(lfsr_q);
  end
  if (ProbeCol) begin : g_col_top
    assign col_addr = 10'({at_q[AtBits-1], at_q[BaseCol-1:0]});
  end else begin : g_col
    assign col_addr = 10'(at_q[BaseCol-1:0]);
  end
  assign word     = boot ? test_word : beat_q[col_sub_q * DataBits +: DataBits];
  assign strb     = boot ? '1 : strb_q[col_sub_q * WordBytes +: WordBytes];
  assign whole    = strb == '1;
  assign none     = strb == '0;
  assign fix_read = fix_go;

  always_ff @(posedge clk_i) begin
    beat_q <= mem_w_ready_o ? mem_w_data_i : beat_q;
    strb_q <= mem_w_ready_o ? mem_w_strb_i : strb_q;
    col_addr_q  <= fix_valid && !slot ? fix_col : col_addr;
    if (slot) bank_q <= at_q[BaseCol +: 2];
    col_sub_q   <= sub_q;
    col_write_q <= slot && write_q;
    if (!rst_ni) col_q <= 1'b0;
    else col_q <= slot || fix_read;
  end

  if (HasDqm) begin : g_dqm
    assign fix_valid = 1'b0;
    assign fix_col   = '0;
    assign merged    = word;
    /* verilator lint_off UNUSEDSIGNAL */
    logic unused;
    assign unused = &{1'b0, whole, none, fix_write};
    /* verilator lint_on UNUSEDSIGNAL */
  end else begin : g_merge
    localparam int Width = 10 + DataBits + WordBytes;
    logic [DataBits-1:0]  fix_word;
    logic [WordBytes-1:0] fix_strb;
    /* verilator lint_off UNUSEDSIGNAL */
    logic [$clog2(64 / WordBytes):0] fix_count;
    /* verilator lint_on UNUSEDSIGNAL */
    weft_fifo_lut #(.Width(Width), .Depth(64 / WordBytes)) u_partial (
      .clk_i, .rst_ni, .clear_i(1'b0),
      .push_i(col_q && col_write_q && !whole && !none), .data_i({col_addr_q, word, strb}),
      .pop_i(fix_write), .valid_o(fix_valid), .data_o({fix_col, fix_word, fix_strb}), .count_o(fix_count)
    );
    for (genvar b = 0; b < WordBytes; b++) begin : g_byte
      assign merged[b*8 +: 8] = fix_write ? (fix_strb[b] ? fix_word[b*8 +: 8] : chosen[b*8 +: 8])
                                          : word[b*8 +: 8];
    end
  end

  // ---- pads -------------------------------------------------------------------------
  logic       pad_write;
  logic [2:0] row_cmd;

  assign pad_write = (col_q && col_write_q && (HasDqm || whole)) || fix_write;

  always_comb begin
    row_cmd = CmdNop;
    if (init_go && init_step_q != 4'(InitSteps)) row_cmd = init_cmd;
    else if (state_q == Open && first_q) row_cmd = CmdAct;
    else if (state_q == Refresh && first_q) row_cmd = CmdRef;
    else if (state_q == Closing && wait_q == 5'(Close - 1)) row_cmd = CmdPre;
  end

  always_ff @(posedge clk_i) begin
    {sdram_ras_n_o, sdram_cas_n_o, sdram_we_n_o} <=
      pad_write ? CmdWrite : col_q && !col_write_q ? CmdRead : row_cmd;
    sdram_ba_o <= state_q == Open ? at_q[BaseCol +: 2] : init_done ? bank_q : '0;
    if (!init_done) sdram_a_o <= init_step_q == '0 ? 13'h400 : {3'b000, 1'b1, 2'b00, 3'(CL), 4'b0000};
    else if (state_q == Open) sdram_a_o <= 13'(at_q[RowAt +: RowBits]);
    else sdram_a_o <= {3'b000, col_addr_q};
    sdram_dq_o    <= merged;
    sdram_dq_oe_o <= pad_write;
    sdram_dqm_o   <= HasDqm && pad_write ? ~strb : '0;
    sdram_cs_n_o  <= !rst_ni;
    sdram_cke_o   <= rst_ni;
    if (!rst_ni) begin
      {sdram_ras_n_o, sdram_cas_n_o, sdram_we_n_o} <= CmdNop;
      sdram_dq_oe_o <= 1'b0;
    end
  end

  // ---- read capture: half cycles after the column command + CL ------------------------
  logic [1:0]          phase_q;
  logic [DataBits-1:0] rise_q, fall_q, caught_q, before_q;

  always_ff @(posedge clk_i) rise_q <= sdram_dq_i;
  always_ff @(negedge clk_i) fall_q <= sdram_dq_i;
  always_ff @(posedge clk_i) begin
    caught_q <= phase_q[0] ? fall_q : rise_q;
    before_q <= caught_q;
  end
  assign chosen = phase_q[1] ? caught_q : before_q;

  // A word read in c is chosen in c + CL + 4.
  logic [CL+3:0]          read_q, read_last_q;
  logic [BeatBytes*8-1:0] data_q;
  logic                   word_in;

  assign word_in = read_q[CL+3];
  if (PerBeat == 1) begin : g_one
    always_ff @(posedge clk_i) data_q <= chosen;
  end else begin : g_many
    always_ff @(posedge clk_i) if (word_in) data_q <= {chosen, data_q[BeatBytes*8-1:DataBits]};
  end
  assign mem_r_data_o = data_q;

  always_ff @(posedge clk_i) begin
    read_last_q   <= {read_last_q[CL+2:0], last_word && !boot};
    mem_r_valid_o <= word_in && read_last_q[CL+3];
    if (!rst_ni) begin
      read_q        <= '0;
      mem_r_valid_o <= 1'b0;
    end else read_q <= {read_q[CL+2:0], slot && !write_q};
  end

  // ---- boot: write, find the read phase, read back ---------------------------------------
  logic        calibrated, failed, narrow;
  logic [3:0]  phases;

  weft_sdram_boot #(
    .TopBit(Shift + AtBits - 1), .WordsPerBurst(64 / WordBytes), .ProbeTop(ProbeCol)
  ) u_boot (
    .clk_i, .rst_ni, .init_done_i(init_done), .boot_o(boot),
    .req_o(boot_req), .req_write_o(boot_write), .req_addr_o(boot_addr), .req_ready_i(!behind_q),
    .write_word_i(col_q && col_write_q), .read_word_i(word_in),
    .differs_i(chosen != test_word), .lfsr_o(lfsr_q), .phase_o(phase_q),
    .calibrated_o(calibrated), .failed_o(failed), .narrow_o(narrow), .phases_o(phases)
  );

  assign ready_o  = !boot;
  assign error_o  = failed;
  assign status_o = {12'd0, phases, 6'd0, phase_q, narrow ? 4'(ColBits - 1) : 4'(ColBits),
                     1'b0, failed, calibrated, !boot};
endmodule
