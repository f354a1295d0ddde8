// SPDX-License-Identifier: Apache-2.0
// What weft_sdram does before its first client: a burst of test words is written
// at the highest power of two, at each lower one and at 0, in that order; the
// burst at 0 is read with each read phase; the phase in the middle of the good
// ones is taken; all bursts are read back. A dead data line spoils a word, a dead
// address line puts one burst over another. If only the highest address fails
// and ProbeTop says that it may, the chip is the smaller one.
module weft_sdram_boot #(
  parameter int TopBit        = 24,
  parameter int WordsPerBurst = 32,
  parameter bit ProbeTop      = 1'b0
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        init_done_i,
  output logic        boot_o,
  output logic        req_o,
  output logic        req_write_o,
  output logic [31:0] req_addr_o,
  input  logic        req_ready_i,
  input  logic        write_word_i,
  input  logic        read_word_i,
  input  logic        differs_i,
  output logic [15:0] lfsr_o,
  output logic [1:0]  phase_o,
  output logic        calibrated_o,
  output logic        failed_o,
  output logic        narrow_o,
  output logic [3:0]  phases_o
);
  typedef enum logic [2:0] { Wait, Write, Try, Pick, Check, Done } step_t;
  step_t       step_q;
  logic [TopBit:6] hot_q;                   // one bit, or none: address 0
  logic [4:0]  index_q;
  logic [5:0]  left_q;                      // words of the burst
  logic        asked_q, busy_q, bad_q;
  logic        begins, word, ends, bad;

  assign req_write_o = step_q == Write;
  assign req_addr_o  = 32'({hot_q, 6'd0});
  assign req_o       = busy_q && !asked_q;
  assign begins      = !busy_q && (step_q == Write || step_q == Try || step_q == Check);
  assign word        = busy_q && (req_write_o ? write_word_i : read_word_i);
  assign ends        = word && left_q == 6'd1;
  assign bad         = bad_q || (read_word_i && differs_i);

  always_ff @(posedge clk_i) begin
    if (begins) lfsr_o <= {3'b101, index_q, 3'b010, ~index_q};
    else if (word) lfsr_o <= {1'b0, lfsr_o[15:1]} ^ (lfsr_o[0] ? 16'hb400 : 16'd0);
    if (begins) left_q <= 6'(WordsPerBurst);
    else if (word) left_q <= left_q - 6'd1;
    bad_q <= busy_q && bad;
    if (!rst_ni) begin
      busy_q  <= 1'b0;
      asked_q <= 1'b0;
    end else begin
      busy_q  <= begins || (busy_q && !ends);
      asked_q <= busy_q && !ends && (asked_q || req_ready_i);
    end
  end

  // A register: each beat of a client looks at it.
  always_ff @(posedge clk_i) boot_o <= !rst_ni || step_q != Done;

  // The middle of three good phases, else the first good one.
  logic [1:0] best;
  always_comb
    if (phases_o[2:0] == 3'b111) best = 2'd1;
    else if (phases_o[3:1] == 3'b111) best = 2'd2;
    else if (phases_o[0]) best = 2'd0;
    else if (phases_o[1]) best = 2'd1;
    else if (phases_o[2]) best = 2'd2;
    else best = 2'd3;

  always_ff @(posedge clk_i) begin
    case (step_q)
      Wait: if (init_done_i) step_q <= Write;
      Write, Check:
        if (ends) begin
          if (step_q == Check && bad) begin
            if (ProbeTop && hot_q[TopBit]) narrow_o <= 1'b1;
            else failed_o <= 1'b1;
          end
          hot_q   <= hot_q >> 1;
          index_q <= index_q + 5'd1;
          if (hot_q == '0) begin
            step_q  <= step_q == Write ? Try : Done;
            index_q <= index_q;
          end
        end
      Try:
        if (ends) begin
          phases_o[phase_o] <= !bad;
          phase_o <= phase_o + 2'd1;
          if (phase_o == 2'd3) step_q <= Pick;
        end
      Pick: begin
        phase_o      <= best;
        calibrated_o <= phases_o != '0;
        hot_q        <= {1'b1, (TopBit-6)'(0)};
        index_q      <= '0;
        step_q       <= Check;
      end
      default: ;
    endcase
    if (!rst_ni) begin
      step_q       <= Wait;
      hot_q        <= {1'b1, (TopBit-6)'(0)};
      index_q      <= '0;
      phase_o      <= '0;
      phases_o     <= '0;
      calibrated_o <= 1'b0;
      failed_o     <= 1'b0;
      narrow_o     <= 1'b0;
    end
  end
endmodule
