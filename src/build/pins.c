/* SPDX-License-Identifier: Apache-2.0 */
#include "build/pins.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_WORDS 16
#define MAX_PINS 4096

/* Words of a line: quotes, braces, brackets of get_ports and ; , ( ) part them. */
static size_t split(weft_arena *arena, const char *line, size_t n, const char **words) {
  size_t n_words = 0;
  for (size_t i = 0; i < n && n_words < MAX_WORDS;) {
    const size_t skip = strspn(line + i, " \t\r\";,{}()");
    i += skip;
    if (i >= n)
      break;
    size_t len = 0;
    while (i + len < n && !strchr(" \t\r\";,{}()", line[i + len]))
      len++;
    if (len > 0)
      words[n_words++] = weft_arena_printf(arena, "%.*s", (int)(len < 200 ? len : 200), line + i);
    i += len;
  }
  return n_words;
}

static weft_status add(weft_arena *arena, weft_diag *d, const char *where, pins *p,
                       const char *port, const char *site, int line) {
  const char *at = weft_diag_text(d, "%s:%d: %.60s", where, line, port);
  for (size_t i = 0; i < p->n; i++) {
    if (strcmp(p->items[i].port, port) == 0)
      return weft_fail(d, WEFT_E_CONFIG, at,
                       weft_diag_text(d, "the port has a pin on line %d", p->items[i].line),
                       "every port once", NULL);
    if (strcmp(p->items[i].site, site) == 0)
      return weft_fail(d, WEFT_E_CONFIG, at,
                       weft_diag_text(d, "pin %.20s, which %.60s has", site, p->items[i].port),
                       "every pin once", NULL);
  }
  if (p->n == MAX_PINS)
    return weft_fail(d, WEFT_E_CONFIG, at, "more pins than any part has", "at most 4096", NULL);
  p->items = weft_arena_grow(arena, p->items, &p->cap, p->n + 1, sizeof *p->items);
  p->items[p->n++] = (pin){port, site, line};
  return WEFT_OK;
}

typedef enum form { LPF, PCF, CST, XDC, QSF, N_FORMS } form;
static const char *const endings[N_FORMS] = {".lpf", ".pcf", ".cst", ".xdc", ".qsf"};

/* get_ports [clk] has lost its braces: "[get_ports" "clk" -> "clk". */
static const char *after_get_ports(weft_arena *arena, const char **w, size_t n) {
  for (size_t i = 0; i + 1 < n; i++)
    if (strcmp(w[i], "[get_ports") == 0) {
      const char *port = w[i + 1];
      const size_t len = strlen(port);
      const bool is_closed = len > 1 && port[len - 1] == ']' && !strchr(port, '[');
      return is_closed ? weft_arena_printf(arena, "%.*s", (int)len - 1, port) : port;
    }
  return NULL;
}

static const char *word_after(const char *const *w, size_t n, const char *key) {
  for (size_t i = 0; i + 1 < n; i++)
    if (strcmp(w[i], key) == 0)
      return w[i + 1];
  return NULL;
}

/* *port NULL: the line places nothing. */
static bool read_line(weft_arena *arena, form f, const char **w, size_t n, const char **port,
                      const char **site) {
  *port = NULL;
  if (n == 0 || w[0][0] == '#' || strncmp(w[0], "//", 2) == 0)
    return true;
  switch (f) {
  case LPF:
    if (strcmp(w[0], "LOCATE") != 0)
      return true;
    *port = word_after(w, n, "COMP");
    *site = word_after(w, n, "SITE");
    break;
  case PCF:
    if (strcmp(w[0], "set_io") != 0)
      return true;
    *site = n > 2 ? w[n - 1] : NULL;
    *port = n > 2 ? w[n - 2] : NULL;
    break;
  case CST:
    if (strcmp(w[0], "IO_LOC") != 0)
      return true;
    *port = n > 2 ? w[1] : NULL;
    *site = n > 2 ? w[2] : NULL;
    break;
  case XDC:
    *site = word_after(w, n, "PACKAGE_PIN");
    if (!*site)
      return true;
    *port = after_get_ports(arena, w, n);
    break;
  case QSF:
    if (strcmp(w[0], "set_location_assignment") != 0)
      return true;
    *site = n > 1 ? w[1] : NULL;
    *port = word_after(w, n, "-to");
    break;
  case N_FORMS:
    break;
  }
  return *port && *site;
}

weft_status pins_parse(weft_arena *arena, weft_diag *d, const char *where, weft_span text,
                       pins *out) {
  const size_t len = strlen(where);
  form f = 0;
  while (f < N_FORMS && (len < 5 || strcmp(where + len - 4, endings[f]) != 0))
    f++;
  *out = (pins){0};
  if (f == N_FORMS)
    return weft_fail(d, WEFT_E_CONFIG, where, "an ending that says no format",
                     ".lpf, .pcf, .cst, .xdc or .qsf", NULL);
  const char *copy = weft_arena_printf(arena, "%.*s", (int)text.size, (const char *)text.data);
  int line = 1;
  for (const char *at = copy; *at; line++) {
    const char *words[MAX_WORDS], *port = NULL, *site = NULL;
    const size_t n = strcspn(at, "\n");
    const size_t n_words = split(arena, at, n, words);
    if (!read_line(arena, f, words, n_words, &port, &site))
      return weft_fail(d, WEFT_E_CONFIG, weft_diag_text(d, "%s:%d", where, line),
                       weft_diag_text(d, "'%.*s'", (int)(n < 60 ? n : 60), at),
                       "a port and its pin", NULL);
    if (port)
      WEFT_TRY(add(arena, d, where, out, port, site, line));
    at += n + (at[n] == '\n');
  }
  return WEFT_OK;
}

static bool is_placed(const char *placed, const char *port) {
  for (const char *p = placed; *p;) {
    const size_t n = strcspn(p, " ");
    if (n > 0 && strncmp(port, p, n) == 0)
      return true;
    p += n + (p[n] == ' ');
  }
  return false;
}

static bool take(const pins *p, bool *used, const char *port) {
  for (size_t i = 0; i < p->n; i++)
    if (strcmp(p->items[i].port, port) == 0) {
      used[i] = true;
      return true;
    }
  return false;
}

static weft_status match_port(weft_arena *arena, weft_diag *d, const char *where, const pins *p,
                              bool *used, const char *name, int width) {
  weft_status s = WEFT_OK;
  if (width == 1 && take(p, used, name))
    return s;
  for (int i = 0; i < width; i++) {
    const char *bit = weft_arena_printf(arena, "%s[%d]", name, i);
    if (!take(p, used, bit))
      s = weft_fail(d, WEFT_E_CONFIG, weft_diag_text(d, "%s: %s", where, width == 1 ? name : bit),
                    "a port of the top without a pin", "every port of the top once", NULL);
  }
  return s;
}

weft_status pins_match(weft_arena *arena, weft_diag *d, const char *where, const pins *p,
                       const char *ports, const char *placed) {
  bool *used = WEFT_NEW(arena, bool, p->n + 1);
  weft_status s = WEFT_OK;
  for (const char *at = ports; *at;) {
    char name[201];
    int width = 0;
    const size_t n = strcspn(at, "\n");
    if (sscanf(at, "%200s %d", name, &width) == 2 && width > 0 && width < MAX_PINS &&
        !is_placed(placed, name)) {
      const weft_status one = match_port(arena, d, where, p, used, name, width);
      s = one != WEFT_OK ? one : s;
    }
    at += n + (at[n] == '\n');
  }
  for (size_t i = 0; i < p->n; i++)
    if (!used[i])
      s = weft_fail(d, WEFT_E_CONFIG,
                    weft_diag_text(d, "%s:%d: %.60s", where, p->items[i].line, p->items[i].port),
                    "no port of the top", "every port of the top once", NULL);
  return s;
}
