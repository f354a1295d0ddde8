// SPDX-License-Identifier: Apache-2.0
// The small machine: one instruction after another, by a microprogram that works the
// array word by word. Bytes are those of weft_core; cycles are its own. Ports: those of
// weft_top. A microinstruction takes two cycles or more: D (its word is out of the memory, its
// registers are read), X (result, next address), X again while something is awaited.
module weft_micro #(
  parameter int Rows = 2,
  parameter int AccBits = 28,
  parameter int SpmKib = 4,
  parameter int RingKib = 1,
  parameter logic [63:0] ConfigHash = 64'd0
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  input  logic         csr_valid_i,
  input  logic         csr_write_i,
  input  logic [11:0]  csr_addr_i,
  input  logic [31:0]  csr_wdata_i,
  output logic [31:0]  csr_rdata_o,
  output logic         irq_o,
  output logic         mem_req_valid_o,
  input  logic         mem_req_ready_i,
  output logic         mem_req_write_o,
  output logic [31:0]  mem_req_addr_o,
  output logic [6:0]   mem_req_beats_o,
  input  logic         mem_w_ready_i,
  output logic [31:0]  mem_w_data_o,
  output logic [3:0]   mem_w_strb_o,
  input  logic         mem_r_valid_i,
  input  logic [31:0]  mem_r_data_i,
  output logic [3:0]   retire_o,
  output logic [3:0]   issue_o
);
  localparam int RowW = $clog2(Rows);
  localparam int SpmRows = SpmKib * 1024 / (Rows * 4);
  localparam int SpmW = $clog2(SpmRows) + RowW;
  localparam int RingW = $clog2(RingKib * 256);
  localparam int AccW = RowW + 2;
  localparam int PcW = 10;

  // Operations: class (op[5:4]) 0 registers, 1 immediate, 2 branch, 3 the rest.
  localparam logic [3:0] Add = 4'd0, Sub = 4'd1, And = 4'd2, Or = 4'd3, Xor = 4'd4, Shl = 4'd5, Shr = 4'd6, Sra = 4'd7,
                         Rotb = 4'd8, Ext = 4'd9, Mulh = 4'd10, Mull = 4'd11;
  localparam logic [3:0] Lmr = 4'd0, Lmw = 4'd1, Spr = 4'd2, Spw = 4'd3, Xld = 4'd4, Rgw = 4'd5, Mac = 4'd6,
                         Mode = 4'd7, Acr = 4'd8, Strb = 4'd9, Mr = 4'd10, Mw = 4'd11, Out = 4'd12, Get = 4'd13,
                         Sys = 4'd14, Bill = 4'd15;
  localparam logic [7:0] HostPlace = 8'd192;      // of CSR word 0 in the register file

  // ---- program and state -----------------------------------------------------
  logic [31:0]    insn_q;
  logic [PcW-1:0] pc_q, pc_d;
  logic           x_q, first_q, back_q, done, at_idle_q;   // X; its first cycle; go to 0
  weft_micro_rom u_rom (.clk_i, .en_i(done), .addr_i(pc_d), .data_o(insn_q));

  logic [1:0] kind;
  logic [3:0] op;
  logic       is_alu, is_branch, is_rest, act;
  assign kind      = insn_q[31:30];
  assign op        = insn_q[29:26];
  assign is_alu    = !kind[1];
  assign is_branch = kind == 2'd2;
  assign is_rest   = kind == 2'd3;
  assign act       = x_q && first_q && !back_q;             // once an instruction

  // ---- registers ---------------------------------------------------------------
  logic        write_rf, host_write, start, kill;
  logic [7:0]  rf_at, rd_b;
  logic [31:0] rf_data, a, b, result;
  assign rd_b    = kind == 2'd0 ? insn_q[7:0] : insn_q[25:18];
  assign rf_at   = host_write ? HostPlace + {2'b00, csr_addr_i[7:2]} : insn_q[25:18];
  assign rf_data = host_write ? csr_wdata_i : result;
  weft_ram #(.Width(32), .Depth(256)) u_file_a (
    .clk_i, .wr_en_i(write_rf || host_write), .wr_addr_i(rf_at), .wr_data_i(rf_data),
    .rd_en_i(!x_q), .rd_addr_i(insn_q[17:10]), .rd_data_o(a)
  );
  weft_ram #(.Width(32), .Depth(256)) u_file_b (
    .clk_i, .wr_en_i(write_rf || host_write), .wr_addr_i(rf_at), .wr_data_i(rf_data),
    .rd_en_i(!x_q), .rd_addr_i(rd_b), .rd_data_o(b)
  );

  // ---- arithmetic ----------------------------------------------------------------
  logic [31:0] imm, y, sum;
  logic        use_imm_q, is_sub_q, carry, less, lessu, equal, taken;
  assign imm    = {{22{insn_q[9] && !is_rest}}, insn_q[9] && !is_rest, insn_q[8:0]};
  assign y      = use_imm_q ? imm : b;
  always_ff @(posedge clk_i)
    if (!x_q) begin                          // decoded in D
      use_imm_q <= kind[0];
      is_sub_q  <= is_branch || (is_alu && op == Sub);
    end
  assign {carry, sum} = {1'b0, a} + {1'b0, is_sub_q ? ~y : y} + 33'(is_sub_q);
  assign lessu  = !carry;
  assign less   = (a[31] ^ y[31]) ? a[31] : sum[31];
  assign equal  = a == b;
  logic        equal_q, less_q, lessu_q;
  always_ff @(posedge clk_i) {equal_q, less_q, lessu_q} <= {equal, less, lessu};
  always_comb
    case (op[2:0])
      3'd0:    taken = equal_q;
      3'd1:    taken = !equal_q;
      3'd2:    taken = less_q;
      3'd3:    taken = !less_q;
      3'd4:    taken = lessu_q;
      3'd5:    taken = !lessu_q;
      default: taken = 1'b1;
    endcase

  // Rotate right, then keep the low bits or not: three cycles.
  logic [4:0]  by, by_q;
  logic [5:0]  count, count_q;
  logic [31:0] turned, turned_q, low, shifted;
  logic        later_q;                      // the third cycle of X
  logic        is_ext, is_shl, is_rotb, fill;
  assign is_ext  = op == Ext;
  assign is_shl  = op == Shl;
  assign is_rotb = op == Rotb;
  assign by      = is_ext ? insn_q[4:0] : is_rotb ? {y[1:0], 3'd0} : is_shl ? -y[4:0] : y[4:0];
  assign count   = is_ext ? {1'b0, insn_q[9:5]} + 6'd1 : is_shl ? {1'b0, y[4:0]} : is_rotb ? 6'd32 : 6'd32 - {1'b0, y[4:0]};
  assign fill    = op == Sra && a[31];
  always_comb begin
    turned = a;
    for (int k = 0; k < 5; k++) if (by_q[k]) turned = (turned >> (1 << k)) | (turned << (32 - (1 << k)));
    for (int i = 0; i < 32; i++) low[i] = 6'(i) < count_q;
    for (int i = 0; i < 32; i++) shifted[i] = low[i] == is_shl ? fill : turned_q[i];
  end
  always_ff @(posedge clk_i) begin
    by_q     <= by;
    count_q  <= count;
    turned_q <= turned;
    later_q  <= x_q && !first_q && !later_q;
  end

  // Multiplier: signed a times 31 bits of y, a bit a cycle; h = (product + 2^30) >> 31.
  logic signed [32:0] high_q, high;
  logic [31:0] below_q;
  logic [4:0]  bits_q;
  logic        is_mul, mul_done;
  assign is_mul   = is_alu && op == Mulh;
  assign high     = high_q + (below_q[0] ? 33'($signed(a)) : 33'd0);
  assign mul_done = !first_q && bits_q == '0;
  always_ff @(posedge clk_i)
    if (x_q && is_mul) begin
      if (first_q) begin
        high_q  <= '0;
        below_q <= {1'b0, y[30:0]};
        bits_q  <= 5'd31;
      end else if (bits_q != '0) begin
        {high_q, below_q} <= {high[32], high, below_q[31:1]};
        bits_q <= bits_q - 5'd1;
      end
    end

  // ---- memories ------------------------------------------------------------------
  logic [31:0] lm_data, spm_data;
  weft_ram #(.Width(32), .Depth(256)) u_local (
    .clk_i, .wr_en_i(act && is_rest && op == Lmw), .wr_addr_i(sum[7:0]), .wr_data_i(b),
    .rd_en_i(act && is_rest && op == Lmr), .rd_addr_i(sum[7:0]), .rd_data_o(lm_data)
  );
  weft_micro_spm #(.Rows(Rows), .SpmRows(SpmRows)) u_spm (
    .clk_i, .read_i(act && is_rest && (op == Spr || op == Xld)), .write_i(act && is_rest && op == Spw),
    .addr_i(a[SpmW-1:0]), .data_i(b), .data_o(spm_data)
  );

  logic               array_busy;
  logic [AccBits-1:0] acc;
  logic [Rows-1:0]    load;
  for (genvar r = 0; r < Rows; r++) begin : g_load
    assign load[r] = x_q && !first_q && is_rest && op == Xld && insn_q[RowW-1:0] == RowW'(r);
  end
  weft_micro_array #(.Rows(Rows), .AccBits(AccBits), .RingWords(RingKib * 256)) u_array (
    .clk_i, .rst_ni,
    .ring_write_i(act && is_rest && op == Rgw), .ring_addr_i(a[RingW-1:0]), .ring_data_i(b),
    .word_load_i(load), .word_out_i(a[31]), .word_i(spm_data),
    .pad_load_i(act && is_rest && op == Mode && insn_q[0]), .pad_i(a[7:0]),
    .mode_load_i(act && is_rest && op == Mode && !insn_q[0]), .mode_i(a[3:0]),
    .mac_i(act && is_rest && op == Mac), .n_i(a[2:0]), .at_i(b[RingW-1:0]), .busy_o(array_busy),
    .acc_sel_i(a[AccW-1:0]), .acc_o(acc)
  );

  // The memory port: one beat at a time. MR with imm[9]: a word of an instruction.
  logic [3:0]   strb_q;
  logic [127:0] word_q;
  logic [39:0]  cycles;
  logic         asked_q, mem_done, legal;
  assign mem_req_valid_o = x_q && !back_q && is_rest && (op == Mr || op == Mw) && !asked_q;
  assign mem_req_write_o = op == Mw;
  assign mem_req_addr_o  = {sum[31:2], 2'b00};
  assign mem_req_beats_o = 7'd1;
  assign mem_w_data_o    = b;
  assign mem_w_strb_o    = strb_q;
  assign mem_done        = op == Mw ? mem_w_ready_i : mem_r_valid_i;
  weft_legal u_legal (.insn_i(word_q), .legal_o(legal));
  always_ff @(posedge clk_i) begin
    if (act && is_rest && op == Strb) strb_q <= a[3:0];
    if (mem_r_valid_i && insn_q[9]) word_q <= {mem_r_data_i, word_q[127:32]};
    if (!rst_ni) asked_q <= 1'b0;
    else asked_q <= mem_req_valid_o ? mem_req_ready_i : asked_q && !done;
  end

  // ---- result, end, next address -----------------------------------------------------
  logic [31:0] got;
  always_comb begin
    case (insn_q[1:0])
      2'd0:    got = 32'(Rows);
      2'd1:    got = 32'(RowW);
      2'd2:    got = cycles[31:0];
      default: got = {24'd0, cycles[39:32]};
    endcase
    result = sum;
    if (is_alu)
      case (op)
        And:        result = a & y;
        Or:         result = a | y;
        Xor:        result = a ^ y;
        Mulh:       result = high_q[31:0] + 32'(below_q[31]);
        Mull:       result = {high_q[0], below_q[31:1]};
        Add, Sub:   result = sum;
        default:    result = shifted;
      endcase
    else if (is_branch) result = 32'(pc_q) + 32'd1;
    else
      case (op)
        Lmr:     result = lm_data;
        Spr:     result = spm_data;
        Acr:     result = 32'($signed(acc));
        Mr:      result = mem_r_data_i;
        default: result = got;
      endcase
  end

  // Comparisons take one cycle more, shifts two: what is between is registered.
  logic is_wait, is_compare, is_shift;
  assign is_compare = is_branch && op[2:1] != 2'b11;
  assign is_shift   = is_alu && (is_shl || op == Shr || op == Sra || is_rotb || is_ext);
  assign is_wait = is_rest && op == Sys && insn_q[2:0] == 3'd0;
  always_comb begin
    done = x_q;
    if (!back_q && is_mul) done = x_q && mul_done;
    else if (!back_q && is_shift) done = x_q && later_q;
    else if (!back_q && is_compare) done = x_q && !first_q;
    else if (!back_q && is_rest)
      case (op)
        Lmr, Spr, Xld: done = x_q && !first_q;
        Mac:           done = x_q && !first_q && !array_busy;
        Mr, Mw:        done = x_q && asked_q && mem_done;
        Sys:           done = x_q && (!is_wait || start);
        default:       done = x_q;
      endcase
    pc_d = pc_q + PcW'(1);
    if (is_branch && taken) pc_d = op[2:0] == 3'd7 ? a[PcW-1:0] : insn_q[PcW-1:0];
    if (is_rest && op == Bill && !legal) pc_d = insn_q[PcW-1:0];
    if (back_q || kill || (is_rest && op == Sys && insn_q[2:0] == 3'd1)) pc_d = '0;
  end
  assign write_rf = done && !back_q &&
                    (is_alu || (is_branch && op == 4'd6) ||
                     (is_rest && (op == Lmr || op == Spr || op == Acr || op == Mr || op == Get)));

  always_ff @(posedge clk_i) begin
    if (done) pc_q <= pc_d;
    if (!rst_ni) begin
      x_q       <= 1'b1;
      first_q   <= 1'b1;
      back_q    <= 1'b1;
      at_idle_q <= 1'b0;
    end else begin
      x_q       <= !x_q || !done;
      first_q   <= !x_q;
      if (done) back_q <= 1'b0;
      at_idle_q <= done && kill;
    end
  end

  logic halt, retire;
  assign halt   = act && is_rest && op == Sys && insn_q[2:0] == 3'd1;
  assign retire = act && is_rest && op == Sys && insn_q[2];
  assign retire_o = retire ? 4'd1 << insn_q[1:0] : '0;
  assign issue_o  = retire_o;
  weft_micro_csr #(.ConfigHash(ConfigHash)) u_csr (
    .clk_i, .rst_ni, .csr_valid_i, .csr_write_i, .csr_addr_i, .csr_wdata_i, .csr_rdata_o, .irq_o,
    .host_write_o(host_write), .start_o(start), .kill_o(kill), .idle_i(at_idle_q),
    .halt_i(halt), .fault_i(a[3:0]), .cycles_o(cycles),
    .out_i(act && is_rest && op == Out), .out_addr_i(sum[7:0]), .out_data_i(b)
  );

  logic unused;
  assign unused = &{1'b0, carry, high[32]};
endmodule
