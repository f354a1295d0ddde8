/* SPDX-License-Identifier: Apache-2.0 */
/* The host's end of the link: go-back-N over a stream of bytes.
 *
 * A job is a list of requests that can be made again at any time. Up to WINDOW
 * are on the way; replies are taken in order. Whatever is wrong (a reply is
 * missing, damaged or says so) ends in the same recovery: read until the line is
 * silent, then send again from the first unanswered request. The device never
 * executes a request twice that must not be, so this is always safe. */
#include "weft_device.h"

#include <string.h>

enum {
#define LINKCONST(name, value, doc) LINK_##name = (value),
#include "link.def"
};
enum {
#define LINKTYPE(name, code, n_bytes, once, doc) TYPE_##name = (code),
#include "link.def"
};
enum {
#define LINKSTATUS(name, code, doc) ST_##name = (code),
#include "link.def"
};
enum {
#define HELLOFIELD(name, offset, bytes, doc) AT_##name = (offset),
#include "link.def"
};
enum { QUIET_MS = 40 };        /* a line silent for so long has nothing on the way */

typedef struct request {
  uint8_t type;
  uint32_t addr;
  const uint8_t *payload;
  uint32_t n_payload;
  uint8_t *reply;
  uint32_t n_reply;
} request;

typedef struct job {
  void (*make)(const struct job *j, uint32_t i, request *r);
  uint32_t n;                   /* requests                                    */
  uint8_t type;
  uint32_t addr, n_bytes, step;
  const uint8_t *from;
  uint8_t *to;
  uint8_t word[4];
} job;

static void put32(uint8_t *p, uint32_t v) {
  for (int i = 0; i < 4; i++)
    p[i] = (uint8_t)(v >> 8 * i);
}

static uint32_t get32(const uint8_t *p) {
  return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static uint32_t bytes_ms(const weft_link *l, uint32_t n_bytes) {
  return l->baud == 0 ? 0 : n_bytes * 10u / (l->baud / 1000u + 1u) + 1u;
}

static int is_cancelled(const weft_link *l) {
  return l->stream.cancelled != NULL && l->stream.cancelled(l->stream.self);
}

static uint32_t now_ms(const weft_link *l) { return l->stream.now_ms(l->stream.self); }

static int send_bytes(weft_link *l, const uint8_t *data, uint32_t n_bytes) {
  uint32_t begin = now_ms(l), limit = l->reply_ms + 2 * bytes_ms(l, n_bytes);
  for (uint32_t at = 0; at < n_bytes;) {
    int n = l->stream.write(l->stream.self, data + at, n_bytes - at, 50);
    if (n < 0)
      return WEFT_DEV_CABLE;
    if (is_cancelled(l))
      return WEFT_DEV_CANCELLED;
    at += (uint32_t)n;
    if (at < n_bytes && now_ms(l) - begin > limit)
      return WEFT_DEV_NO_ANSWER;
  }
  return WEFT_DEV_OK;
}

/* One more byte into the frame; > 0: its length, whole and good. */
static int add_byte(weft_link *l, uint8_t b) {
  l->frame[l->n_frame++] = b;
  for (;;) {
    int seq, n = weft_frame_look(l->frame, l->n_frame, &seq);
    if (n >= 0)
      return n;
    if (seq >= 0)
      l->n_bad++;
    l->n_frame -= (uint32_t)-n;
    for (uint32_t i = 0; i < l->n_frame; i++)
      l->frame[i] = l->frame[i + (uint32_t)-n];
  }
}

/* Next good frame, or 0 when wait_ms passed since begin, or an error < 0. *is_heard:
 * bytes came. Who takes frames until the right one comes keeps begin: frames that
 * nobody asked for buy no time. */
static int next_frame(weft_link *l, uint32_t begin, uint32_t wait_ms, int *is_heard) {
  for (;;) {
    while (l->at_in < l->n_in) {
      int n = add_byte(l, l->in[l->at_in++]);
      if (n > 0) {
        l->n_frame = 0;
        return n;
      }
    }
    uint32_t gone = now_ms(l) - begin;
    if (gone >= wait_ms)
      return 0;
    if (is_cancelled(l))
      return -WEFT_DEV_CANCELLED;
    uint32_t left = wait_ms - gone;
    int n = l->stream.read(l->stream.self, l->in, sizeof l->in, left < 50 ? left : 50);
    if (n < 0)
      return -WEFT_DEV_CABLE;
    l->at_in = 0;
    l->n_in = (uint32_t)n;
    *is_heard |= n > 0;
  }
}

/* Until the line is silent, or what can be on the way has had its time: a port
 * that never is silent ends in the count of tries. */
static int drain(weft_link *l, uint32_t quiet_ms) {
  uint32_t begin = now_ms(l), limit = l->reply_ms + bytes_ms(l, LINK_WINDOW * WEFT_LINK_FRAME_MAX);
  int is_heard = 0, n;
  do {
    n = next_frame(l, now_ms(l), quiet_ms, &is_heard);
  } while (n > 0 && now_ms(l) - begin < limit);
  l->n_frame = 0;
  l->n_in = l->at_in = 0;
  return n < 0 ? -n : WEFT_DEV_OK;
}

static int send_request(weft_link *l, const job *j, uint32_t i, uint8_t seq) {
  request r;
  memset(&r, 0, sizeof r);
  j->make(j, i, &r);
  uint32_t n = weft_frame_make(l->out, r.type, seq, r.addr, r.payload, r.n_payload);
  l->n_frames++;
  return send_bytes(l, l->out, n);
}

/* Zeros end any frame that the device waits in. */
static int flush(weft_link *l) {
  uint32_t n = LINK_FLUSH_BYTES;
  memset(l->out, 0, sizeof l->out);
  while (n > 0) {
    uint32_t k = n < sizeof l->out ? n : (uint32_t)sizeof l->out;
    int e = send_bytes(l, l->out, k);
    if (e != WEFT_DEV_OK)
      return e;
    n -= k;
  }
  return drain(l, QUIET_MS);
}

static void make_one(const job *j, uint32_t i, request *r) {
  (void)i;
  r->type = j->type;
  r->addr = j->addr;
  r->payload = j->from;
  r->n_payload = j->n_bytes;
  r->reply = j->to;
  r->n_reply = j->step;
}

/* Sends one HELLO with this seq and waits for its answer once. */
static int try_hello(weft_link *l, uint8_t seq, uint32_t wait_ms, uint8_t *reply, int *is_heard) {
  job j = {make_one, 1, TYPE_HELLO, 0, 0, LINK_HELLO_BYTES, NULL, reply, {0}};
  int e = send_request(l, &j, 0, seq);
  if (e != WEFT_DEV_OK)
    return e;
  for (uint32_t begin = now_ms(l);;) {
    int n = next_frame(l, begin, wait_ms, is_heard);
    if (n < 0)
      return -n;
    if (n == 0)
      return WEFT_DEV_NO_ANSWER;
    if (l->frame[2] == (TYPE_HELLO | LINK_REPLY_FLAG) && l->frame[3] == seq && l->frame[6] == ST_OK &&
        n == LINK_HEADER_BYTES + LINK_HELLO_BYTES + LINK_PCRC_BYTES) {
      memcpy(reply, l->frame + LINK_HEADER_BYTES, LINK_HELLO_BYTES);
      return WEFT_DEV_OK;
    }
  }
}

typedef struct progress {
  uint32_t base, sent;          /* first unanswered, next to send              */
  uint8_t seq0;                 /* of request 0                                */
  uint32_t tries;
  int is_heard;
} progress;

/* After damage: back to the first unanswered request, in step with the device. */
static int recover(weft_link *l, progress *p, int is_silent) {
  if (p->tries++ >= LINK_RETRIES)
    return p->is_heard ? WEFT_DEV_DAMAGED : WEFT_DEV_NO_ANSWER;
  int e = is_silent ? flush(l) : drain(l, QUIET_MS);
  if (e != WEFT_DEV_OK)
    return e;
  if (p->tries >= 2) {          /* it may expect another number: tell it ours  */
    uint8_t reply[LINK_HELLO_BYTES];
    e = try_hello(l, (uint8_t)(p->seq0 + p->base - 1), l->reply_ms, reply, &p->is_heard);
    if (e != WEFT_DEV_OK && e != WEFT_DEV_NO_ANSWER)
      return e;
  }
  l->n_resent += p->sent - p->base;
  p->sent = p->base;
  return WEFT_DEV_OK;
}

/* A good frame: answers the first open request, says that something is wrong
 * (*is_wrong), or is not ours (an answer that comes twice). */
static int take_reply(weft_link *l, const job *j, progress *p, int n_bytes, int *is_wrong) {
  request r;
  uint32_t ahead = (uint8_t)(l->frame[3] - (uint8_t)(p->seq0 + p->base));
  uint32_t n_payload = (uint32_t)n_bytes - LINK_HEADER_BYTES - LINK_PCRC_BYTES;
  *is_wrong = 0;
  if (ahead >= p->sent - p->base)
    return WEFT_DEV_OK;
  memset(&r, 0, sizeof r);
  j->make(j, p->base + ahead, &r);
  if (l->frame[2] != (r.type | LINK_REPLY_FLAG))
    return WEFT_DEV_OK;
  uint8_t status = l->frame[6];
  if (ahead != 0 || status == ST_BAD_CRC || status == ST_BAD_SEQ) {
    *is_wrong = 1;
    return WEFT_DEV_OK;
  }
  if (status != ST_OK) {
    l->refused = status;
    return WEFT_DEV_REFUSED;
  }
  if (n_payload == r.n_reply && n_payload != 0)
    memcpy(r.reply, l->frame + LINK_HEADER_BYTES, n_payload);
  else if (n_payload != r.n_reply && n_payload != 0)
    return WEFT_DEV_VERSION;
  else if (n_payload == 0 && r.n_reply != 0)
    return WEFT_DEV_VERSION;
  p->base++;
  p->tries = 0;
  p->is_heard = 0;              /* of the next one                             */
  return WEFT_DEV_OK;
}

static int run_job(weft_link *l, const job *j) {
  progress p = {0, 0, l->next_seq, 0, 0};
  uint32_t begin = 0;
  int e = l->is_open ? WEFT_DEV_OK : WEFT_DEV_NO_ANSWER, is_new = 1;
  while (e == WEFT_DEV_OK && p.base < j->n) {
    while (e == WEFT_DEV_OK && p.sent < j->n && p.sent - p.base < LINK_WINDOW) {
      e = send_request(l, j, p.sent, (uint8_t)(p.seq0 + p.sent));
      p.sent++;
    }
    if (e != WEFT_DEV_OK)
      break;
    begin = is_new ? now_ms(l) : begin;
    uint32_t on_the_way = (p.sent - p.base) * WEFT_LINK_FRAME_MAX, base = p.base;
    int n = next_frame(l, begin, l->reply_ms + bytes_ms(l, 2 * on_the_way), &p.is_heard);
    int is_wrong = n == 0;
    if (n < 0)
      e = -n;
    else if (n > 0)
      e = take_reply(l, j, &p, n, &is_wrong);
    if (e == WEFT_DEV_OK && is_wrong)
      e = recover(l, &p, n == 0);
    is_new = is_wrong || p.base != base;
  }
  if (e == WEFT_DEV_REFUSED && p.sent - p.base > 1) {
    int drained = drain(l, QUIET_MS);
    e = drained != WEFT_DEV_OK ? drained : e;
  }
  l->next_seq = (uint8_t)(p.seq0 + p.base);
  return e;
}

static int one(weft_link *l, uint8_t type, uint32_t addr, const uint8_t *payload, uint32_t n_payload,
               uint8_t *reply, uint32_t n_reply) {
  job j = {make_one, 1, type, addr, n_payload, n_reply, payload, reply, {0}};
  return run_job(l, &j);
}

/* ---- the transport ----------------------------------------------------------- */
static int link_hello(void *self, weft_dev_info *info) {
  weft_link *l = self;
  uint8_t r[LINK_HELLO_BYTES];
  int e = WEFT_DEV_NO_ANSWER, is_heard = 0;
  l->n_in = l->at_in = l->n_frame = 0;
  for (uint32_t i = 0; i < LINK_RETRIES && e == WEFT_DEV_NO_ANSWER; i++) {
    l->next_seq = (uint8_t)(l->next_seq + 37);
    if (i > 0 && (e = flush(l)) != WEFT_DEV_OK)
      return e;
    e = try_hello(l, l->next_seq, l->reply_ms, r, &is_heard);
  }
  if (e != WEFT_DEV_OK)
    return e == WEFT_DEV_NO_ANSWER && is_heard ? WEFT_DEV_DAMAGED : e;
  l->next_seq++;
  l->is_open = 1;
  memset(info, 0, sizeof *info);
  info->version = get32(r + AT_VERSION);
  info->board_id = get32(r + AT_BOARD_ID);
  info->clock_hz = get32(r + AT_CLOCK_HZ);
  info->build_id = get32(r + AT_BUILD_ID) | (uint64_t)get32(r + AT_BUILD_ID + 4) << 32;
  info->config_hash = get32(r + AT_CONFIG_HASH) | (uint64_t)get32(r + AT_CONFIG_HASH + 4) << 32;
  info->mem_bytes = get32(r + AT_MEM_BYTES);
  info->baud = get32(r + AT_BAUD);
  info->rows = r[AT_ROWS];
  info->cols = r[AT_COLS];
  info->lanes = r[AT_LANES];
  info->beat_bytes = r[AT_BEAT_BYTES];
  info->isa_version = get32(r + AT_ISA_VERSION);
  return get32(r + AT_MAGIC) == 0x54464557u && info->version == LINK_VERSION ? WEFT_DEV_OK : WEFT_DEV_VERSION;
}

static int link_reg_read(void *self, uint32_t address, uint32_t *value) {
  uint8_t r[4];
  int e = one(self, TYPE_RD_REG, address, NULL, 0, r, 4);
  if (e == WEFT_DEV_OK)
    *value = get32(r);
  return e;
}

static int link_reg_write(void *self, uint32_t address, uint32_t value) {
  uint8_t w[4];
  put32(w, value);
  return one(self, TYPE_WR_REG, address, w, 4, NULL, 0);
}

static void make_chunk(const job *j, uint32_t i, request *r) {
  uint32_t at = i * j->step, left = j->n_bytes - at, n = left < j->step ? left : j->step;
  r->type = j->type;
  r->addr = j->addr + at;
  if (j->type == TYPE_WR_MEM) {
    r->payload = j->from + at;
    r->n_payload = n;
    return;
  }
  put32((uint8_t *)(uintptr_t)j->word, n);
  r->payload = j->word;
  r->n_payload = 4;
  r->reply = j->to + (j->type == TYPE_CRC_MEM ? 4 * i : at);
  r->n_reply = j->type == TYPE_CRC_MEM ? 4 : n;
}

static int in_chunks(weft_link *l, uint8_t type, uint32_t addr, uint32_t n_bytes, uint32_t step,
                     const uint8_t *from, uint8_t *to) {
  job j = {make_chunk, n_bytes / step + (n_bytes % step != 0), type, addr, n_bytes, step, from, to, {0}};
  if (addr % LINK_ADDR_ALIGN != 0)
    return WEFT_DEV_BAD_ARG;
  return run_job(l, &j);
}

static int link_mem_write(void *self, uint32_t address, const uint8_t *data, uint32_t n_bytes) {
  return in_chunks(self, TYPE_WR_MEM, address, n_bytes, LINK_PAYLOAD_MAX, data, NULL);
}

static int link_mem_read(void *self, uint32_t address, uint8_t *data, uint32_t n_bytes) {
  return in_chunks(self, TYPE_RD_MEM, address, n_bytes, LINK_PAYLOAD_MAX, NULL, data);
}

static int link_mem_crc(void *self, uint32_t address, uint32_t n_bytes, uint32_t chunk_bytes, uint32_t *crcs) {
  if (chunk_bytes == 0 || chunk_bytes % LINK_ADDR_ALIGN != 0 || chunk_bytes > LINK_CRC_MAX)
    return WEFT_DEV_BAD_ARG;
  uint8_t *bytes = (uint8_t *)crcs;
  int e = in_chunks(self, TYPE_CRC_MEM, address, n_bytes, chunk_bytes, NULL, bytes);
  for (uint32_t i = 0; e == WEFT_DEV_OK && i < n_bytes / chunk_bytes + (n_bytes % chunk_bytes != 0); i++) {
    uint32_t v = get32(bytes + 4 * i);
    memcpy(&crcs[i], &v, sizeof v);
  }
  return e;
}

static int link_run(void *self, uint32_t run_id) { return one(self, TYPE_RUN, run_id, NULL, 0, NULL, 0); }
static int link_reset(void *self) { return one(self, TYPE_RESET, 0, NULL, 0, NULL, 0); }

static int link_status(void *self, weft_dev_status *out) {
  uint8_t r[12];
  int e = one(self, TYPE_STATUS, 0, NULL, 0, r, 12);
  if (e != WEFT_DEV_OK)
    return e;
  out->csr = get32(r);
  out->run_id = get32(r + 4);
  out->probe = get32(r + 8);
  return WEFT_DEV_OK;
}

static uint32_t link_now(void *self) {
  weft_link *l = self;
  return l->stream.now_ms(l->stream.self);
}

static void link_pause(void *self, uint32_t ms) {
  weft_link *l = self;
  if (l->stream.pause_ms != NULL)
    l->stream.pause_ms(l->stream.self, ms);
}

void weft_link_init(weft_link *l, const weft_stream *s, uint32_t baud, weft_transport *t) {
  memset(l, 0, sizeof *l);
  l->stream = *s;
  l->baud = baud;
  l->reply_ms = LINK_REPLY_MS;
  memset(t, 0, sizeof *t);
  t->self = l;
  t->hello = link_hello;
  t->reg_read = link_reg_read;
  t->reg_write = link_reg_write;
  t->mem_write = link_mem_write;
  t->mem_read = link_mem_read;
  t->mem_crc = link_mem_crc;
  t->run = link_run;
  t->status = link_status;
  t->reset = link_reset;
  t->now_ms = link_now;
  t->pause_ms = link_pause;
}

int weft_link_set_baud(weft_link *l, const weft_dev_info *info, uint32_t baud) {
  uint8_t reply[LINK_HELLO_BYTES];
  int is_heard = 0;
  if (l->stream.set_baud == NULL || baud == 0 || info->clock_hz == 0 || baud > info->clock_hz / 4)
    return WEFT_DEV_BAD_ARG;
  uint32_t inc = (uint32_t)((((uint64_t)baud << LINK_BAUD_ACC_BITS) + info->clock_hz / 2) / info->clock_hz);
  int e = one(l, TYPE_SET_BAUD, inc, NULL, 0, NULL, 0);
  if (e != WEFT_DEV_OK || l->stream.set_baud(l->stream.self, baud) != 0)
    return e != WEFT_DEV_OK ? e : WEFT_DEV_CABLE;
  for (int i = 0; i < 3; i++) {
    link_pause(l, 2);
    l->next_seq = (uint8_t)(l->next_seq + 37);
    e = try_hello(l, l->next_seq, LINK_BAUD_FALLBACK_MS / 4, reply, &is_heard);
    l->next_seq++;
    if (e == WEFT_DEV_OK) {
      l->baud = baud;
      return e;
    }
  }
  weft_dev_info again;
  if (l->stream.set_baud(l->stream.self, info->baud) != 0)
    return WEFT_DEV_CABLE;
  l->baud = info->baud;
  link_pause(l, 3 * LINK_BAUD_FALLBACK_MS);
  int old = link_hello(l, &again);
  return old != WEFT_DEV_OK ? old : WEFT_DEV_DAMAGED;
}
