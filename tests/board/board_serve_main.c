/* SPDX-License-Identifier: Apache-2.0 */
/* board-serve: a board behind a pseudo terminal, for tests of the command. Prints
 * the terminal's path and serves until its standard input ends.
 *   board-serve model|rtl BOARD MACHINE [key=value]...
 * keys: seed, ppm (frames damaged of a million), cut (frames until the cable is
 * cut), hangup (1: the terminal closes then), dead (address of a dead bit),
 * mute, endless (1), wrong (the first run whose results are wrong), build_id. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "build/board.h"
#include "build/board_dram.h"
#include "sim/board/board_model.h"
#include "sim/board/board_pty.h"
#include "sim/board/board_rtl.h"

typedef struct keys {
  uint64_t seed, ppm, cut, hangup, dead, mute, endless, wrong, build_id;
} keys;

static bool read_key(keys *k, const char *text) {
  const struct { const char *name; uint64_t *at; } rows[] = {
    {"seed=", &k->seed}, {"ppm=", &k->ppm}, {"cut=", &k->cut}, {"hangup=", &k->hangup},
    {"dead=", &k->dead}, {"mute=", &k->mute}, {"endless=", &k->endless}, {"wrong=", &k->wrong}, {"build_id=", &k->build_id},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    if (strncmp(text, rows[i].name, strlen(rows[i].name)) == 0) {
      *rows[i].at = strtoull(text + strlen(rows[i].name), NULL, 0);
      return true;
    }
  return false;
}

static weft_status open_device(weft_arena *arena, weft_diag *d, const char *kind, const weft_board *b,
                               const weft_config *c, const keys *k, weft_byte_device *out) {
  const weft_board_traits t = {
    .board_id = weft_board_id(b), .clock_hz = (uint32_t)b->target_hz, .baud = (uint32_t)b->baud,
    .mem_bytes = (uint32_t)b->memory_bytes, .build_id = k->build_id, .has_dead_bit = k->dead != 0,
    .dead_address = (uint32_t)k->dead, .dead_mask = 4, .is_mute = k->mute != 0, .is_endless = k->endless != 0, .wrong_run = k->wrong};
  if (strcmp(kind, "model") == 0)
    return weft_board_model_open(arena, d, c, &t, out);
  const weft_board_rtl o = {
    .board_package = weft_board_package(arena, b, 0),
    .options = {.mem_bytes = (uint32_t)b->memory_bytes, .period_ps = (uint32_t)(1000000000000 / b->target_hz),
                .chip = weft_board_rtl_chip((uint32_t)b->memory_data_bits, (uint32_t)b->memory_row_bits,
                                            (uint32_t)b->memory_col_bits)}};
  return weft_board_rtl_open(arena, d, c, &o, out);
}

static int serve(weft_arena *arena, weft_diag *d, const weft_byte_device *device, const keys *k) {
  weft_fault_line *up = WEFT_NEW(arena, weft_fault_line, 1), *down = WEFT_NEW(arena, weft_fault_line, 1);
  weft_board_pty *pty = NULL;
  weft_fault_init(up, k->seed, (uint32_t)k->ppm);
  weft_fault_init(down, ~k->seed, (uint32_t)k->ppm);
  up->cut_after = (uint32_t)k->cut;
  if (weft_board_pty_open(arena, d, device, up, down, k->hangup != 0, &pty) != WEFT_OK)
    return 9;
  printf("%s\n", weft_board_pty_path(pty));
  fflush(stdout);
  char c;
  while (read(STDIN_FILENO, &c, 1) > 0)
    continue;
  const char *error = weft_board_pty_close(&pty);
  fprintf(stderr, "damaged %llu of %llu frames%s%s\n", (unsigned long long)(up->n_damaged + down->n_damaged),
          (unsigned long long)(up->n_frames + down->n_frames), error != NULL ? ", broken rule: " : "", error != NULL ? error : "");
  return error != NULL;
}

int main(int argc, char **argv) {
  keys k = {.seed = 1};
  weft_arena *arena = weft_arena_new();
  weft_diag *d = weft_diag_new(arena);
  weft_board *board = NULL;
  weft_config *config = NULL;
  weft_byte_device device;
  for (int i = 4; i < argc; i++)
    if (!read_key(&k, argv[i]))
      argc = 0;
  if (argc < 4) {
    fprintf(stderr, "usage: board-serve model|rtl BOARD MACHINE [key=value]...\n");
    return 2;
  }
  weft_status s = weft_board_load(arena, d, weft_sim_root(arena), NULL, argv[2], &board);
  if (s == WEFT_OK)
    s = weft_config_load(arena, d, argv[3], NULL, 0, &config);
  if (s == WEFT_OK)
    s = open_device(arena, d, argv[1], board, config, &k, &device);
  int code = s == WEFT_OK ? serve(arena, d, &device, &k) : weft_status_exit(s);
  for (size_t i = 0; i < weft_diag_count(d); i++)
    fprintf(stderr, "%s: %s\n", weft_diag_at(d, i)->where, weft_diag_at(d, i)->found);
  if (s == WEFT_OK)
    device.close(device.self);
  weft_arena_free(&arena);
  return code;
}
