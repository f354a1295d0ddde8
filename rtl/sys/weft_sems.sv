// SPDX-License-Identifier: Apache-2.0
// Eight counting semaphores of 4 bits. Takes and gives of the four queues have their
// turns one after another, one operation a cycle; a request is stable until its ok_o,
// and is asked again at its next turn while the count does not suffice (take) or the
// sum would exceed 15 (give). Element q of a vector is queue q.
module weft_sems (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic             clear_i,
  input  logic [3:0]       take_valid_i,
  input  logic [3:0][2:0]  take_id_i,
  input  logic [3:0][3:0]  take_n_i,
  output logic [3:0]       take_ok_o,
  input  logic [3:0]       give_valid_i,
  input  logic [3:0][2:0]  give_id_i,
  input  logic [3:0][3:0]  give_n_i,
  output logic [3:0]       give_ok_o,
  output logic [31:0]      state_o
);
  logic [3:0] sem_q [8];
  logic [2:0] turn_q;              // {queue, give}
  logic       valid_q, give_q;
  logic [1:0] queue_q;
  logic [2:0] id_q;
  logic [3:0] n_q;
  logic [4:0] sum;
  logic       ok;

  for (genvar s = 0; s < 8; s++) begin : g_state
    assign state_o[4*s +: 4] = sem_q[s];
  end

  // Give: count + n, good without carry. Take: count + ~n + 1, good with carry.
  assign sum = {1'b0, sem_q[id_q]} + {1'b0, n_q} + 5'(!give_q);
  assign ok  = valid_q && sum[4] != give_q;

  always_ff @(posedge clk_i) begin
    queue_q <= turn_q[2:1];
    give_q  <= turn_q[0];
    id_q    <= turn_q[0] ? give_id_i[turn_q[2:1]] : take_id_i[turn_q[2:1]];
    n_q     <= turn_q[0] ? give_n_i[turn_q[2:1]] : ~take_n_i[turn_q[2:1]];
    for (int s = 0; s < 8; s++) if (ok && id_q == 3'(s)) sem_q[s] <= sum[3:0];
    if (!rst_ni || clear_i) begin
      turn_q    <= '0;
      valid_q   <= 1'b0;
      take_ok_o <= '0;
      give_ok_o <= '0;
      for (int s = 0; s < 8; s++) sem_q[s] <= '0;
    end else begin
      turn_q    <= turn_q + 3'd1;
      take_ok_o <= (ok && !give_q) ? 4'd1 << queue_q : '0;
      give_ok_o <= (ok && give_q) ? 4'd1 << queue_q : '0;
      valid_q   <= turn_q[0] ? give_valid_i[turn_q[2:1]] : take_valid_i[turn_q[2:1]];
    end
  end
endmodule
