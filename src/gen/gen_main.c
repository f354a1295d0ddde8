/* SPDX-License-Identifier: Apache-2.0 */
/* weft-gen sv DIR [CONFIG]: the three packages into DIR. Not in the library. */
#include <stdlib.h>

#include "gen/gen.h"

static FILE *create(const char *dir, const char *name) {
  char path[4096];
  int n = snprintf(path, sizeof path, "%s/%s.sv", dir, name);
  FILE *f = n > 0 && (size_t)n < sizeof path ? fopen(path, "w") : NULL;
  if (f == NULL) {
    fprintf(stderr, "weft-gen: cannot write %s/%s.sv\n", dir, name);
    exit(3);
  }
  return f;
}

static int generate_sv(const char *dir, const weft_config *c) {
  FILE *isa = create(dir, "weft_isa_pkg");
  weft_gen_sv_isa(isa);
  FILE *csr = create(dir, "weft_csr_pkg");
  weft_gen_sv_csr(csr);
  FILE *params = create(dir, "weft_params_pkg");
  weft_gen_sv_params(params, c);
  return fclose(isa) | fclose(csr) | fclose(params) ? 3 : 0;
}

int main(int argc, char **argv) {
  if (argc < 3 || argc > 4 || strcmp(argv[1], "sv") != 0) {
    fprintf(stderr, "usage: weft-gen sv DIR [CONFIG]\n");
    return 2;
  }
  weft_arena *arena = weft_arena_new();
  weft_diag *d = weft_diag_new(arena);
  weft_config *c = NULL;
  weft_status s = weft_config_load(arena, d, argc == 4 ? argv[3] : "base", NULL, 0, &c);
  if (s != WEFT_OK)
    fprintf(stderr, "weft-gen: %s\n", weft_status_text(s));
  int code = s != WEFT_OK ? weft_status_exit(s) : generate_sv(argv[2], c);
  weft_arena_free(&arena);
  return code;
}
