/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/run_report.h"

#include <stdio.h>
#include <string.h>

#define MAX_LABEL_BYTES ((size_t)64 << 20)

static weft_status fail_label(cli *c, uint64_t line, const char *found,
                              const char *allowed) {
  return weft_fail(c->diag, WEFT_E_INPUT,
                   weft_diag_text(c->diag, "%s:%llu", c->labels, (unsigned long long)line),
                   found, allowed, NULL);
}

static weft_status take_label(cli *c, const cli_io *io, run_report *r, uint64_t i,
                              const char *word) {
  uint64_t label = 0;
  if (!cli_number(word, &label) || label >= io->n_elems)
    return fail_label(c, i + 1, weft_diag_text(c->diag, "'%.40s'", word),
                      weft_diag_text(c->diag, "a class number 0..%zu", io->n_elems - 1));
  if (i < r->n_runs)
    r->label[i] = (size_t)label;
  return WEFT_OK;
}

weft_status run_report_labels(cli *c, const cli_ios *ios, run_report *r) {
  if (!c->labels || ios->n_outputs < 1)
    return WEFT_OK;
  weft_span file = {NULL, 0};
  WEFT_TRY(weft_file_read(c->arena, c->diag, c->labels, MAX_LABEL_BYTES, &file));
  char *text = weft_arena_printf(c->arena, "%.*s", (int)file.size, (const char *)file.data);
  r->label = WEFT_NEW(c->arena, size_t, r->n_runs);
  uint64_t n = 0;
  char *rest = NULL;
  for (char *word = strtok_r(text, " \t\r\n", &rest); word;
       word = strtok_r(NULL, " \t\r\n", &rest))
    WEFT_TRY(take_label(c, &ios->outputs[0], r, n++, word));
  if (n != r->n_runs)
    return fail_label(c, n, weft_diag_text(c->diag, "%llu labels", (unsigned long long)n),
                      weft_diag_text(c->diag, "%llu, one a run",
                                     (unsigned long long)r->n_runs));
  return WEFT_OK;
}

void run_report_accuracy(const cli_ios *ios, run_report *r) {
  const cli_io *io = &ios->outputs[0];
  for (uint64_t i = 0; r->label && i < r->n_runs; i++)
    r->n_right += cli_argmax(io->type, r->outputs[0] + i * io->n_bytes, io->n_elems) == r->label[i];
  r->has_accuracy = r->label != NULL;
}

static uint64_t ceil_div(uint64_t a, uint64_t b) { return a / b + (a % b != 0); }

run_bounds run_report_bounds(const weft_program *p, const weft_config *c) {
  run_bounds b = {0};
  for (uint32_t i = 0; i < p->n_layers; i++) {
    b.macs += p->layers[i].macs;
    b.once_bytes += p->layers[i].weight_bytes;
  }
  for (uint32_t i = 0; i < p->n_inputs; i++)
    b.once_bytes += p->inputs[i].n_bytes;
  for (uint32_t i = 0; i < p->n_outputs; i++)
    b.once_bytes += p->outputs[i].n_bytes;
  b.mac_bound = ceil_div(b.macs, (uint64_t)c->rows * (uint64_t)c->cols);
  b.byte_bound = ceil_div(b.once_bytes * (uint64_t)c->dram_rate_den,
                          (uint64_t)c->dram_rate_num);
  return b;
}

void run_report_hash(run_record *run, const cli_ios *ios, uint8_t *const *outputs) {
  weft_sha256 all;
  uint8_t digest[32];
  weft_sha256_init(&all);
  for (int k = 0; k < ios->n_outputs; k++)
    weft_sha256_add(&all, outputs[k], ios->outputs[k].n_bytes);
  weft_sha256_end(&all, digest);
  for (int k = 0; k < 8; k++)
    snprintf(run->outputs_hash + 2 * k, 3, "%02x", digest[k]);
}

void run_report_keep(cli *c, run_record *run, const cli_seen *t, const void *data,
                     size_t n_bytes) {
  for (size_t i = 0; i < run->n_tensors; i++)
    if (run->tensors[i].seen.tensor == t->tensor)
      return;
  run->tensors = weft_arena_grow(c->arena, run->tensors, &run->cap, run->n_tensors + 1,
                                 sizeof *run->tensors);
  run_tensor *kept = &run->tensors[run->n_tensors++];
  kept->seen = *t;
  kept->n_bytes = n_bytes;
  weft_hash16(data, n_bytes, kept->hash);
}

static double efficiency(const run_bounds *b, uint64_t cycles) {
  const uint64_t bound = b->mac_bound > b->byte_bound ? b->mac_bound : b->byte_bound;
  return cycles ? (double)bound / (double)cycles : 0.0;
}

void run_report_head(weft_json *j, const char *model, const cli_exec *e) {
  weft_json_string(j, "model", model);
  weft_json_string(j, "backend", e->backend);
  weft_json_string(j, "config", e->config ? e->config->name : "base");
  weft_json_string(j, "profile", "tflm");
}

static void json_tensor(weft_json *j, const run_tensor *t) {
  weft_json_object(j, NULL);
  weft_json_int(j, "index", t->seen.tensor);
  weft_json_string(j, "name", t->seen.name);
  weft_json_string(j, "type", weft_type_name(t->seen.type));
  weft_json_array(j, "shape");
  for (int i = 0; i < t->seen.rank; i++)
    weft_json_int(j, NULL, t->seen.shape[i]);
  weft_json_end(j);
  weft_json_string(j, "sha256", t->hash);
  weft_json_end(j);
}

void run_report_json_run(cli *c, weft_json *j, const run_record *run) {
  weft_json_object(j, NULL);
  weft_json_string(j, "outputs", run->outputs_hash);
  if (c->tensors) {
    weft_json_array(j, "tensors");
    for (size_t i = 0; i < run->n_tensors; i++)
      json_tensor(j, &run->tensors[i]);
    weft_json_end(j);
  }
  if (run->stats.has_cycles)
    weft_json_uint(j, "cycles", run->stats.cycles);
  if (run->stats.has_cycles)
    weft_json_uint(j, "issue_trace", run->stats.issue_trace);
  weft_json_end(j);
}

static void json_layers(weft_json *j, const weft_program *p, const weft_run_stats *s) {
  weft_json_array(j, "layers");
  for (uint32_t i = 0; i < p->n_layers; i++) {
    weft_json_object(j, NULL);
    weft_json_string(j, "name", p->layers[i].name);
    weft_json_string(j, "op", p->layers[i].op);
    weft_json_uint(j, "macs", p->layers[i].macs);
    if (s->layer_cycles && i < s->n_layers)
      weft_json_uint(j, "cycles", s->layer_cycles[i]);
    weft_json_uint(j, "bytes_in", p->layers[i].bytes_in);
    weft_json_uint(j, "bytes_out", p->layers[i].bytes_out);
    weft_json_end(j);
  }
  weft_json_end(j);
}

static void json_sim(weft_json *j, const run_report *r) {
  const cli_exec *e = r->exec;
  const weft_run_stats *s = &r->runs[0].stats;
  const run_bounds b = run_report_bounds(e->program, e->config);
  json_layers(j, e->program, s);
  weft_json_uint(j, "macs", b.macs);
  weft_json_uint(j, "bytes", s->read_bytes + s->write_bytes);
  weft_json_uint(j, "mac_bound", b.mac_bound);
  weft_json_uint(j, "byte_bound", b.byte_bound);
  weft_json_double(j, "efficiency", efficiency(&b, s->cycles));
}

static void print_json(cli *c, const run_report *r) {
  weft_json *j = weft_json_new(c->arena);
  weft_json_object(j, NULL);
  run_report_head(j, r->model, r->exec);
  weft_json_array(j, "runs");
  for (uint64_t i = 0; i < r->n_runs; i++)
    run_report_json_run(c, j, &r->runs[i]);
  weft_json_end(j);
  weft_json_null(j, "mismatch");
  if (r->has_accuracy) {
    weft_json_object(j, "accuracy");
    weft_json_uint(j, "right", r->n_right);
    weft_json_uint(j, "total", r->n_runs);
    weft_json_end(j);
  }
  if (r->is_sim)
    json_sim(j, r);
  weft_json_end(j);
  cli_print_json(c, j);
}

static void print_layers(cli *c, const run_report *r) {
  const cli_exec *e = r->exec;
  const weft_program *p = e->program;
  const weft_run_stats *s = &r->runs[0].stats;
  const double per_cycle = (double)e->config->rows * e->config->cols;
  cli_say(c, "%4s %-22s %12s %10s %6s %10s %10s  %s\n", "", "op", "macs", "cycles",
          "busy", "bytes in", "bytes out", "layer");
  for (uint32_t i = 0; i < p->n_layers; i++) {
    const weft_prog_layer *l = &p->layers[i];
    const uint64_t cycles = s->layer_cycles && i < s->n_layers ? s->layer_cycles[i] : 0;
    const double busy = cycles ? 100.0 * (double)l->macs / per_cycle / (double)cycles : 0.0;
    cli_say(c, "%4u %-22s %12llu %10llu %5.1f%% %10llu %10llu  %.60s\n", i, l->op,
            (unsigned long long)l->macs, (unsigned long long)cycles, busy,
            (unsigned long long)l->bytes_in, (unsigned long long)l->bytes_out, l->name);
  }
  const run_bounds b = run_report_bounds(p, e->config);
  cli_say(c, "cycles %llu (%s)  MAC bound %llu  byte bound %llu  efficiency %.3f  "
             "DRAM %llu B read, %llu B written\n",
          (unsigned long long)s->cycles, e->backend, (unsigned long long)b.mac_bound,
          (unsigned long long)b.byte_bound, efficiency(&b, s->cycles),
          (unsigned long long)s->read_bytes, (unsigned long long)s->write_bytes);
}

static void print_output(cli *c, const cli_io *io, int i, const uint8_t *data) {
  const char *values = "";
  for (size_t k = 0; k < io->n_elems && k < 16; k++)
    values = weft_arena_printf(c->arena, "%s %s", values,
                               cli_elem_text(c->arena, io->type, data, k));
  cli_say(c, "output %d '%.60s' %s%s :%s%s\n", i, io->name, weft_type_name(io->type),
          cli_shape_text(c->arena, io->shape, io->rank), values,
          io->n_elems > 16 ? " ..." : "");
}

static void print_run(cli *c, const cli_ios *ios, const run_report *r, uint64_t i) {
  const run_record *run = &r->runs[i];
  for (size_t k = 0; k < run->n_tensors; k++) {
    const run_tensor *t = &run->tensors[k];
    cli_say(c, "%5d  %s  %-8s %-18s %.60s\n", t->seen.tensor, t->hash,
            weft_type_name(t->seen.type),
            cli_shape_text(c->arena, t->seen.shape, t->seen.rank), t->seen.name);
  }
  if (r->n_runs == 1)
    for (int k = 0; k < ios->n_outputs; k++)
      print_output(c, &ios->outputs[k], k, r->outputs[k]);
  cli_say(c, "run %llu  outputs %s", (unsigned long long)i, run->outputs_hash);
  if (run->stats.has_cycles)
    cli_say(c, "  %llu cycles (%s)", (unsigned long long)run->stats.cycles,
            r->exec->backend);
  cli_say(c, "\n");
}

void run_report_print(cli *c, const cli_ios *ios, const run_report *r) {
  if (c->json) {
    print_json(c, r);
    return;
  }
  weft_progress_clear(c->progress);
  if (c->quiet)
    return;
  cli_say(c, "%s  backend %s%s%s  %llu run%s\n", r->model, r->exec->backend,
          r->exec->config ? "  config " : "",
          r->exec->config ? r->exec->config->name : "",
          (unsigned long long)r->n_runs, r->n_runs == 1 ? "" : "s");
  for (uint64_t i = 0; i < r->n_runs && (i < 10 || c->tensors); i++)
    print_run(c, ios, r, i);
  if (r->n_runs > 10 && !c->tensors)
    cli_say(c, "... %llu more runs\n", (unsigned long long)(r->n_runs - 10));
  if (r->is_sim)
    print_layers(c, r);
  if (r->has_accuracy)
    cli_say(c, "top-1 accuracy %llu/%llu = %.2f %%\n", (unsigned long long)r->n_right,
            (unsigned long long)r->n_runs, 100.0 * (double)r->n_right / (double)r->n_runs);
}
