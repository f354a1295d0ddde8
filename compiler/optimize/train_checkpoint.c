/* SPDX-License-Identifier: Apache-2.0 */
/* The state of a run in one file, written whole: magic, the hash of what the run is
 * made of, the state, CRC-32. Chance is a function of (seed, step), so that the step
 * is its position. */
#include <string.h>
#include <sys/stat.h>

#include "compiler/optimize/net_inside.h"
#include "compiler/optimize/train_inside.h"

char *openblas_get_corename(void);

static const char magic[8] = "WEFTRUN1";
enum { HASH_BYTES = 32, HEAD_BYTES = 8 + HASH_BYTES };

/* ---- what the run is made of --------------------------------------------------------- */
static void add(weft_sha256 *h, const void *p, size_t n) {
  if (p && n)
    weft_sha256_add(h, p, n);
}
static void add_number(weft_sha256 *h, double v) { add(h, &v, sizeof v); }

static void add_net(weft_sha256 *h, const opt_net *net) {
  for (int v = 0; v < net->n_values; v++)
    add(h, net->values[v].shape, sizeof net->values[v].shape);
  for (int i = 0; i < net->n_layers; i++) {
    const opt_layer *l = &net->layers[i];
    const opt_weights *w = l->weights;
    const int32_t kind[] = {(int32_t)l->kind, l->output, (int32_t)l->act, (int32_t)l->padding,
                            l->stride_h, l->stride_w, l->dilation_h, l->dilation_w,
                            l->filter_h, l->filter_w};
    add(h, kind, sizeof kind);
    add(h, l->inputs, (size_t)l->n_inputs * sizeof *l->inputs);
    if (!w)
      continue;
    const int32_t keep[] = {w->keep.zeros, w->keep.m, w->keep.n, w->keep.n_clusters,
                            w->keep.per_channel, w->per_tensor, w->frozen, w->exclude, w->bits};
    add(h, keep, sizeof keep);
    add(h, w->w, w->n_elems * sizeof *w->w);
    add(h, w->bias, w->n_out * sizeof *w->bias);
    add(h, w->mask, w->mask ? w->n_elems : 0);
  }
}

static void add_options(weft_sha256 *h, const train_run *r) {
  const opt_train_options *o = r->o;
  const double numbers[] = {
      (double)o->epochs, (double)o->batch, (double)o->max_samples, o->optimizer, o->lr,
      o->momentum, o->beta1, o->beta2, o->epsilon, o->weight_decay, o->lr_schedule, o->lr_relative, o->dropout,
      o->quantize, o->activation_bits, o->keep_masks, o->keep_clusters, o->has_prune, o->prune_schedule.kind,
      o->prune_schedule.initial, o->prune_schedule.final, o->prune_schedule.power,
      (double)o->prune_schedule.begin, (double)o->prune_schedule.end,
      (double)o->prune_schedule.frequency, o->prune.pattern, o->prune.block_h, o->prune.block_w,
      o->prune.block_max, o->prune.m, o->prune.n, o->prune.cols, o->temperature, o->alpha,
      o->lora_rank, o->lora_alpha, o->teacher_only, o->reinitialize, o->augment.shift, o->augment.flip, o->augment.cutout};
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
    add_number(h, numbers[i]);
  add(h, &o->seed, sizeof o->seed);
  add(h, o->prune_layer, o->prune_layer ? (size_t)r->net->n_layers : 0);
  add(h, o->lora_layer, o->lora_layer ? (size_t)r->net->n_layers : 0);
  const char *core = openblas_get_corename();
  add(h, core, strlen(core));
}

/* Shape, counts, labels, and the first and last sample as the network sees them. */
static void add_data(weft_sha256 *h, const train_run *r) {
  float *x = WEFT_NEW(r->arena, float, r->n_in);
  const opt_samples *train = &r->data->splits[OPT_TRAIN];
  for (int s = 0; s < OPT_N_SPLITS; s++)
    add_number(h, (double)r->data->splits[s].n);
  if (train->label)
    add(h, train->label, train->n * sizeof *train->label);
  for (int k = 0; k < 2; k++) {
    opt_data_get(r->data, OPT_TRAIN, k ? r->data->splits[OPT_TRAIN].n - 1 : 0, x);
    add(h, x, r->n_in * sizeof *x);
  }
}

void train_identity(train_run *r) {
  weft_sha256 h;
  weft_sha256_init(&h);
  add_net(&h, r->net);
  add_options(&h, r);
  add_data(&h, r);
  if (r->o->teacher)
    add_net(&h, r->o->teacher);
  weft_sha256_end(&h, r->identity);
}

/* ---- the state, written and read by one walk ------------------------------------------ */
typedef struct walk {
  uint8_t *out;                 /* writing                                   */
  const uint8_t *in;            /* reading                                   */
  size_t at;                    /* bytes so far; only counted without both   */
} walk;

static void item(walk *w, void *p, size_t n) {
  if (w->out)
    memcpy(w->out + w->at, p, n);
  if (w->in)
    memcpy(p, w->in + w->at, n);
  w->at += n;
}

static void walk_layer(walk *k, train_layer *t) {
  opt_weights *w = t->w;
  if (!w)
    return;
  item(k, w->w, w->n_elems * sizeof *w->w);
  item(k, w->bias, w->n_out * sizeof *w->bias);
  if (t->trained != w->w)
    item(k, t->trained, w->n_elems * sizeof *w->w);
  if (w->mask)
    item(k, w->mask, w->n_elems);
  if (t->pruned) {
    uint8_t zeros = w->keep.zeros;
    item(k, &zeros, 1);
    w->keep.zeros = zeros != 0;
    item(k, &w->keep.m, sizeof w->keep.m);
    item(k, &w->keep.n, sizeof w->keep.n);
  }
  if (t->lora) {
    item(k, t->lora->a, t->lora->rank * (w->n_elems / w->n_out) * sizeof *t->lora->a);
    item(k, t->lora->b, w->n_out * t->lora->rank * sizeof *t->lora->b);
  }
  if (t->clustered) {
    item(k, w->cluster, w->n_elems * sizeof *w->cluster);
    item(k, w->centroid, t->n_centroids * sizeof *w->centroid);
  }
}

static void walk_run(walk *k, train_run *r) {
  opt_history *h = r->history;
  const size_t rows = (size_t)r->o->epochs * sizeof(double);
  item(k, &r->step, sizeof r->step);
  item(k, &r->loss_sum, sizeof r->loss_sum);
  item(k, &r->metric_sum, sizeof r->metric_sum);
  item(k, &h->n, sizeof h->n);
  item(k, h->loss, rows);
  item(k, h->metric, rows);
  item(k, h->lr, rows);
  item(k, h->sparsity, rows);
  for (int l = 0; l < r->net->n_layers; l++)
    walk_layer(k, &r->layer[l]);
  item(k, r->m, r->n_sum * sizeof *r->m);
  item(k, r->v, r->n_sum * sizeof *r->v);
  for (int v = 0; v < r->net->n_values && r->o->quantize; v++) {
    item(k, &r->range[v].min, sizeof(float));
    item(k, &r->range[v].max, sizeof(float));
    uint8_t known = r->range[v].known;
    item(k, &known, 1);
    r->range[v].known = known != 0;
  }
}

/* In the diagnostics' memory: issues outlive the run's arena. */
static const char *path_of(train_run *r) {
  return weft_diag_text(r->d, "%s/train.checkpoint", r->o->checkpoint_dir);
}

static size_t state_bytes(train_run *r) {
  walk k = {0};
  walk_run(&k, r);
  return k.at;
}

weft_status train_checkpoint_save(train_run *r) {
  const size_t n = state_bytes(r);
  if (!r->checkpoint)
    r->checkpoint = WEFT_NEW(r->arena, uint8_t, HEAD_BYTES + n + 4);
  walk k = {.out = r->checkpoint + HEAD_BYTES};
  memcpy(r->checkpoint, magic, sizeof magic);
  memcpy(r->checkpoint + sizeof magic, r->identity, HASH_BYTES);
  walk_run(&k, r);
  weft_put_le32(k.out + n, weft_crc32(r->checkpoint, HEAD_BYTES + n, 0));
  WEFT_TRY(weft_folder_make(r->d, r->o->checkpoint_dir));
  return weft_file_write(r->d, path_of(r), r->checkpoint, HEAD_BYTES + n + 4);
}

static weft_status check_bytes(train_run *r, weft_span s) {
  const size_t n = HEAD_BYTES + state_bytes(r) + 4;
  if (s.size < HEAD_BYTES || memcmp(s.data, magic, sizeof magic) != 0)
    return weft_fail(r->d, WEFT_E_INPUT, path_of(r), "no checkpoint of training",
                     "a file that training wrote", "remove it, or start without resume");
  if (memcmp(s.data + sizeof magic, r->identity, HASH_BYTES) != 0)
    return weft_fail(r->d, WEFT_E_CONFIG, path_of(r), "the checkpoint of another run",
                     "the same network, data, options, seed, and processor kind "
                     "(OPENBLAS_CORETYPE)",
                     "give what it was made with, or start without resume");
  if (s.size != n || weft_crc32(s.data, n - 4, 0) != weft_le32(s.data + n - 4))
    return weft_fail(r->d, WEFT_E_INPUT, path_of(r),
                     weft_diag_text(r->d, "%zu bytes, or a wrong checksum", s.size),
                     weft_diag_text(r->d, "%zu bytes as they were written", n),
                     "start without resume");
  return WEFT_OK;
}

static bool are_clusters_sound(const train_run *r) {
  for (int l = 0; l < r->net->n_layers; l++)
    if (r->layer[l].clustered && !train_clusters_sound(&r->layer[l]))
      return false;
  return true;
}

weft_status train_checkpoint_load(train_run *r) {
  struct stat st;
  weft_span s;
  if (stat(path_of(r), &st) != 0)
    return WEFT_OK;
  WEFT_TRY(weft_file_read(r->arena, r->d, path_of(r), (size_t)4 << 30, &s));
  WEFT_TRY(check_bytes(r, s));
  walk k = {.in = s.data + HEAD_BYTES};
  walk_run(&k, r);
  if (r->step < 0 || r->step > r->n_steps ||
      r->history->n > (size_t)(r->step / r->steps_per_epoch) || !are_clusters_sound(r))
    return weft_fail(r->d, WEFT_E_INPUT, path_of(r), "a state that no run reaches",
                     weft_diag_text(r->d, "0 to %lld steps", (long long)r->n_steps),
                     "start without resume");
  return WEFT_OK;
}
