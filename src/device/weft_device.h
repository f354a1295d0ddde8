/* SPDX-License-Identifier: Apache-2.0 */
/* A board, from a host: registers, memory, runs, self-tests. C99, freestanding:
 * no heap, no libc but memcpy and memset; every wait has a limit.
 *
 * Two levels. `weft_transport` is a struct of function pointers that reaches a
 * board's registers and memory: the framed link over any stream of bytes (UART,
 * pseudo terminal), memory-mapped registers (Zynq UIO), the machine model in C,
 * a Verilated accelerator. Everything above it is the same code for all.
 *
 * Every function returns WEFT_DEV_OK or an error; after an error of the link
 * (NO_ANSWER, CABLE) the state of the board is unknown: open it again. One
 * device is used by one thread at a time. The structs are the caller's; their
 * fields are private unless marked. */
#ifndef WEFT_DEVICE_H
#define WEFT_DEVICE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum weft_dev_error {
  WEFT_DEV_OK = 0,
  WEFT_DEV_NO_ANSWER,      /* nothing comes back within the limit              */
  WEFT_DEV_CABLE,          /* the stream itself failed (unplugged)             */
  WEFT_DEV_DAMAGED,        /* answers come, but no whole one in RETRIES tries  */
  WEFT_DEV_VERSION,        /* no weft, or another version of the protocol      */
  WEFT_DEV_REFUSED,        /* the board refused a command: weft_link.refused   */
  WEFT_DEV_NOT_READY,      /* the board's memory does not come up              */
  WEFT_DEV_BAD_ARG,        /* not aligned, too long, NULL                      */
  WEFT_DEV_MEMORY,         /* a memory test failed: weft_dev_failure           */
  WEFT_DEV_DMA,            /* a DMA test failed: weft_dev_failure              */
  WEFT_DEV_ARRAY,          /* an array test failed: weft_dev_failure           */
  WEFT_DEV_UPLOAD,         /* memory does not hold what was written            */
  WEFT_DEV_FAULT,          /* the accelerator stopped with a fault             */
  WEFT_DEV_TIMEOUT,        /* a run did not end within its limit               */
  WEFT_DEV_REGISTERS,      /* a register test failed: weft_dev_failure         */
  WEFT_DEV_CANCELLED       /* the caller's cancel function said so             */
} weft_dev_error;
const char *weft_dev_text(int error);      /* one line, static                 */

typedef struct weft_dev_info {             /* readable                         */
  uint32_t version, board_id, clock_hz, mem_bytes, baud, isa_version;
  uint64_t build_id, config_hash;
  uint8_t rows, cols, lanes, beat_bytes;
} weft_dev_info;

typedef struct weft_dev_status {           /* readable                         */
  uint32_t csr, run_id, probe;             /* CSR STATUS; memory's state word  */
} weft_dev_status;

/* ---- how to reach a board ------------------------------------------------- */
typedef struct weft_transport {
  void *self;
  int (*hello)(void *self, weft_dev_info *info);
  int (*reg_read)(void *self, uint32_t address, uint32_t *value);
  int (*reg_write)(void *self, uint32_t address, uint32_t value);
  /* Any number of bytes; address is a multiple of 64 and the range is inside
   * the memory. The accelerator must be idle. */
  int (*mem_write)(void *self, uint32_t address, const uint8_t *data, uint32_t n_bytes);
  int (*mem_read)(void *self, uint32_t address, uint8_t *data, uint32_t n_bytes);
  /* crcs[i] of chunk i of chunk_bytes (the last may be shorter). chunk_bytes is
   * a multiple of 64, at most 4096. */
  int (*mem_crc)(void *self, uint32_t address, uint32_t n_bytes, uint32_t chunk_bytes, uint32_t *crcs);
  int (*run)(void *self, uint32_t run_id);          /* starts                  */
  int (*status)(void *self, weft_dev_status *out);
  int (*reset)(void *self);                         /* stops the accelerator   */
  uint32_t (*now_ms)(void *self);                   /* wraps                   */
  void (*pause_ms)(void *self, uint32_t ms);        /* NULL: busy waiting      */
} weft_transport;

/* ---- the link: a transport over a stream of bytes --------------------------- */
typedef struct weft_stream {
  void *self;
  /* Both return bytes moved, 0 when wait_ms passed, or < 0: the stream failed. */
  int (*write)(void *self, const uint8_t *data, uint32_t n_bytes, uint32_t wait_ms);
  int (*read)(void *self, uint8_t *data, uint32_t max_bytes, uint32_t wait_ms);
  int (*set_baud)(void *self, uint32_t baud);       /* NULL: one rate only; 0: done */
  uint32_t (*now_ms)(void *self);
  void (*pause_ms)(void *self, uint32_t ms);
  int (*cancelled)(void *self);                     /* NULL: never             */
} weft_stream;

#define WEFT_LINK_WINDOW 8
#define WEFT_LINK_FRAME_MAX 1040u

typedef struct weft_link {
  weft_stream stream;
  uint32_t baud;                /* for the bytes' time; 0: not counted        */
  uint32_t reply_ms;            /* writable: longest wait for a due reply     */
  uint8_t next_seq;
  int is_open;
  uint8_t refused;              /* readable: LINKSTATUS of the last REFUSED   */
  uint32_t n_frames, n_resent, n_bad;   /* readable: counters                 */
  uint8_t frame[WEFT_LINK_FRAME_MAX];   /* a reply as it comes                */
  uint8_t out[WEFT_LINK_FRAME_MAX];     /* a request as it goes               */
  uint8_t in[512];
  uint32_t n_in, at_in, n_frame;
} weft_link;

/* Fills *l and *t; talks to nobody. */
void weft_link_init(weft_link *l, const weft_stream *s, uint32_t baud, weft_transport *t);
/* Both sides at another rate, or back at the old one (error). */
int weft_link_set_baud(weft_link *l, const weft_dev_info *info, uint32_t baud);

/* ---- a board -------------------------------------------------------------- */
typedef struct weft_dev_failure {          /* readable: what a test saw        */
  uint32_t address, expected, found;
} weft_dev_failure;

typedef struct weft_device {
  weft_transport t;
  weft_dev_info info;                      /* readable after open              */
  weft_dev_failure failure;
  uint32_t run_id;
  uint32_t n_uploaded, n_kept;             /* readable: bytes of weft_dev_load */
  /* writable: progress of loads and tests, NULL: none */
  void (*progress)(void *user, const char *what, uint32_t done, uint32_t total);
  void *user;
} weft_device;

/* Says hello, stops whatever runs, waits until the memory is ready. MEMORY: the
 * board's own self-test at power-up failed; failure.found is its state word. */
int weft_dev_open(weft_device *dev, const weft_transport *t, uint32_t ready_ms);

/* Memory becomes data[n]: only chunks whose CRC differs are sent, and each sent
 * one is checked by its CRC afterwards (UPLOAD). work[] is the caller's, one
 * word for each begun chunk of 4096 bytes. */
#define WEFT_DEV_CHUNK 4096u
int weft_dev_load(weft_device *dev, uint32_t address, const uint8_t *data, uint32_t n_bytes,
                  uint32_t *work);

typedef struct weft_dev_program {          /* registers of a run               */
  uint32_t base[4], size[4];               /* regions, byte addresses, 64-aligned */
  uint32_t prog_offset, prog_insns;
  uint32_t watchdog;                       /* cycles without progress, 0: off  */
} weft_dev_program;
/* Sets the registers, starts, waits for the end. FAULT: failure.expected is the
 * fault code, .address the instruction, .found the queue. */
int weft_dev_run(weft_device *dev, const weft_dev_program *p, uint32_t limit_ms);

int weft_dev_cycles(weft_device *dev, uint64_t *cycles);
/* Adds the cycles of each layer, mark to mark, the last one to the end; a mark
 * of a layer >= n_layers is skipped. */
int weft_dev_layers(weft_device *dev, uint64_t cycles, uint64_t *layers, uint32_t n_layers);

/* Self-tests. Link: every bit of a register both ways, low and high, n times;
 * what the link had to send again is in weft_link.n_resent. */
int weft_dev_test_link(weft_device *dev, uint32_t n);
/* The others each in a scratch range [base, base + size) of the memory.
 * Memory: data lines, address lines, then a pattern over the whole range that
 * the board's CRC unit reads back; buf is 1024 bytes of the caller's. */
int weft_dev_test_memory(weft_device *dev, uint32_t base, uint32_t size, uint8_t *buf);
/* DMA and array: a program of the caller's with its expected bytes, compared
 * whole; `error` (DMA or ARRAY) is what a difference returns. */
int weft_dev_test_program(weft_device *dev, const weft_dev_program *p, uint32_t out_address,
                          const uint8_t *expected, uint32_t n_bytes, uint8_t *buf, uint32_t limit_ms,
                          int error);

/* ---- frames, for devices and tests ------------------------------------------ */
uint16_t weft_crc16_frame(uint16_t crc, const uint8_t *data, uint32_t n_bytes);  /* start 0xffff */
uint32_t weft_crc32_frame(uint32_t crc, const uint8_t *data, uint32_t n_bytes);  /* start 0; zlib's */
/* A frame into out[n_payload + 16]; returns its bytes. payload may be in place. */
uint32_t weft_frame_make(uint8_t *out, uint8_t type, uint8_t seq, uint32_t addr,
                         const uint8_t *payload, uint32_t n_payload);
/* > 0: bytes of the whole good frame at in[0]; 0: more bytes needed; < 0: drop
 * -n bytes and look again (no frame starts here, or it is damaged; *damaged_seq
 * is its seq if its header was good, else -1). n_bytes is what is there. */
int weft_frame_look(const uint8_t *in, uint32_t n_bytes, int *damaged_seq);

#ifdef __cplusplus
}
#endif
#endif
