/* SPDX-License-Identifier: Apache-2.0 */
/* weft-gen sv DIR [CONFIG]: the four packages into DIR.
 * weft-gen md DIR: the four pages into DIR. Not in the library. */
#include <stdlib.h>

#include "gen/gen.h"

static FILE *create(const char *dir, const char *name, const char *ending) {
  char path[4096];
  int n = snprintf(path, sizeof path, "%s/%s%s", dir, name, ending);
  FILE *f = n > 0 && (size_t)n < sizeof path ? fopen(path, "w") : NULL;
  if (f == NULL) {
    fprintf(stderr, "weft-gen: cannot write %s/%s%s\n", dir, name, ending);
    exit(3);
  }
  return f;
}

static int generate_sv(const char *dir, const weft_config *c) {
  FILE *isa = create(dir, "weft_isa_pkg", ".sv");
  weft_gen_sv_isa(isa);
  FILE *csr = create(dir, "weft_csr_pkg", ".sv");
  weft_gen_sv_csr(csr);
  FILE *link = create(dir, "weft_link_pkg", ".sv");
  weft_gen_sv_link(link);
  FILE *params = create(dir, "weft_params_pkg", ".sv");
  weft_gen_sv_params(params, c);
  return fclose(isa) | fclose(csr) | fclose(link) | fclose(params) ? 3 : 0;
}

static int generate_md(const char *dir) {
  FILE *isa = create(dir, "ISA", ".md");
  weft_gen_md_isa(isa);
  FILE *config = create(dir, "CONFIG", ".md");
  weft_gen_md_config(config);
  FILE *csr = create(dir, "CSR", ".md");
  weft_gen_md_csr(csr);
  FILE *link = create(dir, "LINK", ".md");
  weft_gen_md_link(link);
  return fclose(isa) | fclose(config) | fclose(csr) | fclose(link) ? 3 : 0;
}

int main(int argc, char **argv) {
  if (argc == 3 && strcmp(argv[1], "md") == 0)
    return generate_md(argv[2]);
  if (argc < 3 || argc > 4 || strcmp(argv[1], "sv") != 0) {
    fprintf(stderr, "usage: weft-gen sv DIR [CONFIG] | weft-gen md DIR\n");
    return 2;
  }
  weft_arena *arena = weft_arena_new();
  weft_diag *d = weft_diag_new(arena);
  weft_config *c = NULL;
  weft_status s = weft_config_load(arena, d, argc == 4 ? argv[3] : "base", NULL, 0, &c);
  for (size_t i = 0; i < weft_diag_count(d); i++)
    fprintf(stderr, "weft-gen: %s: %s, allowed: %s\n", weft_diag_at(d, i)->where,
            weft_diag_at(d, i)->found, weft_diag_at(d, i)->allowed);
  int code = s != WEFT_OK ? weft_status_exit(s) : generate_sv(argv[2], c);
  weft_arena_free(&arena);
  return code;
}
