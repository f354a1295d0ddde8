/* SPDX-License-Identifier: Apache-2.0 */
/* Private to the readers and writers of data (data*.c) and of adapters (lora*.c). */
#ifndef WEFT_COMPILER_OPTIMIZE_DATA_READ_H
#define WEFT_COMPILER_OPTIMIZE_DATA_READ_H

#include "compiler/optimize/data.h"
#include "graph/graph.h"

#define DATA_MAX_FILE_BYTES ((size_t)4 << 30)
#define DATA_MAX_SAMPLES ((size_t)1 << 26)

typedef enum data_format { DATA_IDX, DATA_NPY, DATA_NPZ, DATA_RAW, DATA_CSV, DATA_IMAGE,
                           DATA_CIFAR, DATA_WAV, DATA_N_FORMATS } data_format;

/* Numbers of a file: UINT8 and INT8 as they are, everything else as FLOAT32. */
typedef struct data_array {
  weft_type type;
  int rank;
  size_t shape[WEFT_MAX_RANK + 1];
  size_t n_elems;
  const void *x;
} data_array;

/* One entry of `inputs:` or `files:`. */
typedef struct data_source {
  const char *where;            /* in the YAML                               */
  const char *path, *labels;    /* resolved; labels NULL: none               */
  const char *member, *labels_member;   /* of .npz; NULL: the only one       */
  data_format format;
  weft_type type;               /* RAW                                       */
  size_t skip, stride;          /* RAW: bytes of header; elements from a sample to the
                                   next (windows that overlap), 0: a whole one */
  int label_column;             /* of CSV; -1: the last, -2: there is none   */
  int labels_column;            /* of a labels file                          */
  bool header;                  /* CSV: the first line names the columns     */
  char separator;
  int32_t label;                /* of every sample; -1: not given            */
} data_source;

/* What a source held: n samples in the shape of the YAML. */
typedef struct data_table {
  const data_source *source;
  weft_type type;
  size_t n;
  const void *x;
  const int32_t *label;         /* NULL: none                                */
} data_table;

/* The shape that the YAML states, and names of classes (may be NULL). */
typedef struct data_spec {
  weft_arena *arena;
  weft_diag *d;
  int rank;
  int32_t shape[WEFT_MAX_RANK];
  size_t n_elems;
  const char **classes;
  size_t n_classes;
} data_spec;

/* The file, inflated if it is gzip; capped. */
weft_status data_file(weft_arena *arena, weft_diag *d, const char *path, weft_span *out);
/* n_bytes of deflated data to exactly n_out bytes; false if it is damaged. */
bool data_inflate(weft_span in, bool is_gzip, uint8_t *out, size_t n_out);
weft_status data_fail(weft_diag *d, const char *path, const char *found,
                      const char *allowed);
const char *data_shape_text(weft_diag *d, const size_t *shape, int rank);
const char *data_spec_text(const data_spec *s);   /* the YAML's shape         */

/* A number type of a file: 'u' unsigned, 'i' signed, 'f' float, of n_bytes. */
typedef struct data_number {
  char kind;
  int n_bytes;
  bool is_big;                  /* big endian                                */
} data_number;
/* a->n_elems numbers at `src` into a->type and a->x (aliases src if it can). */
void data_convert(weft_arena *arena, data_number from, const uint8_t *src, data_array *a);

weft_status data_read_idx(weft_arena *arena, weft_diag *d, const char *path, data_array *out);
weft_status data_read_npy(weft_arena *arena, weft_diag *d, const char *path, weft_span file,
                          data_array *out);
/* E_INPUT lists the members if `member` is not there, or is NULL and there are
 * several. */
weft_status data_read_npz(weft_arena *arena, weft_diag *d, const char *path, weft_span file,
                          const char *member, data_array *out);

/* Bytes of a .npy: type as NumPy writes it ("<f4"), shape without parentheses. */
weft_span data_npy(weft_arena *arena, const char *type, const char *shape, const void *x,
                   size_t n_bytes);

/* Names of the arrays, without ".npy". */
weft_status data_npz_names(weft_arena *arena, weft_diag *d, const char *path, weft_span file,
                           const char ***names, size_t *n);

/* Samples of a source. */
weft_status data_read_source(const data_spec *s, const data_source *from, data_table *out);
weft_status data_read_csv(const data_spec *s, const data_source *from, data_table *out);
weft_status data_read_images(const data_spec *s, const data_source *from, data_table *out);
weft_status data_read_raw(const data_spec *s, const data_source *from, data_table *out);
weft_status data_read_cifar(const data_spec *s, const data_source *from, data_table *out);
weft_status data_read_wav(const data_spec *s, const data_source *from, data_table *out);
/* The labels file of a source: n of them. */
weft_status data_read_labels(const data_spec *s, const data_source *from, size_t n,
                             const int32_t **out);
/* A word as a label: a class name or a number; -1. */
int32_t data_label(const data_spec *s, const char *word, size_t n_bytes);

/* The YAML: what to read and which samples a split takes. */
typedef struct data_split {
  bool is_there, per_file;
  size_t from, count, every, offset;   /* count SIZE_MAX: to the end         */
  size_t n_files;
  data_source *files;           /* NULL: of `inputs`                         */
  const char *where;
} data_split;
typedef struct data_yaml {
  data_spec spec;
  size_t n_inputs;
  data_source *inputs;
  data_split splits[OPT_N_SPLITS];
  float scale[4], offset[4];
  int n_scales, metric;         /* -1: not given                             */
  bool has_shuffle;
  uint64_t shuffle;
} data_yaml;
weft_status data_read_yaml(weft_arena *arena, weft_diag *d, const char *path, data_yaml *out);

#endif
