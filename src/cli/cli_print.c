/* SPDX-License-Identifier: Apache-2.0 */
/* Results go to standard output, everything else to standard error. Text out of
 * files (tensor names) is printed with control characters replaced. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

static void put_text(FILE *f, const char *text, char line_end) {
  for (const char *p = text; *p; p++) {
    const unsigned char b = (unsigned char)*p;
    fputc(b == '\n' ? line_end : b < 0x20 || b == 0x7f ? '?' : *p, f);
  }
}

static void put_clean(FILE *f, const char *text) { put_text(f, text, '\n'); }

/* Lines end where the format ends them: there the texts of two formats differ. Another
 * newline is of a name. */
void cli_say(cli *c, const char *fmt, ...) {
  if (c->json || c->quiet)
    return;
  char *other = weft_arena_printf(c->arena, "%s", fmt);
  for (char *p = other; (p = strchr(p, '\n')) != NULL;)
    *p = ' ';
  va_list args, again;
  va_start(args, fmt);
  va_copy(again, args);
  char *text = weft_arena_vprintf(c->arena, fmt, args), *flat = weft_arena_vprintf(c->arena, other, again);
  va_end(again);
  va_end(args);
  for (size_t i = 0; text[i]; i++)
    if (text[i] == '\n' && flat[i] == '\n')
      text[i] = '?';
  put_clean(stdout, text);
}

void cli_say_lines(cli *c, const char *text) {
  if (!c->json && !c->quiet)
    put_clean(stdout, text);
}

static void print_row(const char *label, const char *text) {
  if (!text || !*text)
    return;
  fprintf(stderr, "  %-8s ", label);
  put_clean(stderr, text);
  fputc('\n', stderr);
}

void cli_print_issues(cli *c) {
  weft_progress_clear(c->progress);
  const size_t n = weft_diag_count(c->diag);
  for (size_t i = 0; i < n; i++) {
    const weft_issue *issue = weft_diag_at(c->diag, i);
    fprintf(stderr, "error %s: ", weft_status_name(issue->code));
    put_text(stderr, issue->where && *issue->where ? issue->where : weft_status_text(issue->code), '?');
    fputc('\n', stderr);
    print_row("found", issue->found);
    print_row("allowed", issue->allowed);
    print_row("remedy", issue->remedy);
  }
}

void cli_json_issues(cli *c, weft_json *j) {
  c->has_result_issues = true;
  weft_json_array(j, "issues");
  for (size_t i = 0; i < weft_diag_count(c->diag); i++) {
    const weft_issue *issue = weft_diag_at(c->diag, i);
    weft_json_object(j, NULL);
    weft_json_string(j, "code", weft_status_name(issue->code));
    weft_json_string(j, "where", issue->where);
    weft_json_string(j, "found", issue->found);
    weft_json_string(j, "allowed", issue->allowed);
    weft_json_string(j, "remedy", issue->remedy);
    weft_json_end(j);
  }
  weft_json_end(j);
}

void cli_print_json(cli *c, weft_json *j) { c->result = j; }

void cli_flush_json(cli *c, weft_status s) {
  weft_json *j = c->result;
  if (!j) {
    j = weft_json_new(c->arena);
    weft_json_object(j, NULL);
    weft_json_end(j);
    c->has_result_issues = false;
  }
  if (s != WEFT_OK) {
    weft_json_reopen(j);
    weft_json_string(j, "error", weft_status_name(s));
    weft_json_int(j, "exit", weft_status_exit(s));
    if (!c->has_result_issues)
      cli_json_issues(c, j);
    weft_json_end(j);
  }
  size_t n = 0;
  const char *text = weft_json_text(j, &n);
  fwrite(text, 1, n, stdout);
}

weft_status cli_usage(cli *c, const char *where, const char *found,
                      const char *allowed) {
  return weft_fail(c->diag, WEFT_E_USAGE, where, found, allowed,
                   c->verb ? weft_diag_text(c->diag, "see 'weft help %s'", c->verb->name)
                           : "see 'weft help'");
}

weft_status cli_not_yet(cli *c, const char *what) {
  return weft_fail(c->diag, WEFT_E_UNSUPPORTED,
                   weft_diag_text(c->diag, "not supported yet: %s", what), NULL, NULL,
                   NULL);
}

const char *cli_shape_text(weft_arena *arena, const int32_t *shape, int rank) {
  const char *text = "";
  for (int i = 0; i < rank; i++)
    text = weft_arena_printf(arena, "%s%s%d", text, i ? "," : "", shape[i]);
  return weft_arena_printf(arena, "[%s]", text);
}

const char *cli_shell_word(weft_arena *arena, const char *text) {
  char *word = weft_arena_alloc(arena, 4 * strlen(text) + 3, 1), *to = word;
  *to++ = '\'';
  for (; *text; text++) {
    if (*text != '\'') {
      *to++ = *text;
      continue;
    }
    memcpy(to, "'\\''", 4);
    to += 4;
  }
  memcpy(to, "'", 2);
  return word;
}
