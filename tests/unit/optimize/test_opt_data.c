/* SPDX-License-Identifier: Apache-2.0 */
/* Every format from bytes written here; splits, labels, messages, augmentation. */
#include "compiler/optimize/data.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <jpeglib.h>
#include <png.h>

#include <cmocka.h>

#include "graph/graph.h"

typedef struct fixture {
  weft_arena *arena;
  weft_diag *d;
  char dir[64];
} fixture;

static int set_up(void **state) {
  fixture *f = calloc(1, sizeof *f);
  f->arena = weft_arena_new();
  f->d = weft_diag_new(f->arena);
  strcpy(f->dir, "/tmp/weft_data_XXXXXX");
  assert_non_null(mkdtemp(f->dir));
  *state = f;
  return 0;
}

static int tear_down(void **state) {
  fixture *f = *state;
  char command[128];
  snprintf(command, sizeof command, "rm -rf '%s'", f->dir);
  assert_int_equal(system(command), 0);
  weft_arena_free(&f->arena);
  free(f);
  return 0;
}

static const char *path_of(fixture *f, const char *name) {
  return weft_arena_printf(f->arena, "%s/%s", f->dir, name);
}

static void put(fixture *f, const char *name, const void *data, size_t n) {
  assert_int_equal(weft_file_write(f->d, path_of(f, name), data, n), WEFT_OK);
}

static weft_status open_text(fixture *f, const char *text, opt_data **out) {
  put(f, "d.yaml", text, strlen(text));
  return opt_data_open(f->arena, f->d, path_of(f, "d.yaml"), out);
}

/* The last issue, all of it. */
static const char *issue(fixture *f) {
  assert_true(weft_diag_count(f->d) > 0);
  const weft_issue *i = weft_diag_at(f->d, weft_diag_count(f->d) - 1);
  return weft_arena_printf(f->arena, "%s|%s|%s|%s", i->where, i->found, i->allowed,
                           i->remedy ? i->remedy : "");
}

static void says(fixture *f, const char *a, const char *b) {
  const char *text = issue(f);
  if (!strstr(text, a) || !strstr(text, b))
    fail_msg("'%s' lacks '%s' or '%s'", text, a, b);
}

static const uint8_t idx_images[] = {0, 0, 8, 3, 0, 0, 0, 4, 0, 0, 0, 2, 0, 0, 0, 2,
                                     1, 2, 3, 4, 11, 12, 13, 14, 21, 22, 23, 24, 31, 32, 33, 34};
static const uint8_t idx_labels[] = {0, 0, 8, 1, 0, 0, 0, 4, 3, 1, 2, 0};

static void put_idx(fixture *f) {
  put(f, "x.idx", idx_images, sizeof idx_images);
  put(f, "y.idx", idx_labels, sizeof idx_labels);
}

static void idx_with_splits_and_preprocessing(void **state) {
  fixture *f = *state;
  opt_data *o = NULL;
  float x[4];
  put_idx(f);
  assert_int_equal(open_text(f, "inputs: {file: x.idx, labels: y.idx}\nshape: [2, 2, 1]\n"
                                "preprocess: {scale: 1/2, offset: -1}\n"
                                "splits: {train: {count: 3}, calib: {every: 2, offset: 1}, test: {from: 3}}\n",
                             &o), WEFT_OK);
  assert_int_equal(o->type, WEFT_UINT8);
  assert_int_equal(o->metric, OPT_TOP1);
  assert_int_equal(o->n_classes, 4);
  assert_int_equal(o->splits[OPT_TRAIN].n, 3);
  assert_int_equal(o->splits[OPT_CALIB].n, 2);
  assert_int_equal(o->splits[OPT_VALIDATION].n, 0);
  assert_int_equal(o->splits[OPT_TEST].n, 1);
  opt_data_get(o, OPT_CALIB, 1, x);
  assert_true(x[0] == 14.5f && x[3] == 16.0f);
  assert_int_equal(o->splits[OPT_CALIB].label[0], 1);
  assert_int_equal(o->splits[OPT_CALIB].label[1], 0);
  assert_int_equal(o->splits[OPT_TEST].label[0], 0);
  opt_data_get(o, OPT_TRAIN, 1, x);
  assert_true(x[0] == 4.5f);
}

static void scales_by_channel(void **state) {
  fixture *f = *state;
  opt_data *o = NULL;
  float x[6];
  put(f, "c.bin", "\1\2\3\4\5\6", 6);
  assert_int_equal(open_text(f, "inputs: {file: c.bin, format: raw}\nshape: [1, 2, 3]\n"
                                "preprocess: {scale: [1, 1/2, -1], offset: [0, 10, 20]}\nsplits: {test: {from: 0}}\n", &o), WEFT_OK);
  opt_data_get(o, OPT_TEST, 0, x);
  assert_true(x[0] == 1 && x[1] == 11 && x[2] == 17 && x[3] == 4 && x[4] == 12.5f && x[5] == 14);
  assert_int_equal(open_text(f, "inputs: {file: c.bin, format: raw}\nshape: [1, 2, 3]\n"
                                "preprocess: {scale: [1, 2, 3], offset: 1}\nsplits: {test: {from: 0}}\n", &o), WEFT_OK);
  opt_data_get(o, OPT_TEST, 0, x);
  assert_true(x[0] == 2 && x[1] == 5 && x[5] == 19);
  assert_int_equal(open_text(f, "inputs: {file: c.bin, format: raw}\nshape: [1, 2, 3]\n"
                                "preprocess: {scale: [1, 2]}\nsplits: {test: {from: 0}}\n", &o), WEFT_E_CONFIG);
}

static void gzip_is_inflated_and_checked(void **state) {
  fixture *f = *state;
  opt_data *o = NULL;
  gzFile z = gzopen(path_of(f, "x-ubyte.gz"), "wb");
  assert_int_equal(gzwrite(z, idx_images, sizeof idx_images), sizeof idx_images);
  gzclose(z);
  static const char yaml[] = "inputs: {file: x-ubyte.gz}\nshape: [2, 2]\nsplits: {test: {from: 0}}\n";
  assert_int_equal(open_text(f, yaml, &o), WEFT_OK);
  assert_int_equal(o->splits[OPT_TEST].n, 4);
  assert_memory_equal(o->splits[OPT_TEST].x, idx_images + 16, 16);
  assert_int_equal(o->metric, OPT_MSE);
  weft_span bytes;
  assert_int_equal(weft_file_read(f->arena, f->d, path_of(f, "x-ubyte.gz"), 1000, &bytes), WEFT_OK);
  uint8_t *broken = weft_arena_copy(f->arena, bytes.data, bytes.size);
  broken[bytes.size - 1] = 0x7f;                 /* claims 2 GB */
  put(f, "x-ubyte.gz", broken, bytes.size);
  assert_int_equal(open_text(f, yaml, &o), WEFT_E_INPUT);
  says(f, "impossible size", "gzip");
  put(f, "x-ubyte.gz", bytes.data, bytes.size - 9);
  assert_int_equal(open_text(f, yaml, &o), WEFT_E_INPUT);
}

static void wrong_shape_names_both(void **state) {
  fixture *f = *state;
  opt_data *o = NULL;
  put_idx(f);
  assert_int_equal(open_text(f, "inputs: {file: x.idx}\nshape: [2, 3]\nsplits: {test: {from: 0}}\n", &o),
                   WEFT_E_INPUT);
  says(f, "[2x2]", "[2x3]");
  assert_int_equal(open_text(f, "inputs: {file: x.idx}\nshape: [4]\nsplits: {test: {from: 0}}\n", &o), WEFT_OK);
  assert_int_equal(open_text(f, "inputs: {file: x.idx}\nshape: [4, 1]\nsplits: {test: {from: 0}}\n", &o),
                   WEFT_E_INPUT);
}

static void wrong_type_names_both(void **state) {
  fixture *f = *state;
  opt_data *o = NULL;
  const float v[4] = {1, 2, 3, 4};
  put_idx(f);
  put(f, "x.bin", v, sizeof v);
  assert_int_equal(open_text(f, "inputs: [{file: x.idx}, {file: x.bin, format: raw, type: float32}]\n"
                                "shape: [2, 2]\nsplits: {test: {from: 0}}\n", &o), WEFT_E_INPUT);
  says(f, "float32", "uint8");
}

static void wrong_labels_are_told(void **state) {
  fixture *f = *state;
  opt_data *o = NULL;
  put_idx(f);
  put(f, "three.csv", "0\n1\n2\n", 6);
  put(f, "words.csv", "name;class\na;cat\nb;dog\nc;cow\nd;cat\n", 35);
  assert_int_equal(open_text(f, "inputs: {file: x.idx, labels: three.csv}\nshape: [2, 2]\nsplits: {test: {from: 0}}\n", &o),
                   WEFT_E_INPUT);
  says(f, "3 labels", "4, one for each");
  static const char words[] = "inputs: {file: x.idx, labels: words.csv, separator: ';', header: true}\n"
                              "shape: [2, 2]\nclasses: [cat, dog%s]\nsplits: {test: {from: 0}}\n";
  assert_int_equal(open_text(f, weft_arena_printf(f->arena, words, ""), &o), WEFT_E_INPUT);
  says(f, "words.csv:4", "'cow'");
  assert_int_equal(open_text(f, weft_arena_printf(f->arena, words, ", cow"), &o), WEFT_OK);
  assert_int_equal(o->splits[OPT_TEST].label[2], 2);
  assert_string_equal(o->class_names[1], "dog");
  assert_int_equal(open_text(f, "inputs: {file: x.idx, labels: y.idx}\nshape: [2, 2]\nmetric: binary\nsplits: {test: {from: 0}}\n", &o),
                   WEFT_E_INPUT);
  says(f, "label 3", "0..1");
  assert_int_equal(open_text(f, "inputs: {file: x.idx}\nshape: [2, 2]\nmetric: top1\nsplits: {test: {from: 0}}\n", &o),
                   WEFT_E_INPUT);
}

static void ranges_are_within_the_samples(void **state) {
  fixture *f = *state;
  opt_data *o = NULL;
  put_idx(f);
  static const char *const bad[] = {"{from: 4}", "{from: 0, count: 5}", "{from: 3, count: 2}",
                                    "{count: 1, every: 3, offset: 1}"};
  for (size_t i = 0; i < 4; i++) {
    const char *text = weft_arena_printf(f->arena, "inputs: {file: x.idx}\nshape: [4]\nsplits: {test: %s}\n", bad[i]);
    assert_int_equal(open_text(f, text, &o), WEFT_E_INPUT);
  }
  says(f, "d.yaml:3: test", "4 samples");
}

static void keys_are_known(void **state) {
  fixture *f = *state;
  opt_data *o = NULL;
  put_idx(f);
  assert_int_equal(open_text(f, "input: {file: x.idx}\nshape: [4]\nsplits: {test: {from: 0}}\n", &o), WEFT_E_CONFIG);
  says(f, "unknown key", "did you mean inputs?");
  assert_int_equal(open_text(f, "inputs: {file: x.idx}\nshape: [4]\nsplits: {tst: {from: 0}}\n", &o), WEFT_E_CONFIG);
  says(f, "unknown key", "did you mean test?");
  assert_int_equal(open_text(f, "inputs: {file: x.dat}\nshape: [4]\nsplits: {test: {from: 0}}\n", &o), WEFT_E_CONFIG);
  says(f, "no format", "raw");
  assert_int_equal(open_text(f, "inputs: {file: x.idx}\nshape: [4]\nsplits: {}\n", &o), WEFT_E_CONFIG);
  assert_int_equal(open_text(f, "inputs: {file: '${HOME}/x.idx'}\nshape: [4]\nsplits: {test: {from: 0}}\n", &o), WEFT_E_CONFIG);
  assert_int_equal(open_text(f, "[1, 2]\n", &o), WEFT_E_CONFIG);
}

static void put_npy(fixture *f, const char *name, const char *type, const char *shape,
                    const void *data, size_t n) {
  char file[512] = "\x93NUMPY\x01";
  const int n_text = snprintf(file + 10, 128, "{'descr': '%s', 'fortran_order': False, 'shape': %s, }\n", type, shape);
  weft_put_le16((uint8_t *)file + 8, (uint16_t)n_text);
  memcpy(file + 10 + n_text, data, n);
  put(f, name, file, 10 + (size_t)n_text + n);
}

static void npy_of_many_types(void **state) {
  fixture *f = *state;
  static const struct { const char *type; size_t n; uint8_t bytes[32]; int as; } rows[] = {
    {"|u1", 4, {1, 2, 255, 0}, WEFT_UINT8}, {"|i1", 4, {1, 2, 0xff, 0}, WEFT_INT8},
    {"<i2", 8, {1, 0, 2, 0, 0xff, 0xff, 0, 0}, WEFT_FLOAT32},
    {">i4", 16, {0, 0, 0, 1, 0, 0, 0, 2, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0}, WEFT_FLOAT32},
    {"<f2", 8, {0, 0x3c, 0, 0x40, 0, 0xbc, 0, 0}, WEFT_FLOAT32},
    {"<f4", 16, {0, 0, 0x80, 0x3f, 0, 0, 0, 0x40, 0, 0, 0x80, 0xbf}, WEFT_FLOAT32},
    {"<f8", 32, {0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0, 0, 0, 0, 0, 0, 0, 0x40, 0, 0, 0, 0, 0, 0, 0xf0, 0xbf},
     WEFT_FLOAT32}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    opt_data *o = NULL;
    float x[2];
    put_npy(f, "x.npy", rows[i].type, "(2, 2)", rows[i].bytes, rows[i].n);
    assert_int_equal(open_text(f, "inputs: {file: x.npy}\nshape: [2]\nsplits: {test: {from: 0}}\n", &o), WEFT_OK);
    assert_int_equal(o->type, rows[i].as);
    opt_data_get(o, OPT_TEST, 0, x);
    assert_true(x[0] == 1 && x[1] == 2);
    opt_data_get(o, OPT_TEST, 1, x);
    assert_true(x[0] == (rows[i].as == WEFT_UINT8 ? 255 : -1) && x[1] == 0);
  }
}

static void npy_damage_is_told(void **state) {
  fixture *f = *state;
  opt_data *o = NULL;
  static const char yaml[] = "inputs: {file: x.npy}\nshape: [2]\nsplits: {test: {from: 0}}\n";
  static const uint8_t nan_bytes[8] = {0, 0, 0xc0, 0x7f, 0, 0, 0, 0};
  put_npy(f, "x.npy", "<f4", "(1, 2)", nan_bytes, 8);
  assert_int_equal(open_text(f, yaml, &o), WEFT_E_INPUT);
  says(f, "NaN at element 0 of sample 0", "finite");
  put_npy(f, "x.npy", "<f4", "(2, 2)", nan_bytes, 8);
  assert_int_equal(open_text(f, yaml, &o), WEFT_E_INPUT);
  put_npy(f, "x.npy", "<f4", "(4294967296, 4294967296, 4294967296)", nan_bytes, 8);
  assert_int_equal(open_text(f, yaml, &o), WEFT_E_INPUT);
  put_npy(f, "x.npy", "<c8", "(1, 1)", nan_bytes, 8);
  assert_int_equal(open_text(f, yaml, &o), WEFT_E_INPUT);
}

/* A zip of one stored or deflated member. */
static void put_npz(fixture *f, const char *member, const uint8_t *data, size_t n, bool deflated) {
  uint8_t z[2048] = {0};
  uint8_t packed[1024];
  z_stream s = {0};
  assert_int_equal(deflateInit2(&s, 9, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY), Z_OK);
  s.next_in = (Bytef *)(uintptr_t)data;
  s.avail_in = (uInt)n;
  s.next_out = packed;
  s.avail_out = sizeof packed;
  assert_int_equal(deflate(&s, Z_FINISH), Z_STREAM_END);
  const size_t n_packed = deflated ? s.total_out : n;
  deflateEnd(&s);
  const size_t n_name = strlen(member);
  const size_t directory = 30 + n_name + n_packed;
  weft_put_le32(z, 0x04034b50);
  weft_put_le16(z + 26, (uint16_t)n_name);
  memcpy(z + 30, member, n_name);
  memcpy(z + 30 + n_name, deflated ? packed : data, n_packed);
  uint8_t *c = z + directory;
  weft_put_le32(c, 0x02014b50);
  weft_put_le16(c + 10, deflated ? 8 : 0);
  weft_put_le32(c + 20, (uint32_t)n_packed);
  weft_put_le32(c + 24, (uint32_t)n);
  weft_put_le16(c + 28, (uint16_t)n_name);
  memcpy(c + 46, member, n_name);
  uint8_t *e = c + 46 + n_name;
  weft_put_le32(e, 0x06054b50);
  weft_put_le16(e + 10, 1);
  weft_put_le32(e + 16, (uint32_t)directory);
  put(f, "x.npz", z, directory + 46 + n_name + 22);
}

static void npz_stored_and_deflated(void **state) {
  fixture *f = *state;
  weft_span npy;
  const uint8_t bytes[4] = {5, 6, 7, 8};
  put_npy(f, "x.npy", "|u1", "(2, 2)", bytes, 4);
  assert_int_equal(weft_file_read(f->arena, f->d, path_of(f, "x.npy"), 1000, &npy), WEFT_OK);
  for (int deflated = 0; deflated < 2; deflated++) {
    opt_data *o = NULL;
    put_npz(f, "images.npy", npy.data, npy.size, deflated);
    assert_int_equal(open_text(f, "inputs: {file: x.npz, member: images}\nshape: [2]\nsplits: {test: {from: 0}}\n", &o), WEFT_OK);
    assert_memory_equal(o->splits[OPT_TEST].x, bytes, 4);
  }
  opt_data *o = NULL;
  assert_int_equal(open_text(f, "inputs: {file: x.npz, member: image}\nshape: [2]\nsplits: {test: {from: 0}}\n", &o), WEFT_E_INPUT);
  says(f, "no array 'image'", "images");
}

static void csv_rows_and_columns(void **state) {
  fixture *f = *state;
  opt_data *o = NULL;
  float x[2];
  static const char text[] = "a,b,y\r\n1.5, -2e1,1\r\n\r\n3,4,0\r\n";
  put(f, "x.csv", text, sizeof text - 1);
  assert_int_equal(open_text(f, "inputs: {file: x.csv, header: true}\nshape: [2]\nsplits: {test: {from: 0}}\n", &o), WEFT_OK);
  assert_int_equal(o->splits[OPT_TEST].n, 2);
  opt_data_get(o, OPT_TEST, 0, x);
  assert_true(x[0] == 1.5f && x[1] == -20.0f);
  assert_int_equal(o->splits[OPT_TEST].label[0], 1);
  assert_int_equal(open_text(f, "inputs: {file: x.csv, header: true, label_column: none}\nshape: [3]\nsplits: {test: {from: 0}}\n", &o), WEFT_OK);
  assert_null(o->splits[OPT_TEST].label);
  assert_int_equal(open_text(f, "inputs: {file: x.csv, header: true}\nshape: [3]\nsplits: {test: {from: 0}}\n", &o), WEFT_E_INPUT);
  says(f, "3 columns", "4 columns");
  assert_int_equal(open_text(f, "inputs: {file: x.csv}\nshape: [2]\nsplits: {test: {from: 0}}\n", &o), WEFT_E_INPUT);
  says(f, "x.csv:1", "'a'");
}

static void cifar_planes_become_pixels(void **state) {
  fixture *f = *state;
  opt_data *o = NULL;
  const uint8_t record[13] = {7, 1, 2, 3, 4, 11, 12, 13, 14, 21, 22, 23, 24};
  const uint8_t want[12] = {1, 11, 21, 2, 12, 22, 3, 13, 23, 4, 14, 24};
  put(f, "c.bin", record, 13);
  assert_int_equal(open_text(f, "inputs: {file: c.bin, format: cifar}\nshape: [2, 2, 3]\nsplits: {test: {from: 0}}\n", &o), WEFT_OK);
  assert_memory_equal(o->splits[OPT_TEST].x, want, 12);
  assert_int_equal(o->splits[OPT_TEST].label[0], 7);
}

static void windows_overlap(void **state) {
  fixture *f = *state;
  opt_data *o = NULL;
  const uint8_t raw[10] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
  put(f, "w.bin", raw, 10);
  assert_int_equal(open_text(f, "inputs: {file: w.bin, format: raw, stride: 2}\nshape: [4]\nsplits: {test: {from: 0}}\n", &o), WEFT_OK);
  assert_int_equal(o->splits[OPT_TEST].n, 4);
  assert_memory_equal((const uint8_t *)o->splits[OPT_TEST].x + 12, raw + 6, 4);
  assert_int_equal(open_text(f, "inputs: {file: w.bin, format: raw, stride: 2, skip: 1}\nshape: [4]\nsplits: {test: {from: 0}}\n", &o), WEFT_E_INPUT);
}

static void wav_samples(void **state) {
  fixture *f = *state;
  opt_data *o = NULL;
  float x[2];
  const uint8_t wav[] = {'R', 'I', 'F', 'F', 44, 0, 0, 0, 'W', 'A', 'V', 'E', 'f', 'm', 't', ' ', 16, 0, 0, 0,
                         1, 0, 1, 0, 0x80, 0x3e, 0, 0, 0, 0x7d, 0, 0, 2, 0, 16, 0,
                         'd', 'a', 't', 'a', 8, 0, 0, 0, 1, 0, 0xff, 0xff, 0, 0x80, 0xff, 0x7f};
  put(f, "x.wav", wav, sizeof wav);
  assert_int_equal(open_text(f, "inputs: {file: x.wav}\nshape: [2]\npreprocess: {scale: 1/32768}\nsplits: {test: {from: 0}}\n", &o), WEFT_OK);
  assert_int_equal(o->splits[OPT_TEST].n, 2);
  opt_data_get(o, OPT_TEST, 1, x);
  assert_true(x[0] == -1.0f && x[1] == 32767.0f / 32768.0f);
  uint8_t wrong[sizeof wav];
  memcpy(wrong, wav, sizeof wav);
  wrong[34] = 24;
  put(f, "x.wav", wrong, sizeof wrong);
  assert_int_equal(open_text(f, "inputs: {file: x.wav}\nshape: [2]\nsplits: {test: {from: 0}}\n", &o), WEFT_E_INPUT);
  says(f, "24 bits", "16-bit");
}

static void put_png(fixture *f, const char *name, int w, int h, const uint8_t *gray) {
  png_image image = {.version = PNG_IMAGE_VERSION, .width = (png_uint_32)w, .height = (png_uint_32)h,
                     .format = PNG_FORMAT_GRAY};
  assert_true(png_image_write_to_file(&image, path_of(f, name), 0, gray, 0, NULL));
}

static void put_jpeg(fixture *f, const char *name, int w, int h, uint8_t value) {
  struct jpeg_compress_struct j;
  struct jpeg_error_mgr errors;
  FILE *file = fopen(path_of(f, name), "wb");
  uint8_t line[64];
  JSAMPROW row = line;
  memset(line, value, sizeof line);
  j.err = jpeg_std_error(&errors);
  jpeg_create_compress(&j);
  jpeg_stdio_dest(&j, file);
  j.image_width = (JDIMENSION)w;
  j.image_height = (JDIMENSION)h;
  j.input_components = 1;
  j.in_color_space = JCS_GRAYSCALE;
  jpeg_set_defaults(&j);
  jpeg_start_compress(&j, TRUE);
  for (int y = 0; y < h; y++)
    jpeg_write_scanlines(&j, &row, 1);
  jpeg_finish_compress(&j);
  jpeg_destroy_compress(&j);
  fclose(file);
}

static void folders_of_images(void **state) {
  fixture *f = *state;
  opt_data *o = NULL;
  const uint8_t a[6] = {0, 50, 100, 150, 200, 255};
  static const char yaml[] = "inputs: {file: images/}\nshape: [2, 3, %d]\nsplits: {test: {from: 0}}\n";
  assert_int_equal(mkdir(path_of(f, "images"), 0700), 0);
  assert_int_equal(mkdir(path_of(f, "images/b"), 0700), 0);
  assert_int_equal(mkdir(path_of(f, "images/a"), 0700), 0);
  put_png(f, "images/b/1.png", 3, 2, a);
  put_jpeg(f, "images/a/2.jpg", 3, 2, 77);
  put(f, "images/a/notes.txt", "x", 1);
  assert_int_equal(open_text(f, weft_arena_printf(f->arena, yaml, 1), &o), WEFT_OK);
  const uint8_t *x = o->splits[OPT_TEST].x;
  assert_int_equal(o->splits[OPT_TEST].n, 2);
  assert_memory_equal(x + 6, a, 6);
  for (int i = 0; i < 6; i++)
    assert_int_equal(x[i], 77);
  assert_int_equal(o->splits[OPT_TEST].label[1], 1);
  assert_int_equal(open_text(f, weft_arena_printf(f->arena, yaml, 3), &o), WEFT_OK);
  x = o->splits[OPT_TEST].x;
  assert_true(x[18 + 3] == 50 && x[18 + 4] == 50 && x[18 + 5] == 50);
  put_png(f, "images/b/0.png", 2, 3, a);
  assert_int_equal(open_text(f, weft_arena_printf(f->arena, yaml, 1), &o), WEFT_E_INPUT);
  says(f, "3 lines, 2 columns", "2 lines, 3 columns");
  put(f, "images/b/0.png", "\xff\xd8\xff\xe0 nonsense", 13);
  assert_int_equal(open_text(f, weft_arena_printf(f->arena, yaml, 1), &o), WEFT_E_INPUT);
}

static void per_file_takes_turns(void **state) {
  fixture *f = *state;
  opt_data *o = NULL;
  put(f, "a.bin", "abcd", 4);
  put(f, "b.bin", "ABCD", 4);
  assert_int_equal(open_text(f, "inputs: [{file: a.bin, format: raw, label: 0}, {file: b.bin, format: raw, label: 1}]\n"
                                "shape: [1]\nsplits: {train: {count: 3, per_file: true}, test: {from: 3, per_file: true}}\n", &o), WEFT_OK);
  assert_memory_equal(o->splits[OPT_TRAIN].x, "aAbBcC", 6);
  assert_memory_equal(o->splits[OPT_TEST].x, "dD", 2);
  assert_int_equal(o->splits[OPT_TRAIN].label[3], 1);
  assert_int_equal(open_text(f, "inputs: [{file: a.bin, format: raw, label: 0}, {file: b.bin, format: raw, label: 1}]\n"
                                "shape: [1]\nshuffle: 5\nsplits: {train: {count: 6}, test: {from: 6}}\n", &o), WEFT_OK);
  uint32_t order[8];
  opt_shuffle(5, 0, 8, order);
  for (size_t i = 0; i < 8; i++) {
    const opt_samples *s = &o->splits[i < 6 ? OPT_TRAIN : OPT_TEST];
    assert_int_equal(((const uint8_t *)s->x)[i < 6 ? i : i - 6], "abcdABCD"[order[i]]);
  }
}

static void shuffle_is_a_permutation_of_the_seed(void **state) {
  (void)state;
  uint32_t a[100];
  uint32_t b[100];
  bool seen[100] = {false};
  opt_shuffle(1, 2, 100, a);
  opt_shuffle(1, 2, 100, b);
  assert_memory_equal(a, b, sizeof a);
  for (int i = 0; i < 100; i++) {
    assert_true(a[i] < 100 && !seen[a[i]]);
    seen[a[i]] = true;
  }
  opt_shuffle(1, 3, 100, b);
  assert_memory_not_equal(a, b, sizeof a);
}

static void augmentation_moves_flips_and_cuts(void **state) {
  fixture *f = *state;
  opt_data *o = NULL;
  uint8_t image[30];
  for (int i = 0; i < 30; i++)
    image[i] = (uint8_t)(i + 1);
  put(f, "a.bin", image, 30);
  assert_int_equal(open_text(f, "inputs: {file: a.bin, format: raw}\nshape: [5, 6]\nsplits: {train: {from: 0}}\n", &o), WEFT_OK);
  const opt_augment shift = {.shift = 2};
  const opt_augment flip = {.flip = true};
  const opt_augment cut = {.cutout = 3};
  float x[30];
  float again[30];
  bool seen_flip[2] = {false};
  bool moved[5][5] = {{false}};
  for (uint64_t epoch = 0; epoch < 300; epoch++) {
    opt_data_get_augmented(o, OPT_TRAIN, 0, &shift, 9, epoch, x);
    opt_data_get_augmented(o, OPT_TRAIN, 0, &shift, 9, epoch, again);
    assert_memory_equal(x, again, sizeof x);
    int n_fits = 0;
    for (int dy = -2; dy <= 2; dy++)
      for (int dx = -2; dx <= 2; dx++) {
        bool fits = true;
        for (int k = 0; k < 30; k++) {
          const int sy = k / 6 - dy;
          const int sx = k % 6 - dx;
          const float want = sy < 0 || sy >= 5 || sx < 0 || sx >= 6 ? 0 : (float)image[sy * 6 + sx];
          fits = fits && x[k] == want;
        }
        n_fits += fits ? 1 : 0;
        moved[dy + 2][dx + 2] = moved[dy + 2][dx + 2] || fits;
      }
    assert_int_equal(n_fits, 1);
    opt_data_get_augmented(o, OPT_TRAIN, 0, &flip, 9, epoch, x);
    const bool is_flipped = x[0] == 6;
    seen_flip[is_flipped] = true;
    for (int k = 0; k < 30; k++)
      assert_true(x[k] == (float)image[is_flipped ? k / 6 * 6 + 5 - k % 6 : k]);
    opt_data_get_augmented(o, OPT_TRAIN, 0, &cut, 9, epoch, x);
    int n_zero = 0;
    for (int k = 0; k < 30; k++)
      n_zero += x[k] == 0 ? 1 : 0;
    assert_true(n_zero == 4 || n_zero == 6 || n_zero == 9);
  }
  assert_true(seen_flip[0] && seen_flip[1]);
  for (int k = 0; k < 25; k++)
    assert_true(moved[k / 5][k % 5]);
}

/* Every description of the repository, if the data is there. */
static void descriptions_of_the_repository(void **state) {
  fixture *f = *state;
  static const struct { const char *name; size_t n[4]; int classes; } rows[] = {
    {"mnist", {54000, 300, 6000, 10000}, 10}, {"mnist_all", {60000, 300, 0, 10000}, 10},
    {"fashion_mnist", {36000, 300, 4000, 10000}, 10},
    {"fashion_mnist_all", {40000, 300, 0, 10000}, 10},
    {"quickdraw_cats_rainbows", {1600, 300, 0, 400}, 2},
    {"quickdraw_cats_trains", {1600, 300, 0, 400}, 2}, {"cifar", {3000, 500, 0, 500}, 10},
    {"kws01", {0, 200, 0, 800}, 12}, {"vww01", {0, 100, 0, 400}, 2}, {"ad01", {0, 98, 0, 196}, 0}};
  if (!getenv("WEFT_MODELS"))
    skip();
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    opt_data *o = NULL;
    weft_arena *arena = weft_arena_new();
    const char *path = weft_arena_printf(arena, "tests/optimize/data/%s.yaml", rows[i].name);
    if (opt_data_open(arena, f->d, path, &o) != WEFT_OK)
      fail_msg("%s: %s", path, issue(f));
    for (int k = 0; k < OPT_N_SPLITS; k++)
      assert_int_equal(o->splits[k].n, rows[i].n[k]);
    assert_int_equal(o->n_classes, rows[i].classes);
    weft_arena_free(&arena);
  }
}

/* The same 45 inputs twice: numpy's deflated float64 .npz and raw float32. */
static void npz_of_numpy_equals_raw(void **state) {
  fixture *f = *state;
  opt_data *a = NULL;
  opt_data *b = NULL;
  if (!getenv("WEFT_MODELS"))
    skip();
  assert_int_equal(open_text(f, "inputs: {file: \"${WEFT_MODELS}/data/sww01/calibration_samples.npz\", member: specs, "
                                "labels: \"${WEFT_MODELS}/data/sww01/calibration_samples.npz\", labels_member: labels}\n"
                                "shape: [30, 1, 40]\nsplits: {test: {from: 0}}\n", &a), WEFT_OK);
  assert_int_equal(open_text(f, "inputs: {file: \"${WEFT_MODELS}/data/sww01/sww01_45_f32_30x40.bin\", format: raw, type: float32, "
                                "labels: \"${WEFT_MODELS}/data/sww01/sww01_45_labels.csv\"}\n"
                                "shape: [30, 1, 40]\nsplits: {test: {from: 0}}\n", &b), WEFT_OK);
  assert_int_equal(a->splits[OPT_TEST].n, 45);
  assert_memory_equal(a->splits[OPT_TEST].x, b->splits[OPT_TEST].x, 45 * 1200 * sizeof(float));
  assert_memory_equal(a->splits[OPT_TEST].label, b->splits[OPT_TEST].label, 45 * sizeof(int32_t));
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
int main(void) {
  const struct CMUnitTest tests[] = {
    T(idx_with_splits_and_preprocessing), T(scales_by_channel),
    T(gzip_is_inflated_and_checked),
    T(wrong_shape_names_both), T(wrong_type_names_both), T(wrong_labels_are_told),
    T(ranges_are_within_the_samples), T(keys_are_known), T(npy_of_many_types),
    T(npy_damage_is_told), T(npz_stored_and_deflated), T(csv_rows_and_columns),
    T(cifar_planes_become_pixels), T(windows_overlap), T(wav_samples), T(folders_of_images),
    T(per_file_takes_turns), T(shuffle_is_a_permutation_of_the_seed),
    T(augmentation_moves_flips_and_cuts), T(descriptions_of_the_repository), T(npz_of_numpy_equals_raw)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
