/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/board/board_model.h"

#include <string.h>

#include "device/weft_device.h"
#include "isa.def"   /* ISA_VERSION */
#include "runtime/runtime.h"

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
enum {
#define LINKREG(name, address, access, doc) REG_##name = (address),
#include "link.def"
};
enum {
#define CSR(name, offset, access, doc) CSR_##name = (offset),
#include "csr.def"
};
enum { N_CSRS = 64, FAULT_RANGE_CODE = 2, FAULT_ANY = 1, IN_CAP = 2048, OUT_CAP = 1 << 17, REG_FIRST = 0x1000 };

typedef struct board {
  weft_arena *arena;
  const weft_config *config;
  weft_board_traits traits;
  uint8_t *memory;
  void *model;                             /* weft_backend_model                 */
  uint32_t csr[N_CSRS];
  uint32_t run_id, phase;
  uint8_t expected;
  uint64_t n_runs;
  uint8_t in[IN_CAP], out[OUT_CAP];
  uint32_t n_in, out_from, out_to;
} board;

static bool link_once(uint8_t type) {
  switch (type) {
#define LINKTYPE(name, code, n_bytes, once, doc) \
  case code:                                     \
    return once;
#include "link.def"
  default:
    return false;
  }
}

/* Length of a request's payload, -1: any. */
static int length_of(uint8_t type) {
  switch (type) {
#define LINKTYPE(name, code, n_bytes, once, doc) \
  case code:                                     \
    return n_bytes;
#include "link.def"
  default:
    return -1;
  }
}

static void answer(board *b, const uint8_t *frame, uint8_t status, const uint8_t *payload, uint32_t n) {
  uint8_t reply[WEFT_LINK_FRAME_MAX];
  uint32_t n_reply = weft_frame_make(reply, (uint8_t)(frame[2] | LINK_REPLY_FLAG), frame[3],
                                     status | (uint32_t)b->expected << 8, payload, n);
  if (b->out_to + n_reply > OUT_CAP) {
    memmove(b->out, b->out + b->out_from, b->out_to - b->out_from);
    b->out_to -= b->out_from;
    b->out_from = 0;
  }
  if (b->out_to + n_reply > OUT_CAP)
    return;
  memcpy(b->out + b->out_to, reply, n_reply);
  b->out_to += n_reply;
}

static uint32_t hello(const board *b, uint8_t *p) {
  memset(p, 0, LINK_HELLO_BYTES);
  weft_put_le32(p + AT_MAGIC, 0x54464557u);
  weft_put_le32(p + AT_VERSION, LINK_VERSION);
  weft_put_le32(p + AT_BOARD_ID, b->traits.board_id);
  weft_put_le32(p + AT_CLOCK_HZ, b->traits.clock_hz);
  weft_put_le64(p + AT_BUILD_ID, b->traits.build_id);
  weft_put_le64(p + AT_CONFIG_HASH, weft_config_hash(b->config));
  weft_put_le32(p + AT_MEM_BYTES, b->traits.mem_bytes);
  weft_put_le32(p + AT_BAUD, b->traits.baud);
  p[AT_ROWS] = (uint8_t)b->config->rows;
  p[AT_COLS] = (uint8_t)b->config->cols;
  p[AT_LANES] = (uint8_t)b->config->lanes;
  p[AT_BEAT_BYTES] = (uint8_t)b->config->beat_bytes;
  weft_put_le32(p + AT_ISA_VERSION, ISA_VERSION);
  return LINK_HELLO_BYTES;
}

/* A defect of the memory is seen by whoever reads it. */
static void apply_defect(board *b, uint32_t address, uint32_t n) {
  const weft_board_traits *t = &b->traits;
  if (t->has_dead_bit && t->dead_address >= address && t->dead_address - address < n)
    b->memory[t->dead_address] &= (uint8_t)~t->dead_mask;
}

static void end_run(board *b, uint32_t fault) { b->csr[CSR_STATUS / 4] = 2u | fault << 4; }

/* Instructions and regions as they lie in memory. */
static void start(board *b) {
  weft_arena *a = weft_arena_new();
  uint8_t *regions[4];
  weft_prog_segment segment = {.kind = WEFT_SEG_ACCEL};
  weft_program p = {.model = "board", .config_hash = weft_config_hash(b->config), .n_segments = 1, .segments = &segment};
  b->n_runs++;
  b->csr[CSR_STATUS / 4] = 1;
  bool is_inside = !b->traits.is_endless;
  for (uint32_t i = 0; i < 4; i++) {
    uint32_t base = b->csr[CSR_BASE0 / 4 + 2 * i] & ~63u, size = b->csr[CSR_SIZE0 / 4 + 2 * i];
    is_inside = is_inside && base <= b->traits.mem_bytes && size <= b->traits.mem_bytes - base;
    regions[i] = b->memory + base;
    p.region_bytes[i] = size;
  }
  uint32_t offset = b->csr[CSR_PROG_OFFSET / 4] & ~63u, n = b->csr[CSR_PROG_INSNS / 4];
  is_inside = is_inside && offset <= p.region_bytes[0] && n <= (p.region_bytes[0] - offset) / WEFT_INSN_BYTES;
  if (is_inside) {
    weft_insn *insns = WEFT_NEW(a, weft_insn, n + 1);
    for (uint32_t i = 0; i < n; i++)
      insns[i] = weft_insn_load(regions[0] + offset + i * WEFT_INSN_BYTES);
    p.insns = insns;
    p.n_insns = segment.n_insns = n;
    uint8_t *before = b->traits.stores_nothing ? weft_arena_copy(a, b->memory, b->traits.mem_bytes) : NULL;
    weft_status s = weft_backend_model.run(b->model, weft_diag_new(a), &p, 0, regions, NULL, NULL, NULL);
    if (before != NULL)
      memcpy(b->memory, before, b->traits.mem_bytes);
    for (uint32_t i = 0; b->traits.wrong_run != 0 && b->n_runs >= b->traits.wrong_run && i < p.region_bytes[WEFT_REGION_OUTPUT]; i++)
      regions[WEFT_REGION_OUTPUT][i] ^= 0x80u;
    end_run(b, s == WEFT_OK ? 0 : FAULT_ANY);
  } else if (!b->traits.is_endless)
    end_run(b, FAULT_RANGE_CODE);
  weft_arena_free(&a);
  apply_defect(b, 0, b->traits.mem_bytes);
}

static uint32_t read_register(const board *b, uint32_t address) {
  switch (address) {
  case CSR_ID:
    return 0x54464557u;
  case CSR_ISA_VERSION:
    return ISA_VERSION;
  case CSR_HASH_LO:
    return (uint32_t)weft_config_hash(b->config);
  case CSR_HASH_HI:
    return (uint32_t)(weft_config_hash(b->config) >> 32);
  default:
    return address >= REG_FIRST ? 1 : address < 4 * N_CSRS ? b->csr[address / 4] : 0;
  }
}

static void write_register(board *b, uint32_t address, uint32_t value) {
  if (address == REG_PHASE)
    b->phase = value & 0xffu;
  else if (address == CSR_CTRL && (value & 2u) != 0)
    b->csr[CSR_STATUS / 4] = 0;
  else if (address == CSR_CTRL && (value & 1u) != 0)
    start(b);
  else if (address >= CSR_BASE0 && address <= CSR_WATCHDOG)
    b->csr[address / 4] = value;
}

static uint8_t memory_command(board *b, const uint8_t *frame, uint32_t n_payload, uint8_t *reply, uint32_t *n_reply) {
  uint32_t address = weft_le32(frame + 6), type = frame[2];
  uint32_t n = type == TYPE_WR_MEM ? n_payload : weft_le32(frame + LINK_HEADER_BYTES);
  if (n == 0 || n > (type == TYPE_CRC_MEM ? (uint32_t)LINK_CRC_MAX : (uint32_t)LINK_PAYLOAD_MAX))
    return ST_BAD_LEN;
  if (address % LINK_ADDR_ALIGN != 0 || address > b->traits.mem_bytes || n > b->traits.mem_bytes - address)
    return ST_BAD_ADDR;
  if ((b->csr[CSR_STATUS / 4] & 1u) != 0)
    return ST_BUSY;
  if (type == TYPE_WR_MEM) {
    memcpy(b->memory + address, frame + LINK_HEADER_BYTES, n);
    apply_defect(b, address, n);
  } else if (type == TYPE_RD_MEM) {
    memcpy(reply, b->memory + address, n);
    *n_reply = n;
  } else {
    weft_put_le32(reply, weft_crc32_frame(0, b->memory + address, n));
    *n_reply = 4;
  }
  return ST_OK;
}

static uint8_t execute(board *b, const uint8_t *frame, uint32_t n_payload, uint8_t *reply, uint32_t *n_reply) {
  uint32_t address = weft_le32(frame + 6);
  switch (frame[2]) {
  case TYPE_RD_REG:
    weft_put_le32(reply, read_register(b, address));
    *n_reply = 4;
    return ST_OK;
  case TYPE_WR_REG:
    write_register(b, address, weft_le32(frame + LINK_HEADER_BYTES));
    return ST_OK;
  case TYPE_WR_MEM:
  case TYPE_RD_MEM:
  case TYPE_CRC_MEM:
    return memory_command(b, frame, n_payload, reply, n_reply);
  case TYPE_RUN:
    address &= 0xffffu;
    if (address == 0)
      return ST_BAD_ADDR;
    if (address == b->run_id)
      return ST_OK;
    if ((b->csr[CSR_STATUS / 4] & 1u) != 0)
      return ST_BUSY;
    b->run_id = address;
    start(b);
    return ST_OK;
  case TYPE_STATUS:
    weft_put_le32(reply, b->csr[CSR_STATUS / 4]);
    weft_put_le32(reply + 4, b->run_id);
    weft_put_le32(reply + 8, 1);
    *n_reply = 12;
    return ST_OK;
  case TYPE_RESET:
    b->run_id = 0;
    b->csr[CSR_STATUS / 4] = 0;
    return ST_OK;
  case TYPE_SET_BAUD:                      /* a stream of bytes has no rate      */
    return address == 0 || address >> (LINK_BAUD_ACC_BITS - 1) != 0 ? ST_BAD_ADDR : ST_OK;
  default:
    return ST_UNKNOWN;
  }
}

static void take_frame(board *b, const uint8_t *frame, uint32_t n_bytes) {
  uint8_t reply[LINK_PAYLOAD_MAX], status, ahead = (uint8_t)(frame[3] - b->expected), type = frame[2];
  uint32_t n_payload = n_bytes - LINK_HEADER_BYTES - LINK_PCRC_BYTES, n_reply = 0;
  bool is_new = ahead == 0, is_old = ahead >= 0xf8;
  if (type == TYPE_HELLO && n_payload == 0) {
    n_reply = hello(b, reply);
    status = ST_OK;
    is_new = true;
  } else if (!is_new && !is_old)
    status = ST_BAD_SEQ;
  else if (link_once(type) && is_old)
    status = ST_OK;
  else if (length_of(type) >= 0 && (uint32_t)length_of(type) != n_payload)
    status = ST_BAD_LEN;
  else
    status = execute(b, frame, n_payload, reply, &n_reply);
  if (status == ST_OK && is_new)
    b->expected = (uint8_t)(frame[3] + 1);
  answer(b, frame, status, reply, status == ST_OK ? n_reply : 0);
}

static void look(board *b) {
  uint32_t at = 0;
  for (;;) {
    int seq, n = weft_frame_look(b->in + at, b->n_in - at, &seq);
    if (n == 0)
      break;
    if (n > 0)
      take_frame(b, b->in + at, (uint32_t)n);
    else if (seq >= 0) {                   /* the header was good: all of it goes */
      answer(b, b->in + at, ST_BAD_CRC, NULL, 0);
      n = -(int)(LINK_HEADER_BYTES + weft_le16(b->in + at + 4) + LINK_PCRC_BYTES);
    } else if (b->in[at] == LINK_SYNC0 && b->n_in - at > 1 && b->in[at + 1] == LINK_SYNC1)
      n = -LINK_HEADER_BYTES;              /* as the hardware: hunt behind it    */
    at += (uint32_t)(n > 0 ? n : -n);
  }
  b->n_in -= at;
  memmove(b->in, b->in + at, b->n_in);
}

static uint32_t model_put(void *self, const uint8_t *data, uint32_t n_bytes) {
  board *b = self;
  uint32_t done = 0;
  while (!b->traits.is_mute && done < n_bytes) {
    uint32_t n = n_bytes - done < IN_CAP - b->n_in ? n_bytes - done : IN_CAP - b->n_in;
    memcpy(b->in + b->n_in, data + done, n);
    b->n_in += n;
    done += n;
    look(b);
  }
  return n_bytes;
}

static uint32_t model_get(void *self, uint8_t *data, uint32_t max_bytes) {
  board *b = self;
  uint32_t n = b->out_to - b->out_from < max_bytes ? b->out_to - b->out_from : max_bytes;
  memcpy(data, b->out + b->out_from, n);
  b->out_from += n;
  if (b->out_from == b->out_to)
    b->out_from = b->out_to = 0;
  return n;
}

static bool model_advance(void *self) {
  board *b = self;
  return b->out_from != b->out_to;
}

static void model_silence(void *self) { ((board *)self)->n_in = 0; }
static const char *model_error(void *self) {
  (void)self;
  return NULL;
}
static void model_end(void *self) { weft_backend_model.close(((board *)self)->model); }

weft_status weft_board_model_open(weft_arena *arena, weft_diag *d, const weft_config *config,
                                  const weft_board_traits *traits, weft_byte_device *out) {
  if (traits->mem_bytes < 65536 || (traits->mem_bytes & (traits->mem_bytes - 1)) != 0)
    return weft_fail(d, WEFT_E_CONFIG, "board model", weft_diag_text(d, "%u bytes of memory", (unsigned)traits->mem_bytes),
                     "a power of two from 65536", NULL);
  board *b = WEFT_NEW(arena, board, 1);
  b->arena = arena;
  b->config = config;
  b->traits = *traits;
  b->memory = weft_arena_alloc(arena, (size_t)traits->mem_bytes + 128, 1);
  WEFT_TRY(weft_backend_model.open(arena, d, config, NULL, &b->model));
  *out = (weft_byte_device){b, model_put, model_get, model_advance, model_silence, model_error, model_end};
  return WEFT_OK;
}

uint64_t weft_board_model_runs(const weft_byte_device *dev) { return ((const board *)dev->self)->n_runs; }
