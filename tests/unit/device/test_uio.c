/* SPDX-License-Identifier: Apache-2.0 */
/* The UIO transport over two files and a thread that plays the accelerator: the
 * device library on top needs nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include "board/board_host.h"

enum {
#define CSR(name, offset, access, doc) CSR_##name = (offset),
#include "csr.def"
};
enum { BUFFER_BYTES = 1 << 16, BUS = 0x10000000 };

typedef struct fake {
  char registers_path[64], buffer_path[64];
  volatile uint32_t *registers;
  uint8_t *buffer;
  pthread_t thread;
  atomic_bool is_ending;
} fake;

/* A run adds 1 to each byte of region 2 into region 3. */
static void *accelerate(void *user) {
  fake *f = user;
  while (!atomic_load(&f->is_ending)) {
    uint32_t ctrl = __sync_fetch_and_and(&f->registers[CSR_CTRL / 4], 0u);
    if ((ctrl & 2u) != 0)
      f->registers[CSR_STATUS / 4] = 0;
    if ((ctrl & 1u) != 0) {
      uint32_t from = f->registers[CSR_BASE2 / 4] - BUS, to = f->registers[CSR_BASE3 / 4] - BUS;
      for (uint32_t i = 0; i < f->registers[CSR_SIZE2 / 4]; i++)
        f->buffer[to + i] = (uint8_t)(f->buffer[from + i] + 1);
      f->registers[CSR_CYCLES_LO / 4] = 1234;
      __sync_synchronize();
      f->registers[CSR_STATUS / 4] = 2;
    }
    usleep(200);
  }
  return NULL;
}

static void *map_file(char *path, const char *name, size_t n) {
  snprintf(path, 64, "/tmp/weft-uio-%s-XXXXXX", name);
  int fd = mkstemp(path);
  assert_true(fd >= 0 && ftruncate(fd, (off_t)n) == 0);
  void *p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  assert_ptr_not_equal(p, MAP_FAILED);
  close(fd);
  return p;
}

static void a_mapped_board_runs(void **state) {
  (void)state;
  fake f = {.is_ending = false};
  weft_arena *arena = weft_arena_new();
  weft_uio *u = NULL;
  weft_transport t;
  weft_device dev;
  uint8_t data[5000], back[5000], buf[1024];
  uint32_t work[2];
  uint64_t cycles = 0;
  memset(&dev, 0, sizeof dev);
  f.registers = map_file(f.registers_path, "registers", 4096);
  f.buffer = map_file(f.buffer_path, "buffer", BUFFER_BYTES);
  f.registers[CSR_ID / 4] = 0x54464557;
  f.registers[CSR_HASH_LO / 4] = 0x89abcdef;
  f.registers[CSR_HASH_HI / 4] = 0x01234567;
  assert_int_equal(pthread_create(&f.thread, NULL, accelerate, &f), 0);
  assert_int_equal(weft_uio_open(arena, NULL, f.registers_path, f.buffer_path, BUS, &t, &u), WEFT_OK);
  assert_int_equal(weft_dev_open(&dev, &t, 1000), WEFT_DEV_OK);
  assert_int_equal(dev.info.config_hash, 0x0123456789abcdef);
  assert_int_equal(dev.info.mem_bytes, BUFFER_BYTES);
  assert_int_equal(weft_dev_test_link(&dev, 64), WEFT_DEV_OK);
  assert_int_equal(weft_dev_test_memory(&dev, 0, BUFFER_BYTES, buf), WEFT_DEV_OK);
  for (size_t i = 0; i < sizeof data; i++)
    data[i] = (uint8_t)(i * 7);
  const weft_dev_program p = {.base = {0, 0, 8192, 16384}, .size = {64, 0, sizeof data, sizeof data}, .prog_insns = 1};
  assert_int_equal(weft_dev_load(&dev, 8192, data, sizeof data, work), WEFT_DEV_OK);
  assert_int_equal(weft_dev_run(&dev, &p, 2000), WEFT_DEV_OK);
  assert_int_equal(t.mem_read(t.self, 16384, back, sizeof back), WEFT_DEV_OK);
  for (size_t i = 0; i < sizeof data; i++)
    assert_int_equal(back[i], (uint8_t)(data[i] + 1));
  assert_int_equal(weft_dev_cycles(&dev, &cycles), WEFT_DEV_OK);
  assert_int_equal(cycles, 1234);
  assert_int_equal(t.mem_write(t.self, BUFFER_BYTES - 64, data, 128), WEFT_DEV_BAD_ARG);
  atomic_store(&f.is_ending, true);
  pthread_join(f.thread, NULL);
  weft_uio_close(&u);
  munmap((void *)(uintptr_t)f.registers, 4096);
  munmap(f.buffer, BUFFER_BYTES);
  unlink(f.registers_path);
  unlink(f.buffer_path);
  weft_arena_free(&arena);
}

static void what_cannot_be_mapped_is_told(void **state) {
  (void)state;
  weft_arena *arena = weft_arena_new();
  weft_diag *d = weft_diag_new(arena);
  weft_transport t;
  weft_uio *u = NULL;
  assert_int_equal(weft_uio_open(arena, d, "/nonexistent/uio0", "/nonexistent/udmabuf0", 0, &t, &u), WEFT_E_LINK);
  assert_string_equal(weft_diag_at(d, 0)->where, "/nonexistent/uio0");
  weft_arena_free(&arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(a_mapped_board_runs), cmocka_unit_test(what_cannot_be_mapped_is_told)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
