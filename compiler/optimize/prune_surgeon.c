/* SPDX-License-Identifier: Apache-2.0 */
/* Layers in order: inputs from the network as it is pruned so far, outputs wanted from
 * the one that it was; where a layer goes into an ADD, what the other branch has lost
 * already is wanted from it too. */
#include <cblas.h>
#include <string.h>

#include "compiler/optimize/compress.h"
#include "compiler/optimize/net_inside.h"
#include "compiler/optimize/surgeon.h"
#include "compiler/optimize/train_engine.h"

void openblas_set_num_threads(int n);

#define MAX_WORK 1e12            /* multiplications of a layer: a quarter of an hour */
#define MAX_BYTES 0x1p31

typedef struct side {            /* the network as it is, or was */
  train_plan *plan;
  train_space *space;
  float *x;                     /* [positions][n] inputs of a row and a 1    */
} side;

typedef struct witness {
  weft_diag *d;
  const opt_surgery *o;
  opt_net *net;
  side now, then;
  int layer, other;             /* other: value that its ADD reads too; -1: none */
  size_t n, positions;          /* of a row; of an input: pixels             */
  size_t n_groups, rows, step;  /* of channels that rows read; rows of each;
                                   from one input of a row to the next       */
  float *windows, *lost;        /* lost: [positions][rows of the layer]      */
  float *square, *cross, *miss; /* sums of a chunk                           */
  double done, total;           /* work of the layers                        */
  double *cross_sum;            /* [n][n] of a group: x[i] now * x[j] then   */
  surgeon_layer sums;
} witness;

static opt_split split_of(const opt_data *data) {
  return data->splits[OPT_CALIB].n ? OPT_CALIB : OPT_TRAIN;
}

/* ---- inputs of the rows ------------------------------------------------------------ */
static const float *windows_of(witness *k, const float *x) {
  const opt_layer *l = &k->net->layers[k->layer];
  if (l->kind == OPT_DENSE)
    return x;
  const train_window w = train_window_of(k->net, l);
  train_windows(k->windows, x, &w);
  return k->windows;
}

static void gather(const witness *k, const float *windows, size_t group, float *x) {
  const size_t stride = (k->n - 1) * k->step;
  for (size_t p = 0; p < k->positions; p++, x += k->n) {
    const float *from = windows + p * stride + group;
    for (size_t i = 0; i + 1 < k->n; i++)
      x[i] = from[i * k->step];
    x[k->n - 1] = 1;
  }
}

/* sum += transpose(a) * b */
static void add_product(float *sum, const float *a, const float *b, size_t positions, size_t n,
                        size_t columns) {
  cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, (int)n, (int)columns, (int)positions, 1.0f,
              a, (int)n, b, (int)columns, 1.0f, sum, (int)columns);
}

static float *sample_of(const side *s, const opt_net *net, int value, size_t i) {
  return s->space->act[value] + i * net->values[value].n_elems;
}

static void find_lost(witness *k, size_t i) {
  const size_t n = k->positions * k->sums.rows;
  const float *then = sample_of(&k->then, k->net, k->other, i);
  const float *now = sample_of(&k->now, k->net, k->other, i);
  for (size_t e = 0; e < n; e++)
    k->lost[e] = then[e] - now[e];
}

static void see_sample(witness *k, size_t group, size_t i) {
  const int in = k->net->layers[k->layer].inputs[0];
  const size_t n = k->n;
  gather(k, windows_of(k, sample_of(&k->now, k->net, in, i)), group, k->now.x);
  gather(k, windows_of(k, sample_of(&k->then, k->net, in, i)), group, k->then.x);
  add_product(k->square, k->now.x, k->now.x, k->positions, n, n);
  add_product(k->cross, k->now.x, k->then.x, k->positions, n, n);
  if (k->other < 0)
    return;
  find_lost(k, i);
  add_product(k->miss, k->now.x, k->lost, k->positions, n, k->sums.rows);
}

static void add_to(double *sum, const float *v, size_t n) {
  for (size_t i = 0; i < n; i++)
    sum[i] += (double)v[i];
}

static void see_chunk(witness *k, size_t group) {
  const size_t n = k->n;
  memset(k->square, 0, n * n * sizeof(float));
  memset(k->cross, 0, n * n * sizeof(float));
  memset(k->miss, 0, n * k->sums.rows * sizeof(float));
  for (size_t i = 0; i < k->now.space->n; i++)
    see_sample(k, group, i);
  add_to(k->sums.hessian + group * k->rows % k->sums.n_hessians * n * n, k->square, n * n);
  add_to(k->cross_sum + group * n * n, k->cross, n * n);
  for (size_t r = group * k->rows; r < (group + 1) * k->rows; r++)
    for (size_t i = 0; i < n; i++)
      k->sums.target[r * n + i] += (double)k->miss[i * k->sums.rows + r];
}

static void forward(witness *k, side *s, size_t at, size_t n) {
  const opt_data *data = k->o->data;
  s->space->n = n;
  for (size_t i = 0; i < n; i++)
    opt_data_get(data, split_of(data), at + i, s->space->act[k->net->inputs[0]] + i * data->n_elems);
  for (int l = 0; l < k->layer; l++)
    if (s->plan->run[l])
      train_forward_layer(s->plan, s->space, l);
}

/* ---- a layer ------------------------------------------------------------------------- */
/* The value that is added to the layer's output, if nothing else reads that and both are
 * known when the layer runs. */
static int added_to(const opt_net *net, int layer) {
  const opt_layer *l = &net->layers[layer];
  int readers = 0, other = -1;
  for (int i = 0; i < net->n_layers; i++) {
    const opt_layer *reader = &net->layers[i];
    for (int k = 0; k < reader->n_inputs; k++) {
      if (reader->inputs[k] != l->output)
        continue;
      readers++;
      if (reader->kind == OPT_ADD)
        other = reader->inputs[1 - k];
    }
  }
  if (readers != 1 || other < 0 || l->output == net->outputs[0] || other == l->output || l->act != WEFT_ACT_NONE ||
      net->values[other].producer > layer ||
      net->values[other].n_elems != net->values[l->output].n_elems)
    return -1;
  return other;
}

static void take_rows(witness *k, size_t row, bool back) {
  opt_weights *w = k->net->layers[k->layer].weights;
  double *to = k->sums.w + row * k->n;
  for (size_t c = 0; c + 1 < k->n; c++) {
    const size_t at = opt_weight_at(w, row, c);
    if (back)
      w->w[at] = (float)to[c];
    else
      to[c] = (double)w->w[at];
    if (back)
      w->mask[at] = k->sums.mask[row * (k->n - 1) + c];
  }
  if (back)
    w->bias[row] = (float)to[k->n - 1];
  else
    to[k->n - 1] = (double)w->bias[row];
}

static size_t hessians_of(const opt_layer *l) {
  return l->kind == OPT_DEPTHWISE ? l->weights->n_out : 1;
}

static void new_sums(weft_arena *arena, witness *k) {
  const opt_layer *l = &k->net->layers[k->layer];
  const opt_weights *w = l->weights;
  const bool alone = l->kind == OPT_DEPTHWISE;
  const size_t columns = w->n_elems / w->n_out, n = columns + 1;
  const size_t in = k->net->values[l->inputs[0]].n_elems;
  const size_t channels = alone ? (size_t)k->net->values[l->inputs[0]].shape[3] : 1;
  k->n = n;
  k->positions = k->net->values[l->output].n_elems / w->n_out;
  k->n_groups = channels;
  k->rows = w->n_out / channels;
  k->step = channels;
  k->other = added_to(k->net, k->layer);
  k->windows = train_floats(arena, k->positions * columns * channels + in);
  k->lost = train_floats(arena, k->positions * w->n_out);
  k->now.x = train_floats(arena, k->positions * n);
  k->then.x = train_floats(arena, k->positions * n);
  k->square = train_floats(arena, n * n);
  k->cross = train_floats(arena, n * n);
  k->miss = train_floats(arena, n * w->n_out);
  k->cross_sum = WEFT_NEW(arena, double, channels * n * n);
  k->sums = (surgeon_layer){.rows = w->n_out, .columns = columns,
                            .n_hessians = hessians_of(l),
                            .hessian = WEFT_NEW(arena, double, hessians_of(l) * n * n),
                            .target = WEFT_NEW(arena, double, w->n_out * n),
                            .w = WEFT_NEW(arena, double, w->n_out * n),
                            .mask = WEFT_NEW(arena, uint8_t, w->n_elems)};
}

/* Rows of a group read the same: one sum for all; outputs wanted from the old weights. */
static void finish_sums(witness *k) {
  const size_t n = k->n;
  for (size_t r = 0; r < k->sums.rows; r++) {
    const size_t group = r / k->rows;
    const double *cross = k->cross_sum + group * n * n, *w = k->sums.w + r * n;
    double *target = k->sums.target + r * n;
    for (size_t i = 0; i < n; i++)
      for (size_t j = 0; j < n; j++)
        target[i] += cross[i * n + j] * w[j];
    if (k->sums.n_hessians > 1 && r % k->rows)
      memcpy(k->sums.hessian + r * n * n, k->sums.hessian + group * k->rows * n * n,
             n * n * sizeof(double));
  }
}

static surgeon_rule rule_of(const opt_surgery *o, const opt_weights *w) {
  const opt_prune *p = &o->prune;
  surgeon_rule r = {.height = 1, .width = 1, .sparsity = o->sparsity};
  if (p->pattern == OPT_M_OF_N) {
    r.keep = (size_t)p->m;
    r.group = (size_t)p->n;
    r.line = (size_t)w->shape[w->rank - 1];
  }
  if (p->pattern == OPT_BLOCK)
    r.width = (size_t)p->block_w;
  if (p->pattern == OPT_BLOCK || p->pattern == OPT_VECTOR)
    r.height = (size_t)(p->pattern == OPT_BLOCK ? p->block_h : p->cols);
  return r;
}

static weft_status see_all(witness *k) {
  const opt_data *data = k->o->data;
  const size_t n = data->splits[split_of(data)].n;
  for (size_t at = 0; at < n; at += TRAIN_CHUNK) {
    const size_t part = n - at < TRAIN_CHUNK ? n - at : TRAIN_CHUNK;
    if (weft_interrupted())
      return WEFT_E_INTERRUPTED;
    forward(k, &k->now, at, part);
    forward(k, &k->then, at, part);
    for (size_t group = 0; group < k->n_groups; group++)
      see_chunk(k, group);
  }
  return WEFT_OK;
}

static weft_status operate(weft_arena *arena, witness *k) {
  opt_layer *l = &k->net->layers[k->layer];
  opt_weights *w = l->weights;
  new_sums(arena, k);
  for (size_t r = 0; r < w->n_out; r++)
    take_rows(k, r, false);
  WEFT_TRY(see_all(k));
  finish_sums(k);
  const surgeon_rule rule = rule_of(k->o, w);
  k->sums.progress = k->o->progress;
  k->sums.work = surgeon_work(w->n_out, k->n - 1, k->sums.n_hessians, &rule);
  k->sums.done = k->done;
  k->sums.total = k->total;
  WEFT_TRY(surgeon_prune(k->d, opt_layer_place(k->d, k->net, k->layer), &k->sums, &rule,
                         k->o->threads));
  if (!w->mask)
    w->mask = weft_arena_alloc(k->net->arena, w->n_elems, 1);
  for (size_t r = 0; r < w->n_out; r++)
    take_rows(k, r, true);
  opt_keep_mask(w, &k->o->prune);
  return WEFT_OK;
}

static weft_status new_side(weft_arena *arena, weft_diag *d, const opt_net *net, side *s) {
  WEFT_TRY(train_plan_new(arena, d, net, false, OPT_SQUARED, &s->plan));
  s->space = train_space_new(s->plan, false);
  return WEFT_OK;
}

static weft_status check_data(weft_diag *d, const opt_net *net, const opt_data *data) {
  const size_t n_in = net->values[net->inputs[0]].n_elems;
  if (data->splits[split_of(data)].n == 0)
    return weft_fail(d, WEFT_E_INPUT, data->path, "no samples in the splits calib and train",
                     "at least one", NULL);
  if (data->n_elems != n_in)
    return weft_fail(d, WEFT_E_INPUT, data->path, weft_diag_text(d, "samples of %zu elements", data->n_elems),
                     weft_diag_text(d, "%zu, as the input of %s", n_in, net->name), NULL);
  return WEFT_OK;
}

/* What is pruned already would come back: zeros are this stage's own. */
static weft_status check_layer(witness *k, int layer) {
  const opt_weights *w = k->net->layers[layer].weights;
  const surgeon_rule rule = rule_of(k->o, w);
  const size_t columns = w->n_elems / w->n_out, hessians = hessians_of(&k->net->layers[layer]);
  const double work = surgeon_work(w->n_out, columns, hessians, &rule);
  const double bytes = surgeon_bytes(w->n_out, columns, hessians, &rule);
  const char *where = opt_layer_place(k->d, k->net, layer);
  if (w->mask && w->keep.zeros)
    return weft_fail(k->d, WEFT_E_CONFIG, where, "weights that are pruned already",
                     "the surgeon on what nothing has pruned",
                     "one prune stage, method: magnitude, or skip: [prune] for the layer");
  if (work > MAX_WORK || bytes > MAX_BYTES)
    return weft_fail(k->d, WEFT_E_CAP, where,
                     weft_diag_text(k->d, "%.0f million multiplications, %.1f MiB for the surgeon",
                                    work / 1e6, bytes / 0x1p20),
                     weft_diag_text(k->d, "%.0f million, %.0f MiB", MAX_WORK / 1e6, MAX_BYTES / 0x1p20),
                     "method: magnitude, or skip: [prune] for the layer");
  k->total += work;
  return WEFT_OK;
}

/* Before anything is changed: which layers stay dense, what is refused, the work. */
static weft_status check_layers(witness *k, bool *take) {
  weft_status worst = WEFT_OK;
  for (int l = 0; l < k->net->n_layers; l++) {
    const char *dense = NULL;
    if (!k->o->layer[l] || !k->now.plan->run[l])
      continue;
    weft_status s = opt_prune_applies(k->d, &k->net->layers[l], &k->o->prune, k->o->sparsity, &dense);
    k->o->stays_dense[l] = dense;
    take[l] = s == WEFT_OK && !dense;
    s = take[l] ? check_layer(k, l) : s;
    worst = worst == WEFT_OK ? s : worst;
  }
  return worst;
}

weft_status opt_prune_surgeon(weft_diag *d, opt_net *net, const opt_surgery *o) {
  WEFT_TRY(check_data(d, net, o->data));
  openblas_set_num_threads(1);
  weft_arena *arena = weft_arena_new();
  witness k = {.d = d, .o = o, .net = net};
  bool *take = WEFT_NEW(arena, bool, net->n_layers + 1);
  weft_status s = new_side(arena, d, net, &k.now);
  if (s == WEFT_OK)
    s = check_layers(&k, take);
  if (s == WEFT_OK)
    s = new_side(arena, d, opt_clone(arena, net), &k.then);
  for (k.layer = 0; k.layer < net->n_layers && s == WEFT_OK; k.layer++) {
    if (!take[k.layer])
      continue;
    weft_arena *scratch = weft_arena_new();
    s = operate(scratch, &k);
    k.done += k.sums.work;
    weft_arena_free(&scratch);
  }
  weft_arena_free(&arena);
  return s;
}
