/* SPDX-License-Identifier: Apache-2.0 */
/* weft-gen sv DIR [CONFIG]: the four packages into DIR.
 * weft-gen md DIR: the four pages into DIR.
 * weft-gen micro IN.asm OUT.sv: the microprogram of the small machine. Not in the library. */
#include <stdlib.h>
#include <string.h>

#include "gen/gen.h"
#include "gen/gen_micro.h"

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

/* A NUL would end the source in its middle. */
static weft_status check_text(weft_diag *d, const char *file, weft_span source) {
  int line = 1;
  for (size_t i = 0; i < source.size && source.data[i] != 0; i++)
    line += source.data[i] == '\n';
  if (memchr(source.data, 0, source.size) == NULL)
    return WEFT_OK;
  return weft_fail(d, WEFT_E_PROGRAM, weft_diag_text(d, "%s:%d", file, line), "a NUL byte", "text", NULL);
}

/* The file of words in memory, then whole to its place. */
static weft_status generate_micro(weft_arena *arena, weft_diag *d, const char *from, const char *to) {
  weft_span source;
  WEFT_TRY(weft_file_read(arena, d, from, 1 << 20, &source));
  WEFT_TRY(check_text(d, from, source));
  char *text = weft_arena_printf(arena, "%.*s", (int)source.size, (const char *)source.data);
  uint32_t words[MICRO_ROM_WORDS];
  int n_words, n_regs;
  WEFT_TRY(weft_micro_assemble(arena, d, from, text, words, &n_words, &n_regs));
  char *out = NULL;
  size_t size = 0;
  FILE *f = open_memstream(&out, &size);
  if (f == NULL)
    weft_out_of_memory(0);
  weft_gen_sv_micro(f, words, n_words);
  weft_status s = fclose(f) != 0 ? weft_fail(d, WEFT_E_WRITE, to, "no memory", "the text of a module", NULL)
                                 : weft_file_write(d, to, out, size);
  free(out);
  if (s == WEFT_OK)
    printf("%d words, %d registers\n", n_words, n_regs);
  return s;
}

static int report(const weft_diag *d, weft_status s) {
  for (size_t i = 0; i < weft_diag_count(d); i++)
    fprintf(stderr, "weft-gen: %s: %s, allowed: %s\n", weft_diag_at(d, i)->where,
            weft_diag_at(d, i)->found, weft_diag_at(d, i)->allowed);
  return weft_status_exit(s);
}

int main(int argc, char **argv) {
  if (argc == 3 && strcmp(argv[1], "md") == 0)
    return generate_md(argv[2]);
  bool is_sv = argc >= 3 && argc <= 4 && strcmp(argv[1], "sv") == 0;
  if (!is_sv && !(argc == 4 && strcmp(argv[1], "micro") == 0)) {
    fprintf(stderr, "usage: weft-gen sv DIR [CONFIG] | weft-gen md DIR | weft-gen micro IN.asm OUT.sv\n");
    return 2;
  }
  weft_arena *arena = weft_arena_new();
  weft_diag *d = weft_diag_new(arena);
  weft_config *c = NULL;
  weft_status s = is_sv ? weft_config_load(arena, d, argc == 4 ? argv[3] : "base", NULL, 0, &c)
                        : generate_micro(arena, d, argv[2], argv[3]);
  int code = report(d, s);
  if (s == WEFT_OK && is_sv)
    code = generate_sv(argv[2], c);
  weft_arena_free(&arena);
  return code;
}
