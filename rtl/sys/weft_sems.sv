// SPDX-License-Identifier: Apache-2.0
// Eight counting semaphores of 4 bits. At most one take and one give a cycle,
// LD before WT before EX before ST; a take waits until the count suffices, a give
// until the sum does not exceed 15, and while its semaphore is taken from. Element q
// of a vector is queue q.
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
  logic [3:0]      sem_q [8];
  logic [3:0]      can_take, can_give;
  logic            take, give, clash;
  logic [3:0]      taken, given;
  logic [2:0]      take_id, give_id;
  logic [3:0]      take_n, give_n;
  logic [3:0]      give_at;

  for (genvar s = 0; s < 8; s++) begin : g_state
    assign state_o[4*s +: 4] = sem_q[s];
  end

  always_comb begin
    for (int q = 0; q < 4; q++) begin
      can_take[q] = take_valid_i[q] && sem_q[take_id_i[q]] >= take_n_i[q];
      can_give[q] = give_valid_i[q] && sem_q[give_id_i[q]] <= ~give_n_i[q];
    end
    take_ok_o = can_take & (~can_take + 4'd1);
    give_at   = can_give & (~can_give + 4'd1);
    take      = can_take != '0;
    take_id   = '0;
    take_n    = '0;
    give_id   = '0;
    give_n    = '0;
    for (int q = 0; q < 4; q++) begin
      take_id |= take_ok_o[q] ? take_id_i[q] : '0;
      take_n  |= take_ok_o[q] ? take_n_i[q] : '0;
      give_id |= give_at[q] ? give_id_i[q] : '0;
      give_n  |= give_at[q] ? give_n_i[q] : '0;
    end
    clash     = take && take_id == give_id;
    give      = can_give != '0 && !clash;
    give_ok_o = clash ? '0 : give_at;
    taken     = sem_q[take_id] - take_n;
    given     = sem_q[give_id] + give_n;
  end

  always_ff @(posedge clk_i) begin
    for (int s = 0; s < 8; s++) begin
      if (give && give_id == 3'(s)) sem_q[s] <= given;
      else if (take && take_id == 3'(s)) sem_q[s] <= taken;
      if (!rst_ni || clear_i) sem_q[s] <= '0;
    end
  end
endmodule
