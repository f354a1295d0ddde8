// SPDX-License-Identifier: Apache-2.0
// Asynchronous serial port, 8N1, least bit first. Both directions count in
// 1/2^20 of a bit: inc_i = round(baud * 2^20 / clock), at most a quarter of a
// bit a clock. The receiver takes the majority of three samples, so that a
// pulse of one clock is no start bit.
module weft_uart #(
  localparam int AccBits = weft_link_pkg::LINK_BAUD_ACC_BITS
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic [AccBits-1:0] inc_i,
  input  logic               rx_i,
  output logic               tx_o,
  output logic               rx_valid_o,   // pulse: rx_data_o is a byte
  output logic [7:0]         rx_data_o,
  input  logic               tx_valid_i,
  output logic               tx_ready_o,   // the stop bit has begun, at least
  input  logic [7:0]         tx_data_i,
  output logic               bit_o         // pulse: a bit time went by
);
  // Receiver: the accumulator starts half full at the edge and is over at the
  // middle of each bit.
  logic [4:0]         rx_q;
  logic               line, line_q, busy_q;
  logic [AccBits-1:0] rx_acc_q;
  logic               rx_over;
  logic [AccBits-1:0] rx_sum;
  logic [3:0]         rx_bit_q;

  assign line = (rx_q[2] & rx_q[3]) | (rx_q[3] & rx_q[4]) | (rx_q[2] & rx_q[4]);
  assign {rx_over, rx_sum} = {1'b0, rx_acc_q} + {1'b0, inc_i};

  always_ff @(posedge clk_i) begin
    rx_q       <= {rx_q[3:0], rx_i};
    line_q     <= line;
    rx_valid_o <= 1'b0;
    rx_acc_q   <= rx_sum;
    if (!busy_q) begin
      rx_bit_q <= '0;
      rx_acc_q <= {1'b1, (AccBits-1)'(0)};
      if (line_q && !line) busy_q <= 1'b1;
    end else if (rx_over) begin
      rx_bit_q <= rx_bit_q + 4'd1;
      if (rx_bit_q == 4'd0) busy_q <= !line;
      else if (rx_bit_q == 4'd9) begin
        busy_q     <= 1'b0;
        rx_valid_o <= line;
      end else rx_data_o <= {line, rx_data_o[7:1]};
    end
    if (!rst_ni) begin
      rx_q       <= '1;
      line_q     <= 1'b1;
      busy_q     <= 1'b0;
      rx_valid_o <= 1'b0;
    end
  end

  // Transmitter: bits leave at the ticks of a counter that never stops.
  logic [AccBits-1:0] tx_acc_q;
  logic               tx_over;
  logic [AccBits-1:0] tx_sum;
  logic [8:0]         shift_q;
  logic [3:0]         left_q;

  assign {tx_over, tx_sum} = {1'b0, tx_acc_q} + {1'b0, inc_i};
  assign tx_ready_o = left_q == '0;

  always_ff @(posedge clk_i) begin
    tx_acc_q <= tx_sum;
    bit_o    <= tx_over;
    if (tx_ready_o && tx_valid_i) begin
      shift_q <= {tx_data_i, 1'b0};
      left_q  <= 4'd10;
    end else if (tx_over && left_q != '0) begin
      tx_o    <= shift_q[0];
      shift_q <= {1'b1, shift_q[8:1]};
      left_q  <= left_q - 4'd1;
    end
    if (!rst_ni) begin
      tx_o     <= 1'b1;
      left_q   <= '0;
      tx_acc_q <= '0;
    end
  end
endmodule
