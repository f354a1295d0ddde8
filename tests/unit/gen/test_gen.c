/* SPDX-License-Identifier: Apache-2.0 */
/* What the generator prints: every row of a table, and the one text of a rule. */
#include "gen/gen.h"

#include <setjmp.h>
#include <stdlib.h>

#include <cmocka.h>

#include "config/config_rows.h"

/* The text that `print` writes; the caller frees it. */
static char *text_of(void (*print)(FILE *)) {
  char *text = NULL;
  size_t n = 0;
  FILE *f = open_memstream(&text, &n);
  assert_non_null(f);
  print(f);
  assert_int_equal(fclose(f), 0);
  return text;
}

static weft_config *machine;
static void print_params(FILE *f) { weft_gen_sv_params(f, machine); }

static void every_parameter_and_rule_is_in_both(void **state) {
  (void)state;
  weft_arena *a = weft_arena_new();
  assert_int_equal(weft_config_load(a, NULL, "wide", NULL, 0, &machine), WEFT_OK);
  char *sv = text_of(print_params);
  char *md = text_of(weft_gen_md_config);
  size_t n = 0;
  const weft_config_row *rows = weft_config_rows(&n);
  for (size_t i = 0; i < n; i++) {
    assert_non_null(strstr(md, rows[i].key));
    if (rows[i].is_frac)
      continue;
    const char *line = weft_arena_printf(a, "localparam int %s = %d;", rows[i].sv,
                                         weft_config_get(machine, &rows[i]));
    bool is_memory_timing = !rows[i].is_structural && strncmp(rows[i].key, "dram.", 5) == 0;
    assert_int_equal(strstr(sv, line) == NULL, is_memory_timing);
  }
  const weft_config_require *rules = weft_config_requires(&n);
  assert_true(n > 5);
  for (size_t i = 0; i < n; i++) {
    assert_non_null(strstr(sv, weft_arena_printf(a, "!(%s) ? \"%s\" :", rules[i].expression,
                                                 rules[i].message)));
    assert_non_null(strstr(md, rules[i].message));
  }
  char hash[40];
  snprintf(hash, sizeof hash, "64'h%016llx",
           (unsigned long long)weft_config_hash(machine));
  assert_non_null(strstr(sv, hash));
  free(sv);
  free(md);
  weft_arena_free(&a);
}

static void every_instruction_is_in_both(void **state) {
  (void)state;
  char *sv = text_of(weft_gen_sv_isa);
  char *md = text_of(weft_gen_md_isa);
#define INSN(name, opcode, queue, ordered, doc)                    \
  assert_non_null(strstr(sv, " I_" #name " = 6'd"));               \
  assert_non_null(strstr(md, "### " #name " (opcode " #opcode ",")); \
  assert_non_null(strstr(md, doc));
#include "isa.def"
#define FIELD(insn, name, lsb, width, kind, doc)                              \
  assert_non_null(strstr(sv, " " #insn "_" #name "_LSB = " #lsb ";"));        \
  assert_non_null(strstr(sv, " " #insn "_" #name "_W = " #width ";"));        \
  assert_non_null(strstr(md, "| " #name " | " #kind " | " doc " |"));
#include "isa.def"
  free(sv);
  free(md);
}

static void every_register_is_in_both(void **state) {
  (void)state;
  char *sv = text_of(weft_gen_sv_csr);
  char *md = text_of(weft_gen_md_csr);
#define CSR(name, offset, access, doc)              \
  assert_non_null(strstr(sv, " CSR_" #name " = ")); \
  assert_non_null(strstr(md, "| " #name " | " #access " | " doc " |"));
#include "csr.def"
#define FAULT(name, code, doc)                                 \
  assert_non_null(strstr(sv, " FAULT_" #name " = 4'd" #code ";")); \
  assert_non_null(strstr(md, "| " #code " | " #name " | " doc " |"));
#include "csr.def"
  free(sv);
  free(md);
}

static void every_row_of_the_link_is_in_both(void **state) {
  (void)state;
  char *sv = text_of(weft_gen_sv_link);
  char *md = text_of(weft_gen_md_link);
#define LINKTYPE(name, code, n_bytes, once, doc)                          \
  assert_non_null(strstr(sv, " LINK_" #name " = 8'd" #code ";"));         \
  assert_non_null(strstr(sv, " LINK_" #name ": return 1'b" #once ";"));   \
  assert_non_null(strstr(md, "| " #code " | " #name " | "));              \
  assert_non_null(strstr(md, " | " doc " |"));
#include "link.def"
#define LINKSTATUS(name, code, doc)                                       \
  assert_non_null(strstr(sv, " LINKST_" #name " = 8'd" #code ";"));       \
  assert_non_null(strstr(md, "| " #code " | " #name " | " doc " |"));
#include "link.def"
#define HELLOFIELD(name, offset, bytes, doc)                              \
  assert_non_null(strstr(sv, " HELLO_" #name " = " #offset ";"));         \
  assert_non_null(strstr(md, "| " #offset " | " #bytes " | " #name " | " doc " |"));
#include "link.def"
  free(sv);
  free(md);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_parameter_and_rule_is_in_both),
    cmocka_unit_test(every_instruction_is_in_both),
    cmocka_unit_test(every_register_is_in_both),
    cmocka_unit_test(every_row_of_the_link_is_in_both),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
