/* SPDX-License-Identifier: Apache-2.0 */
/* One machine: compiled for each network, run on the RTL with the board's memory
 * timing, and remembered in a file of its own. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "build/board_dram.h"
#include "compiler/compile.h"
#include "explore/explore_int.h"
#include "isa/program.h"
#include "runtime/runtime.h"
#include "weft_version.h"

static const char *first_text(weft_arena *arena, const weft_diag *d) {
  if (weft_diag_count(d) == 0)
    return "no reason given";
  const weft_issue *i = weft_diag_at(d, 0);
  return weft_arena_printf(arena, "%.100s: %.120s", i->where ? i->where : "", i->found ? i->found : "");
}

static weft_status run_model(weft_arena *arena, weft_diag *d, const weft_graph *g, const weft_config *c,
                             uint64_t *cycles) {
  weft_program *fresh = NULL, *p = NULL;
  weft_span file;
  weft_session *session = NULL;
  weft_run_stats stats = {0};
  const weft_backend_options o = {.wave_layer = -1, .is_quick = true};
  WEFT_TRY(weft_compile(arena, d, g, c, NULL, &fresh));
  WEFT_TRY(weft_program_store(arena, fresh, &file));
  WEFT_TRY(weft_program_load(arena, d, "compiled program", file, &p));
  WEFT_TRY(weft_session_open(arena, d, p, c, weft_backend_find("rtl"), &o, &session));
  const uint8_t **in = WEFT_NEW(arena, const uint8_t *, p->n_inputs);
  uint8_t **out = WEFT_NEW(arena, uint8_t *, p->n_outputs);
  for (uint32_t i = 0; i < p->n_inputs; i++)
    in[i] = weft_arena_alloc(arena, p->inputs[i].n_bytes, 1);
  for (uint32_t i = 0; i < p->n_outputs; i++)
    out[i] = weft_arena_alloc(arena, p->outputs[i].n_bytes, 1);
  const weft_status s = weft_session_run(session, d, in, out, NULL, NULL, &stats);
  *cycles = stats.cycles;
  weft_session_close(&session);
  return s;
}

/* What the result is of: machine with the board's memory timing, networks, weft. */
static const char *key_of(weft_arena *arena, const explore_job *job, const explore_point *p) {
  weft_config *c = weft_arena_copy(arena, p->config, sizeof *p->config);
  (void)weft_board_dram(NULL, job->board, c);
  const char *text = weft_arena_printf(arena, "%s\n%s\n%s", WEFT_COMMIT, job->board->name,
                                       weft_config_text(arena, c));
  for (size_t i = 0; i < job->n_models; i++)
    text = weft_arena_printf(arena, "%s\n%s", text, job->model_names[i]);
  char *hash = weft_arena_alloc(arena, 17, 1);
  weft_hash16(text, strlen(text), hash);
  return hash;
}

static const char *path_of(weft_arena *arena, const explore_job *job, const explore_point *p) {
  return weft_arena_printf(arena, "%s/points/%s.txt", job->dir, key_of(arena, job, p));
}

static void reject_no_fit(weft_arena *arena, const weft_diag *own, const char *model, explore_point *p) {
  p->state = EXPLORE_REJECTED;
  p->why = weft_arena_printf(arena, "%.*s: %s", (int)strcspn(model, " "), model, first_text(arena, own));
}

static void add_instructions(weft_sha256 *s, const weft_program *p) {
  weft_sha256_add(s, &p->n_insns, sizeof p->n_insns);
  weft_sha256_add(s, p->insns, p->n_insns * sizeof *p->insns);
}

weft_status explore_compile(weft_arena *arena, weft_diag *d, const explore_job *job, explore_point *p,
                            char hash[17]) {
  weft_sha256 sum;
  uint8_t digest[32];
  weft_status s = WEFT_OK;
  weft_sha256_init(&sum);
  for (size_t i = 0; i < job->n_models && s == WEFT_OK; i++) {
    weft_arena *own = weft_arena_new();
    weft_diag *trouble = weft_diag_new(own);
    weft_program *program = NULL;
    s = weft_compile(own, trouble, job->models[i], p->config, NULL, &program);
    if (s == WEFT_OK)
      add_instructions(&sum, program);
    else if (s == WEFT_E_NO_FIT || s == WEFT_E_CAP)
      reject_no_fit(arena, trouble, job->model_names[i], p);
    else if (s != WEFT_E_INTERRUPTED)
      weft_fail(d, s, p->name, first_text(arena, trouble), "a program", NULL);
    weft_arena_free(&own);
  }
  weft_sha256_end(&sum, digest);
  for (int i = 0; i < 8; i++)
    snprintf(hash + 2 * i, 3, "%02x", digest[i]);
  return p->state == EXPLORE_REJECTED ? WEFT_OK : s;
}

weft_status explore_measure(weft_arena *arena, weft_diag *d, const explore_job *job, explore_point *p) {
  weft_diag *own = weft_diag_new(arena);
  weft_config *c = weft_arena_copy(arena, p->config, sizeof *p->config);
  const char *text = "cycles";
  WEFT_TRY(weft_board_dram(d, job->board, c));
  for (size_t i = 0; i < job->n_models && p->state != EXPLORE_REJECTED; i++) {
    const weft_status s = run_model(arena, own, job->models[i], c, &p->cycles[i]);
    text = weft_arena_printf(arena, "%s %llu", text, (unsigned long long)p->cycles[i]);
    if (s == WEFT_E_NO_FIT || s == WEFT_E_CAP) {
      reject_no_fit(arena, own, job->model_names[i], p);
      text = weft_arena_printf(arena, "rejected %s", p->why);
    } else if (s != WEFT_OK) {
      return s == WEFT_E_INTERRUPTED ? s : weft_fail(d, s, p->name, first_text(arena, own), "a run", NULL);
    }
  }
  if (p->state != EXPLORE_REJECTED)
    p->state = EXPLORE_DONE;
  text = weft_arena_printf(arena, "%s\n", text);
  return weft_file_write(d, path_of(arena, job, p), text, strlen(text));
}

bool explore_recall(weft_arena *arena, const explore_job *job, explore_point *p) {
  weft_span file;
  if (weft_file_read(arena, NULL, path_of(arena, job, p), 1 << 16, &file) != WEFT_OK || file.size < 8)
    return false;
  char *text = weft_arena_printf(arena, "%.*s", (int)file.size - 1, (const char *)file.data);
  if (strncmp(text, "rejected ", 9) == 0) {
    p->state = EXPLORE_REJECTED;
    p->why = text + 9;
    return true;
  }
  char *rest = text + strlen("cycles");
  if (strncmp(text, "cycles", 6) != 0)
    return false;
  for (size_t i = 0; i < job->n_models; i++) {
    char *end = NULL;
    p->cycles[i] = strtoull(rest, &end, 10);
    if (end == rest || p->cycles[i] == 0)
      return false;
    rest = end;
  }
  p->state = EXPLORE_DONE;
  return true;
}
