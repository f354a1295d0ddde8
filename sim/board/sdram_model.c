/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/board/sdram_model.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define N_ANSWERS 8u
#define NEVER INT64_MIN

enum { CMD_MODE, CMD_REFRESH, CMD_PRECHARGE, CMD_ACTIVATE, CMD_WRITE, CMD_READ, CMD_STOP, CMD_NOP };

typedef struct bank_state {
  bool open;
  uint32_t row;
  int64_t activated, precharged, written;   /* ps, NEVER                       */
} bank_state;

typedef struct answer {         /* data of a read on the wires                 */
  int64_t from, until;          /* ps                                          */
  uint32_t data;
} answer;

struct sdram_model {
  sdram_chip chip;
  sdram_faults faults;
  uint32_t period, shift, flight;
  uint32_t *words;
  int64_t now;                  /* of this edge; the first is at shift         */
  bank_state banks[SDRAM_BANKS];
  int64_t refreshed, moded, turned;         /* turned: last edge with read data */
  uint32_t cas_latency;         /* 0: mode not loaded                          */
  bool all_precharged;
  uint32_t init_refreshes;
  int64_t refresh_origin;       /* refreshes are counted from here             */
  uint64_t refresh_count;
  answer answers[N_ANSWERS];
  uint32_t n_answers;
  uint64_t noise;
  sdram_counts counts;
  const char *rule;
  char error[200];
};

static const sdram_chip chips[] = {
#define CHIP(...) {__VA_ARGS__},
#include "sim/board/sdram_chips.def"
};
#define N_CHIPS (sizeof chips / sizeof *chips)

const sdram_chip *sdram_chip_at(size_t i) { return i < N_CHIPS ? &chips[i] : NULL; }

const sdram_chip *sdram_chip_find(const char *name) {
  for (size_t i = 0; i < N_CHIPS; i++)
    if (strcmp(chips[i].name, name) == 0)
      return &chips[i];
  return NULL;
}

static uint32_t next_noise(sdram_model *m) {
  m->noise = m->noise * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (uint32_t)(m->noise >> 32);
}

static size_t n_words(const sdram_chip *c) {
  return (size_t)SDRAM_BANKS << (c->row_bits + c->col_bits);
}

sdram_model *sdram_open(const sdram_chip *chip, uint32_t period_ps, uint32_t shift_ps,
                        uint32_t flight_ps, uint64_t seed) {
  if ((chip->data_bits != 16 && chip->data_bits != 32) || chip->row_bits > 13 || chip->col_bits > 10 ||
      period_ps == 0 || shift_ps == 0 || shift_ps > period_ps)
    return NULL;
  sdram_model *m = calloc(1, sizeof *m);
  if (m == NULL)
    return NULL;
  m->chip = *chip;
  m->period = period_ps;
  m->shift = shift_ps;
  m->flight = flight_ps;
  m->now = (int64_t)shift_ps - (int64_t)period_ps;
  m->noise = seed;
  m->refreshed = m->moded = m->turned = NEVER;
  for (uint32_t b = 0; b < SDRAM_BANKS; b++)
    m->banks[b].activated = m->banks[b].precharged = m->banks[b].written = NEVER;
  m->words = calloc(n_words(chip), sizeof *m->words);
  if (m->words == NULL) {
    free(m);
    return NULL;
  }
  return m;
}

void sdram_close(sdram_model *m) {
  if (m != NULL)
    free(m->words);
  free(m);
}

void sdram_set_faults(sdram_model *m, const sdram_faults *f) { m->faults = *f; }
const char *sdram_error(const sdram_model *m) { return m->rule != NULL ? m->error : NULL; }
const char *sdram_error_rule(const sdram_model *m) { return m->rule; }
sdram_counts sdram_counted(const sdram_model *m) { return m->counts; }

uint32_t *sdram_word(sdram_model *m, uint32_t bank, uint32_t row, uint32_t col) {
  const uint32_t r = row & ((1u << m->chip.row_bits) - 1u), c = col & ((1u << m->chip.col_bits) - 1u);
  return &m->words[((((size_t)r << 2) | (bank & 3u)) << m->chip.col_bits) | c];
}

/* ---- rules ------------------------------------------------------------------ */
static void broken(sdram_model *m, const char *rule, const char *form, ...) {
  if (m->rule != NULL)
    return;
  va_list args;
  va_start(args, form);
  const int n = snprintf(m->error, sizeof m->error, "%s: %s: ", m->chip.name, rule);
  vsnprintf(m->error + n, sizeof m->error - (size_t)n, form, args);
  va_end(args);
  const size_t used = strlen(m->error);
  snprintf(m->error + used, sizeof m->error - used, " (clock %" PRIu64 ")", m->counts.clocks);
  m->rule = rule;
}

static void at_least(sdram_model *m, const char *rule, int64_t since, uint64_t least) {
  if (since != NEVER && m->now - since < (int64_t)least)
    broken(m, rule, "allowed from %" PRIu64 " ps on, found %" PRId64 " ps", least, m->now - since);
}

/* A time and a number of clocks, whichever is longer. */
static uint64_t longer(const sdram_model *m, uint64_t ps, uint64_t clocks) {
  const uint64_t c = clocks * m->period;
  return ps > c ? ps : c;
}

static void after_common(sdram_model *m) {
  at_least(m, "tRFC", m->refreshed, m->chip.rfc);
  at_least(m, "tMRD", m->moded, (uint64_t)m->chip.mrd_ck * m->period);
}

static void precharge_bank(sdram_model *m, bank_state *b) {
  if (b->open) {
    at_least(m, "tRAS", b->activated, m->chip.ras);
    at_least(m, "tWR", b->written, longer(m, m->chip.wr, m->chip.wr_ck));
    if (m->now - b->activated > (int64_t)m->chip.ras_max)
      broken(m, "tRAS max", "a row stayed open %" PRId64 " ps, allowed %" PRIu32, m->now - b->activated,
             m->chip.ras_max);
  }
  b->open = false;
  b->precharged = m->now;
}

static void precharge(sdram_model *m, const sdram_pins *p) {
  after_common(m);
  if ((p->a >> 10 & 1u) == 0) {
    precharge_bank(m, &m->banks[p->ba & 3u]);
    return;
  }
  for (uint32_t b = 0; b < SDRAM_BANKS; b++)
    precharge_bank(m, &m->banks[b]);
  m->all_precharged = true;
}

static void need_closed(sdram_model *m, const char *what) {
  for (uint32_t b = 0; b < SDRAM_BANKS; b++) {
    if (m->banks[b].open)
      broken(m, "bank open", "%s while bank %" PRIu32 " has a row open", what, b);
    at_least(m, "tRP", m->banks[b].precharged, m->chip.rp);
  }
}

static void refresh(sdram_model *m) {
  if (!m->all_precharged)
    broken(m, "init order", "a refresh before PRECHARGE ALL");
  after_common(m);
  need_closed(m, "refresh");
  m->refreshed = m->now;
  m->refresh_count++;
  m->init_refreshes++;
  m->counts.refreshes++;
}

static void load_mode(sdram_model *m, const sdram_pins *p) {
  if (m->init_refreshes < m->chip.init_refreshes)
    broken(m, "init order", "mode after %" PRIu32 " refreshes, allowed from %" PRIu32 " on", m->init_refreshes,
           m->chip.init_refreshes);
  after_common(m);
  need_closed(m, "mode");
  const uint32_t cl = p->a >> 4 & 7u;
  if ((p->a & 0xfu) != 0 || (p->a & 0x180u) != 0)
    broken(m, "mode", "A = %03" PRIx32 ", allowed: burst length 1, standard operation", p->a);
  const uint32_t tck = cl == 2 ? m->chip.tck2 : cl == 3 ? m->chip.tck3 : 0;
  if (tck == 0)
    broken(m, "CAS latency", "%" PRIu32 ", allowed 2 and 3", cl);
  else if (m->period < tck)
    broken(m, "tCK", "allowed from %" PRIu32 " ps on with CAS latency %" PRIu32 ", found %" PRIu32, tck, cl, m->period);
  m->cas_latency = cl;
  m->moded = m->now;
  m->refresh_origin = m->now;
  m->refresh_count = 0;
}

static void need_mode(sdram_model *m, const char *what) {
  if (m->cas_latency == 0)
    broken(m, "init order", "%s before the mode register was loaded", what);
  after_common(m);
}

static void activate(sdram_model *m, const sdram_pins *p) {
  need_mode(m, "ACTIVATE");
  bank_state *b = &m->banks[p->ba & 3u];
  if (b->open)
    broken(m, "bank open", "ACTIVATE of bank %" PRIu32 ", whose row %" PRIu32 " is open", p->ba, b->row);
  at_least(m, "tRP", b->precharged, m->chip.rp);
  at_least(m, "tRC", b->activated, m->chip.rc);
  for (uint32_t i = 0; i < SDRAM_BANKS; i++)
    if (i != (p->ba & 3u))
      at_least(m, "tRRD", m->banks[i].activated, m->chip.rrd);
  b->open = true;
  b->row = p->a & ~m->faults.dead_address;
  b->activated = m->now;
  b->written = NEVER;
  m->counts.activates++;
}

static uint32_t *addressed(sdram_model *m, const sdram_pins *p, const char *what) {
  need_mode(m, what);
  bank_state *b = &m->banks[p->ba & 3u];
  if (!b->open)
    broken(m, "bank closed", "%s in bank %" PRIu32 ", which has no row open", what, p->ba);
  at_least(m, "tRCD", b->activated, m->chip.rcd);
  if ((p->a >> 10 & 1u) != 0)
    broken(m, "auto precharge", "%s with A10 high", what);
  return sdram_word(m, p->ba, b->row, p->a & 0x3ffu & ~m->faults.dead_address);
}

static void write_word(sdram_model *m, const sdram_pins *p) {
  uint32_t *w = addressed(m, p, "WRITE");
  if (!p->dq_oe)
    broken(m, "write data", "WRITE while nobody drives dq");
  for (uint32_t i = 0; i < m->chip.data_bits / 8; i++)
    if ((p->dqm >> i & 1u) == 0)
      *w = (*w & ~(0xffu << 8 * i)) | (p->dq & 0xffu << 8 * i);
  m->banks[p->ba & 3u].written = m->now;
  m->counts.writes++;
}

static void read_word(sdram_model *m, const sdram_pins *p) {
  const uint32_t data = *addressed(m, p, "READ") & ~m->faults.dead_data;
  if (p->dqm != 0)
    broken(m, "dqm", "READ with a byte masked");
  const uint32_t cl = m->cas_latency, ac = cl == 2 ? m->chip.ac2 : m->chip.ac3;
  m->answers[m->n_answers++ % N_ANSWERS] = (answer){
    m->now + (int64_t)(cl - 1) * m->period + ac + m->flight,
    m->now + (int64_t)cl * m->period + m->chip.oh + m->flight, data};
  m->turned = m->now + (int64_t)cl * m->period;
  m->counts.reads++;
}

/* The chip drives until a hold after the edge `turned`; one idle clock after. */
static void check_bus(sdram_model *m, const sdram_pins *p) {
  if (p->dq_oe && m->turned != NEVER && m->now - m->turned < 2 * (int64_t)m->period)
    broken(m, "bus turn", "dq driven %" PRId64 " ps after the last read's data edge, allowed from %" PRIu64 " on",
           m->now - m->turned, 2 * (uint64_t)m->period);
}

static void check_refresh(sdram_model *m) {
  if (m->cas_latency == 0)
    return;
  const uint64_t due = (uint64_t)(m->now - m->refresh_origin) / m->chip.refi;
  if (due > m->refresh_count + SDRAM_POSTPONED)
    broken(m, "tREFI", "%" PRIu64 " refreshes due, found %" PRIu64 ", allowed to postpone %u", due, m->refresh_count,
           SDRAM_POSTPONED);
  if (m->refresh_count > due + SDRAM_POSTPONED) {      /* early ones do not count */
    m->refresh_origin = m->now;
    m->refresh_count = 0;
  }
}

bool sdram_clock(sdram_model *m, const sdram_pins *p) {
  m->now += m->period;
  m->counts.clocks++;
  check_bus(m, p);
  check_refresh(m);
  if (p->cs_n || m->rule != NULL)
    return m->rule == NULL;
  const unsigned cmd = (unsigned)p->ras_n << 2 | (unsigned)p->cas_n << 1 | p->we_n;
  if (cmd == CMD_NOP)
    return true;
  if (!p->cke)
    broken(m, "CKE", "a command while CKE is low");
  if (m->now < (int64_t)m->chip.power_up)
    broken(m, "power up", "a command after %" PRId64 " ps, allowed from %" PRIu32 " on", m->now, m->chip.power_up);
  switch (cmd) {
  case CMD_MODE: load_mode(m, p); break;
  case CMD_REFRESH: refresh(m); break;
  case CMD_PRECHARGE: precharge(m, p); break;
  case CMD_ACTIVATE: activate(m, p); break;
  case CMD_WRITE: write_word(m, p); break;
  case CMD_READ: read_word(m, p); break;
  default: broken(m, "command", "BURST STOP, which burst length 1 has no use for"); break;
  }
  return m->rule == NULL;
}

uint32_t sdram_dq(sdram_model *m, uint64_t at_ps) {
  const uint32_t mask = m->chip.data_bits == 32 ? UINT32_MAX : 0xffffu;
  const uint32_t garbage = next_noise(m) & mask;
  for (uint32_t i = 0; i < N_ANSWERS; i++)
    if ((int64_t)at_ps >= m->answers[i].from && (int64_t)at_ps < m->answers[i].until)
      return m->answers[i].data & mask;
  return garbage & ~m->faults.dead_data;
}
