/* SPDX-License-Identifier: Apache-2.0 */
/* What stays whole in the scratchpad, and the output tile of every layer that
 * loads or stores through DRAM. Starts with everything resident and gives up
 * one value at a time until all layers find room. */
#include "compiler/tile.h"

#include "compiler/place.h"

typedef struct tile_try {
  int32_t th, tw, tc, ch;       /* ch: lines of a chunk                        */
  int n_buffers;                /* of each band operand                        */
  weft_layout ifm, res, ofm;
  int32_t base[WEFT_MAX_BUFFERS];
  double cost;
} tile_try;

static int32_t largest_input(int32_t size, int32_t k, int32_t stride, int32_t dilation, int32_t pad,
                             bool planes, int32_t n_out, int32_t tile) {
  int32_t most = 1;
  for (int32_t o = 0; o < n_out; o += tile) {
    int32_t i0, i1;
    weft_input_range(size, k, stride, dilation, pad, planes, o, weft_min32(o + tile, n_out), &i0, &i1);
    most = weft_max32(most, i1 - i0);
  }
  return most;
}

/* A dense layer's n-groups need all input channels, others only their own. */
static int32_t input_channels(const weft_layer *l, const tile_try *t) {
  return l->kind == WEFT_LAYER_DENSE || t->tc == l->co ? l->ci : t->tc;
}

static void set_layouts(const weft_plan *p, const weft_layer *l, tile_try *t) {
  bool one_row = weft_layer_one_row(l);
  bool px = l->sx == 2 && !one_row, py = l->sy == 2 && !one_row;
  int32_t h = largest_input(l->ih, l->kh, l->sy, l->dy, l->pt, py, l->oh, t->th);
  int32_t w = largest_input(l->iw, l->kw, l->sx, l->dx, l->pl, px, l->ow, t->tw);
  int32_t ci = input_channels(l, t);
  t->ifm = weft_layout_make(p->config, h, w, ci, px, py, one_row ? 0 : t->tw);
  t->res = weft_layout_make(p->config, t->th, t->tw, t->tc, false, false, 0);
  t->ofm = t->res;
}

/* Blocks to place: n_buffers of each operand that is not resident. */
static int list_blocks(const weft_layer *l, const tile_try *t, int32_t *rows) {
  int n = 0;
  for (int k = 0; k < t->n_buffers; k++) {
    if (!l->ifm.resident)
      rows[n++] = t->ifm.rows;
    if (l->res.value >= 0 && !l->res.resident)
      rows[n++] = t->res.rows;
    if (!l->ofm.resident)
      rows[n++] = t->ofm.rows;
  }
  return n;
}

/* Measured on the RTL: from one LD to the next, and from one EXC to the next. */
enum { LD_CYCLES = 50, EXC_CYCLES = 55 };

/* Cycles of a transfer: the port's bytes, or the engine's words and lines. */
static double transfer(const weft_config *c, double lines, double width, int32_t channels) {
  double words = lines * width * weft_ceil_div(channels, c->word_bytes) + lines;
  double bytes = lines * width * channels * c->dram_rate_den / c->dram_rate_num;
  return (bytes > words ? bytes : words) + LD_CYCLES;
}

typedef struct chunk_cost { double load, ex, store; } chunk_cost;

/* Of `lines` output lines whose input needs `fresh` lines that are not there. */
static chunk_cost cost_of_chunk(const weft_plan *p, const weft_layer *l, const tile_try *t, double lines, double fresh) {
  const weft_config *c = p->config;
  double groups = weft_ceil_div(t->tc, c->cols);
  double steps = (double)l->kh * l->kw * (l->kind == WEFT_LAYER_DENSE ? l->ci : 1);
  double pixels = (lines - 1) * (l->ifm.resident ? t->tw : t->ifm.pitch) + t->tw;
  double tiles = weft_layer_one_row(l) ? lines * t->tw : (double)(int64_t)((pixels + c->rows - 1) / c->rows);
  double drain = (double)c->rows * c->cols / c->lanes;
  double words = weft_layer_is_unit(l) ? 0 : groups * steps * (steps > weft_ring_words(c) - 2 ? tiles : 1);
  double wt = (words + (weft_layer_is_unit(l) ? 0 : 12 * groups)) * c->cols * c->dram_rate_den / c->dram_rate_num;
  double width = l->ifm.resident ? 0 : (double)t->ifm.pitch * (t->ifm.px ? 2 : 1);
  chunk_cost k = {0, groups * tiles * (steps > drain ? steps : drain), 0};
  k.ex = (k.ex > wt ? k.ex : wt) + EXC_CYCLES;
  if (!l->ifm.resident)
    k.load += transfer(c, fresh, weft_min32((int32_t)width, l->iw), input_channels(l, t));
  if (l->res.value >= 0 && !l->res.resident)
    k.load += transfer(c, lines, t->tw, t->tc);
  if (k.load > 0)
    k.load += wt / 4;               /* the port is shared */
  if (!l->ofm.resident)
    k.store = transfer(c, lines, t->tw, t->tc);
  return k;
}

/* Estimate of cycles: chunk after chunk through load, array and store. A chunk's
 * load waits for the array to leave its lines: those of the tile before (and,
 * for its halo, of that tile's next chunk), or of the last tile but one if there
 * are two buffers. */
static double estimate(const weft_plan *p, const weft_layer *l, const tile_try *t) {
  enum { MAX_CHUNKS = 64 };
  double loaded = 0, done = 0, stored = 0, left[2][MAX_CHUNKS] = {{0}};
  int32_t slices = weft_ceil_div(l->ow, t->tw) * weft_ceil_div(l->co, t->tc), buffer = 0;
  for (int32_t y = 0; y < l->oh; y += t->th, buffer = (buffer + 1) % t->n_buffers) {
    double before[MAX_CHUNKS + 1];
    for (int k = 0; k <= MAX_CHUNKS; k++)
      before[k] = left[buffer][k < MAX_CHUNKS ? k : MAX_CHUNKS - 1];
    int32_t end = weft_min32(y + t->th, l->oh), c = 0;
    for (int32_t at = y; at < end; at += t->ch, c = weft_min32(c + 1, MAX_CHUNKS - 1)) {
      double lines = weft_min32(at + t->ch, end) - at;
      double fresh = at == y ? (lines - 1) * l->sy + (double)(l->kh - 1) * l->dy + 1 : lines * l->sy;
      chunk_cost k = cost_of_chunk(p, l, t, lines, fresh < l->ih ? fresh : l->ih);
      double wait = before[c] > before[c + 1] ? before[c] : before[c + 1];
      loaded = (loaded > wait ? loaded : wait) + k.load;
      done = (done > loaded ? done : loaded) + k.ex;
      left[buffer][c] = done;
      stored = (stored > done ? stored : done) + k.store;
    }
  }
  return stored * slices;
}

/* Splits the first chunk where that saves more waiting for its load than one
 * more EXC costs, and the last where the array waits for loads. */
static void set_ends(const weft_plan *p, weft_layer *l, const tile_try *t) {
  const weft_value *out = &p->values[l->ofm.value];
  int32_t pairs = l->ofm.resident && out->layout.py ? 2 : 1;
  double halo = (double)(l->kh - 1) * l->dy + 1 - l->sy, lead = 0, tail = 0;
  l->lead_h = l->tail_h = 0;
  if (l->ifm.resident || t->th < l->oh || t->tw < l->ow || t->tc < l->co)
    return;                     /* several tiles: measured, it does not pay */
  chunk_cost all = cost_of_chunk(p, l, t, t->ch, (double)t->ch * l->sy + halo);
  for (int32_t q = pairs; q <= t->ch / 2; q += pairs) {
    chunk_cost part = cost_of_chunk(p, l, t, q, (double)q * l->sy + halo);
    chunk_cost rest = cost_of_chunk(p, l, t, t->ch - q, (double)(t->ch - q) * l->sy);
    double price = 1.2 * (part.ex + rest.ex - all.ex);
    if (part.ex > rest.load / 2 && all.load - part.load - price > lead) {
      lead = all.load - part.load - price;
      l->lead_h = q;
    }
    if (all.load > 0.9 * all.ex && all.ex - part.ex - price > tail) {
      tail = all.ex - part.ex - price;
      l->tail_h = q;
    }
  }
}

/* Of EXC and its registers: N_TILES of 16 bits, a raster of 12, ... */
static bool fields_fit(const weft_plan *p, const weft_layer *l, const tile_try *t) {
  int64_t pixels = weft_layer_one_row(l) ? (int64_t)t->th * t->tw : (int64_t)t->th * t->ifm.pitch / p->config->rows;
  return t->ifm.pitch <= 4095 && t->ifm.g <= 32767 && t->ofm.g <= 32767 && t->th <= 4095 && t->tw <= 4095 &&
         t->ifm.rows <= 65535 && t->ofm.rows <= 65535 && pixels < 65535;
}

static void try_tile(const weft_plan *p, const weft_layer *l, const weft_holes *h, tile_try t, tile_try *best) {
  const weft_value *out = &p->values[l->ofm.value];
  if (t.tc < l->co && l->has_add && l->res.resident != l->ofm.resident)
    return;                     /* a residual has as many words a pixel as the output */
  if (l->ofm.resident) {
    if (out->layout.py && t.th < l->oh)
      t.th += t.th & 1;
    if (out->layout.px && t.tw < l->ow)
      t.tw += t.tw & 1;
  }
  t.th = weft_min32(t.th, l->oh);
  t.tw = weft_min32(t.tw, l->ow);
  set_layouts(p, l, &t);
  if (!fields_fit(p, l, &t))
    return;
  static const int32_t chunks[] = {1, 2, 3, 4, 6, 8, 12, 16, 24, 32};
  for (t.n_buffers = 2; t.n_buffers >= 1; t.n_buffers--) {
    int32_t rows[WEFT_MAX_BUFFERS];
    int n = list_blocks(l, &t, rows);
    if (!weft_place_blocks(h, n, rows, t.base))
      continue;
    for (size_t k = 0; k < (t.n_buffers > 1 ? 1 : sizeof chunks / sizeof *chunks); k++) {
      t.ch = weft_ceil_div(t.th, chunks[k]);
      t.ch += l->ofm.resident && out->layout.py && t.ch < t.th ? t.ch & 1 : 0;
      t.cost = estimate(p, l, &t);
      if (best->cost < 0 || t.cost < best->cost)
        *best = t;
    }
  }
}

static void set_operand(weft_plan *p, weft_operand *o, const weft_layout *band, const tile_try *t, int *next, int stride) {
  if (o->value < 0)
    return;
  if (o->resident) {
    o->n_buffers = 1;
    o->layout = p->values[o->value].layout;
    o->base[0] = o->base[1] = p->values[o->value].base;
    return;
  }
  o->n_buffers = t->n_buffers;
  o->layout = *band;
  o->base[0] = t->base[*next];
  o->base[1] = t->base[*next + (t->n_buffers > 1 ? stride : 0)];
  ++*next;
}

/* All output tiles of that many channels: full width first, then columns. */
static void try_tiles(const weft_plan *p, const weft_layer *l, const weft_holes *h, int32_t tc, tile_try *best) {
  for (int32_t j = 1; best->cost < 0; j++) {
    for (int32_t k = 1; k <= l->oh; k += 1 + k / 24)
      if (k == 1 || weft_ceil_div(l->oh, k) != weft_ceil_div(l->oh, k - 1))
        try_tile(p, l, h, (tile_try){.th = weft_ceil_div(l->oh, k), .tw = weft_ceil_div(l->ow, j), .tc = tc}, best);
    if (best->cost < 0)
      try_tile(p, l, h, (tile_try){.th = 1, .tw = weft_ceil_div(l->ow, j), .tc = tc}, best);
    if (weft_ceil_div(l->ow, j) == 1)
      break;
  }
}

bool weft_tile_fits_alone(const weft_plan *p, const weft_layer *layer) {
  weft_layer l = *layer;
  weft_holes h = {.n = 1, .to = {weft_spm_rows(p->config)}};
  tile_try best = {.cost = -1};
  l.ifm.resident = l.ofm.resident = l.res.resident = false;
  try_tile(p, &l, &h, (tile_try){.th = 1, .tw = 1, .tc = weft_min32(l.co, p->config->cols)}, &best);
  return best.cost >= 0;
}

/* Picks the layer's tile; false if none fits. What does not fit with all its
 * output channels is cut into n-groups. */
static bool tile_layer(weft_plan *p, int at) {
  weft_layer *l = &p->layers[at];
  weft_holes h;
  if (l->by_parts)
    return weft_parts_tile(p, at);
  weft_place_holes(p, at, &h);
  tile_try best = {.cost = -1};
  bool whole = l->ifm.resident && l->ofm.resident && (l->res.value < 0 || l->res.resident);
  if (whole) {
    best = (tile_try){.th = l->oh, .tw = l->ow, .ch = l->oh, .tc = l->co, .n_buffers = 1, .cost = 0};
    set_layouts(p, l, &best);
  }
  int32_t groups = weft_ceil_div(l->co, p->config->cols);
  for (int32_t k = 1; best.cost < 0; k *= 2) {
    int32_t n = weft_ceil_div(groups, k);
    try_tiles(p, l, &h, n == groups ? l->co : n * p->config->cols, &best);
    if (n == 1)
      break;
  }
  if (best.cost < 0)
    return false;
  l->tile_h = best.th;
  l->tile_w = best.tw;
  l->tile_c = best.tc;
  l->chunk_h = best.ch;
  set_ends(p, l, &best);
  int next = 0, stride = !l->ifm.resident + (l->res.value >= 0 && !l->res.resident) + !l->ofm.resident;
  set_operand(p, &l->ifm, &best.ifm, &best, &next, stride);
  set_operand(p, &l->res, &best.res, &best, &next, stride);
  set_operand(p, &l->ofm, &best.ofm, &best, &next, stride);
  return true;
}

static void note_residency(weft_plan *p) {
  for (int i = 0; i < p->n_layers; i++) {
    weft_layer *l = &p->layers[i];
    if (l->kind == WEFT_LAYER_HOST)
      continue;
    l->ifm.resident = p->values[l->ifm.value].resident;
    l->ofm.resident = p->values[l->ofm.value].resident;
    l->res.resident = l->res.value >= 0 && p->values[l->res.value].resident;
  }
}

/* Largest per use among the resident values that live at one of these layers. */
static int pick_victim(const weft_plan *p, int first, int last) {
  int best = -1;
  double most = 0;
  for (int i = 0; i < p->n_values; i++) {
    const weft_value *v = &p->values[i];
    if (!v->resident || v->first > last || v->last < first)
      continue;
    double gain = (double)v->layout.rows / (1 + v->n_uses);
    if (gain > most) {
      most = gain;
      best = i;
    }
  }
  return best;
}

/* Gives up values until those of each layer could lie side by side. */
static void relieve(weft_plan *p) {
  for (int i = 0; i < p->n_layers; i++)
    for (;;) {
      int64_t rows = 0;
      for (int k = 0; k < p->n_values; k++)
        rows += p->values[k].resident && p->values[k].first <= i && i <= p->values[k].last ? p->values[k].layout.rows : 0;
      if (rows <= weft_spm_rows(p->config))
        break;
      p->values[pick_victim(p, i, i)].resident = false;
    }
}

/* -1: everything placed; else the layer that does not fit when nothing more can
 * be given up. */
static int settle(weft_plan *p) {
  relieve(p);
  for (;;) {
    int failed, victim;
    note_residency(p);
    if (!weft_place_values(p, &failed)) {
      victim = pick_victim(p, p->values[failed].first, p->values[failed].last);
      p->values[victim].resident = false;
      continue;
    }
    int bad = -1;
    for (int i = 0; i < p->n_layers && bad < 0; i++)
      if (p->layers[i].kind != WEFT_LAYER_HOST && !tile_layer(p, i))
        bad = i;
    if (bad < 0)
      return -1;
    victim = pick_victim(p, bad, bad);
    if (victim < 0)
      return bad;
    p->values[victim].resident = false;
  }
}

static void number_segments(weft_plan *p) {
  int segment = 0;
  for (int i = 0; i < p->n_layers; i++) {
    weft_layer *l = &p->layers[i];
    bool host = l->kind == WEFT_LAYER_HOST;
    if (i > 0 && (host || p->layers[i - 1].kind == WEFT_LAYER_HOST))
      segment++;
    l->segment = segment;
  }
}

/* Slices that begin with words of the value, made in one segment. */
static bool slices_fit(const weft_plan *p, int value) {
  const weft_value *v = &p->values[value];
  for (int k = 0; k < p->n_layers; k++) {
    const weft_layer *l = &p->layers[k];
    if (l->ofm.value == value && (l->first_c % p->config->word_bytes || l->segment != p->layers[v->producer].segment))
      return false;
  }
  return true;
}

/* Whole in the scratchpad only between layers of one segment. */
static void choose_residents(weft_plan *p) {
  for (int i = 0; i < p->n_values; i++) {
    weft_value *v = &p->values[i];
    v->resident = v->producer >= 0 && !v->views_differ && p->layers[v->producer].kind != WEFT_LAYER_HOST &&
                  !p->layers[v->producer].by_parts && (!v->is_sliced || slices_fit(p, i));
    int32_t pitch = 0, n_uses = 0;
    for (int k = 0; k < p->n_layers; k++) {
      const weft_layer *l = &p->layers[k];
      bool host = l->kind == WEFT_LAYER_HOST;
      if (l->ifm.value != i && l->res.value != i)
        continue;
      n_uses += !host;
      if (l->by_parts)
        v->resident = false;
      if (!host && v->producer >= 0 && l->segment != p->layers[v->producer].segment)
        v->resident = false;
      if (!host && l->ifm.value == i && !weft_layer_one_row(l))
        pitch = weft_max32(pitch, l->ow);
    }
    v->layout = weft_layout_make(p->config, v->h, v->w, v->c, v->layout.px, v->layout.py, pitch);
    v->resident = v->resident && n_uses > 0 && v->layout.rows <= weft_spm_rows(p->config) &&
                  v->layout.pitch <= 4095 && v->h <= 4095;
  }
}

weft_status weft_pass_tile(weft_plan *p) {
  number_segments(p);
  choose_residents(p);
  int bad = settle(p);
  if (bad < 0)
    return WEFT_OK;
  const weft_layer *l = &p->layers[bad];
  return weft_plan_fail(
      p, WEFT_E_NO_FIT, l,
      weft_diag_text(p->diag, "%dx%dx%d to %dx%dx%d needs more than %d rows even for one output pixel", (int)l->ih,
                     (int)l->iw, (int)l->ci, (int)l->oh, (int)l->ow, (int)l->co, (int)weft_spm_rows(p->config)),
      weft_diag_text(p->diag, "scratchpad.kib %d", (int)p->config->spm_kib));
}
