/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"
#include "base/json.h"
#include "base/progress.h"

#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static int set_up(void **state) {
  *state = weft_arena_new();
  return 0;
}
static int tear_down(void **state) {
  weft_arena_free((weft_arena **)state);
  return 0;
}

static void status_rows_carry_the_contract(void **state) {
  (void)state;
  assert_int_equal(weft_status_exit(WEFT_OK), 0);
  assert_int_equal(weft_status_exit(WEFT_E_USAGE), 2);
  assert_int_equal(weft_status_exit(WEFT_E_MODEL), 3);
  assert_int_equal(weft_status_exit(WEFT_E_UNSUPPORTED_OP), 4);
  assert_int_equal(weft_status_exit(WEFT_E_NO_FIT), 5);
  assert_int_equal(weft_status_exit(WEFT_E_MISMATCH), 6);
  assert_int_equal(weft_status_exit(WEFT_E_INTERRUPTED), 130);
  assert_string_equal(weft_status_name(WEFT_E_NO_FIT), "NO_FIT");
  assert_string_equal(weft_status_name((weft_status)9999), "INTERNAL");
}

static void arena_blocks_are_zeroed_aligned_and_apart(void **state) {
  weft_arena *a = *state;
  uint8_t *before = NULL;
  for (size_t n = 0; n < 3000; n += 7) {
    uint8_t *p = weft_arena_alloc(a, n, 1);
    assert_int_equal((uintptr_t)p % 16, 0);
    assert_ptr_not_equal(p, before);
    for (size_t i = 0; i < n; i++)
      assert_int_equal(p[i], 0);
    memset(p, 0xa5, n);
    before = p;
  }
  uint8_t *large = weft_arena_alloc(a, 1000, 1000);
  assert_int_equal(large[999999], 0);
}

static void arena_grow_keeps_the_items(void **state) {
  weft_arena *a = *state;
  int *items = NULL;
  size_t cap = 0;
  for (size_t i = 0; i < 1000; i++) {
    items = weft_arena_grow(a, items, &cap, i + 1, sizeof *items);
    items[i] = (int)i;
  }
  for (size_t i = 0; i < 1000; i++)
    assert_int_equal(items[i], (int)i);
  assert_string_equal(weft_arena_printf(a, "%d-%s", 7, "x"), "7-x");
}

static void diag_lists_in_order_and_has_a_cap(void **state) {
  weft_diag *d = weft_diag_new(*state);
  const weft_status s =
    weft_fail(d, WEFT_E_CONFIG, "key", weft_diag_text(d, "%d", 9), "0..8", NULL);
  assert_int_equal(s, WEFT_E_CONFIG);
  assert_string_equal(weft_diag_at(d, 0)->found, "9");
  for (int i = 0; i < 5000; i++)
    weft_fail(d, WEFT_E_MODEL, "w", weft_diag_text(d, "%d", i), "a", NULL);
  assert_int_equal(weft_diag_count(d), 1000);
  assert_null(weft_diag_at(d, 1000));
  assert_int_equal(weft_fail(NULL, WEFT_E_ARG, "", "", "", NULL), WEFT_E_ARG);
}

static void hashes_equal_published_vectors(void **state) {
  (void)state;
  char hex[17];
  weft_hash16("abc", 3, hex);
  assert_string_equal(hex, "ba7816bf8f01cfea");
  weft_hash16("", 0, hex);
  assert_string_equal(hex, "e3b0c44298fc1c14");
  weft_sha256 s;
  uint8_t digest[32];
  weft_sha256_init(&s);
  for (int i = 0; i < 1000000; i += 125)   /* FIPS 180: a million 'a' */
    weft_sha256_add(&s, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                    125);
  weft_sha256_end(&s, digest);
  static const uint8_t want[4] = {0xcd, 0xc7, 0x6e, 0x5c};
  assert_memory_equal(digest, want, 4);
  assert_int_equal(weft_crc32("123456789", 9, 0), 0xcbf43926);
  assert_int_equal(weft_crc32("6789", 4, weft_crc32("12345", 5, 0)), 0xcbf43926);
}

static void sha256_pads_every_length(void **state) {
  (void)state;
  uint8_t data[200], all[200][32];
  char hex[17];
  memset(data, 'x', sizeof data);
  for (size_t n = 0; n < sizeof data; n++) {
    weft_sha256 whole, pieces;
    uint8_t a[32], b[32];
    weft_sha256_init(&whole);
    weft_sha256_add(&whole, data, n);
    weft_sha256_end(&whole, a);
    weft_sha256_init(&pieces);
    for (size_t i = 0; i < n; i++)
      weft_sha256_add(&pieces, data + i, 1);
    weft_sha256_end(&pieces, b);
    assert_memory_equal(a, b, 32);
    memcpy(all[n], a, 32);
  }
  weft_hash16(all, sizeof all, hex);   /* of Python's hashlib */
  assert_string_equal(hex, "f5e61141898898cd");
}

static void rng_is_splitmix64(void **state) {
  (void)state;
  weft_rng r = {1234567};
  assert_true(weft_rng_next(&r) == 6457827717110365317u);
  assert_true(weft_rng_next(&r) == 3203168211198807973u);
  for (int i = 0; i < 1000; i++) {
    const int64_t x = weft_rng_range(&r, -3, 5);
    assert_in_range(x + 3, 0, 8);
  }
  (void)weft_rng_range(&r, INT64_MIN, INT64_MAX);
}

static void sizes_are_checked(void **state) {
  (void)state;
  size_t out = 0;
  assert_true(weft_mul_size(SIZE_MAX, 1, &out));
  assert_false(weft_mul_size(SIZE_MAX / 2 + 1, 2, &out));
  assert_true(weft_mul_size(0, SIZE_MAX, &out));
  assert_false(weft_add_size(SIZE_MAX, 1, &out));
  uint8_t b[8];
  weft_put_le64(b, 0x0123456789abcdefu);
  assert_true(weft_le64(b) == 0x0123456789abcdefu);
  assert_int_equal(weft_le16(b), 0xcdef);
}

static void nearest_names(void **state) {
  (void)state;
  static const char *const names[] = {"array.rows", "array.cols", "ring.kib"};
  assert_string_equal(weft_nearest("aray.row", names, 3), "array.rows");
  assert_string_equal(weft_nearest("RING.KB", names, 3), "ring.kib");
  assert_null(weft_nearest("frequency", names, 3));
  assert_null(weft_nearest("", names, 3));
  char longer[200];
  memset(longer, 'a', sizeof longer - 1);
  longer[199] = '\0';
  assert_null(weft_nearest(longer, names, 3));
}

static void files_are_whole_or_absent(void **state) {
  weft_arena *a = *state;
  weft_diag *d = weft_diag_new(a);
  char dir[] = "/tmp/weft-test-XXXXXX";
  assert_non_null(mkdtemp(dir));
  const char *path = weft_arena_printf(a, "%s/f", dir);
  assert_int_equal(weft_file_write(d, path, "hello", 5), WEFT_OK);
  weft_span s;
  assert_int_equal(weft_file_read(a, d, path, 5, &s), WEFT_OK);
  assert_int_equal(s.size, 5);
  assert_memory_equal(s.data, "hello", 5);
  assert_int_equal(weft_file_read(a, d, path, 4, &s), WEFT_E_READ);
  assert_int_equal(weft_file_read(a, d, dir, 99, &s), WEFT_E_READ);
  const char *absent = weft_arena_printf(a, "%s/no/f", dir);
  assert_int_equal(weft_file_read(a, d, absent, 99, &s), WEFT_E_READ);
  assert_int_equal(weft_file_write(d, absent, "x", 1), WEFT_E_WRITE);
  const char *fifo = weft_arena_printf(a, "%s/fifo", dir);
  assert_int_equal(mkfifo(fifo, 0600), 0);
  assert_int_equal(weft_file_read(a, d, fifo, 99, &s), WEFT_E_READ);
  unlink(fifo);
  unlink(path);
  assert_int_equal(rmdir(dir), 0);   /* fails if a partial file was left */
}

static void pipes_and_links_survive_a_write(void **state) {
  weft_arena *a = *state;
  char dir[] = "/tmp/weft-test-XXXXXX";
  assert_non_null(mkdtemp(dir));
  const char *path = weft_arena_printf(a, "%s/f", dir);
  const char *link_path = weft_arena_printf(a, "%s/l", dir);
  assert_int_equal(weft_file_write(NULL, path, "1", 1), WEFT_OK);
  assert_int_equal(symlink(path, link_path), 0);
  assert_int_equal(weft_file_write(NULL, link_path, "22", 2), WEFT_OK);
  struct stat st;
  assert_int_equal(lstat(link_path, &st), 0);
  assert_true(S_ISLNK(st.st_mode));
  assert_int_equal(stat(path, &st), 0);
  assert_int_equal(st.st_size, 2);
  const char *loop = weft_arena_printf(a, "%s/loop", dir);
  assert_int_equal(symlink("loop", loop), 0);
  assert_int_equal(weft_file_write(NULL, loop, "1", 1), WEFT_E_WRITE);
  assert_int_equal(lstat(loop, &st), 0);
  assert_true(S_ISLNK(st.st_mode));
  unlink(loop);
  const char *fifo = weft_arena_printf(a, "%s/p", dir);
  assert_int_equal(mkfifo(fifo, 0600), 0);
  const int fd = open(fifo, O_RDWR | O_NONBLOCK);
  char got[4] = "";
  assert_int_equal(weft_file_write(NULL, fifo, "x", 1), WEFT_OK);
  assert_int_equal(stat(fifo, &st), 0);
  assert_true(S_ISFIFO(st.st_mode));
  assert_int_equal(read(fd, got, sizeof got), 1);
  assert_int_equal(got[0], 'x');
  close(fd);
  unlink(fifo);
  unlink(link_path);
  unlink(path);
  assert_int_equal(rmdir(dir), 0);
}

static void json_is_well_formed(void **state) {
  weft_json *j = weft_json_new(*state);
  weft_json_object(j, NULL);
  weft_json_string(j, "s", "a\"\\\n\x01\xff\xc3\xa9\xed\xa0\x80");
  weft_json_array(j, "a");
  weft_json_int(j, NULL, -5);
  weft_json_uint(j, NULL, UINT64_MAX);
  weft_json_object(j, NULL);
  weft_json_end(j);
  weft_json_end(j);
  weft_json_double(j, "d", 0.5);
  weft_json_double(j, "n", (double)NAN);
  weft_json_bool(j, "b", true);
  weft_json_string(j, "z", NULL);
  weft_json_end(j);
  size_t n = 0;
  const char *text = weft_json_text(j, &n);
  assert_string_equal(
    text, "{\"s\": \"a\\\"\\\\\\u000a\\u0001\xef\xbf\xbd\xc3\xa9\xef\xbf\xbd"
          "\xef\xbf\xbd\xef\xbf\xbd\", \"a\": [-5, 18446744073709551615, {}], "
          "\"d\": 0.5, \"n\": null, \"b\": true, \"z\": null}\n");
  assert_int_equal(n, strlen(text));
}

typedef struct seen {
  weft_progress base;            /* first: the step function casts back */
  uint64_t done, total;
} seen;

static void see(weft_progress *base, const char *stage, uint64_t done, uint64_t total) {
  seen *s = (seen *)base;
  assert_string_equal(stage, "work");
  assert_true(done >= s->done && (s->total == 0 || total == s->total));
  s->done = done;
  s->total = total;
}

/* Never at its end, never back, and moving: a tenth more time is seen until 95 %. */
static void an_estimate_does_not_stand(void **state) {
  (void)state;
  double last = 0;
  seen told = {.base.step = see};
  for (double s = 1; s < 100 * 60; s *= 1.1) {
    weft_progress_estimate(&told.base, "work", s, 60);
    const double part = weft_progress_part(s, 60);
    assert_true(part > last && part < 1);
    assert_true(s > 3.2 * 60 || part - last > 0.005 || s < 4);
    assert_true(s > 48 || part == s / 60);
    last = part;
  }
  assert_true(told.done < told.total && told.total == 600);
  assert_true(weft_progress_part(0, 60) == 0 && weft_progress_part(5, 0) < 1);
}

static void progress_formats_percent_and_eta(void **state) {
  char line[160];
  weft_progress_format(line, sizeof line, "RTL", 48, 100, 52.0);
  assert_string_equal(line, "[RTL]   48%  48/100  ETA 0:56");
  weft_progress_format(line, sizeof line, "x", 7, 0, 1.0);
  assert_string_equal(line, "[x]  7");
  weft_progress_format(line, sizeof line, "x", 5, 3, 1.0);
  assert_non_null(strstr(line, "100%"));
  assert_null(weft_progress_stream(*state, WEFT_PROGRESS_NONE, stderr));
  weft_progress_step(NULL, "x", 1, 2);
}

int main(void) {
#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
  const struct CMUnitTest tests[] = {
    CASE(status_rows_carry_the_contract),
    CASE(arena_blocks_are_zeroed_aligned_and_apart),
    CASE(arena_grow_keeps_the_items),
    CASE(diag_lists_in_order_and_has_a_cap),
    CASE(hashes_equal_published_vectors),
    CASE(sha256_pads_every_length),
    CASE(rng_is_splitmix64),
    CASE(sizes_are_checked),
    CASE(nearest_names),
    CASE(files_are_whole_or_absent),
    CASE(pipes_and_links_survive_a_write),
    CASE(json_is_well_formed),
    CASE(progress_formats_percent_and_eta),
    CASE(an_estimate_does_not_stand),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
