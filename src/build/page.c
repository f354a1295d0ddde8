/* SPDX-License-Identifier: Apache-2.0 */
#include "build/page.h"

#include "base/html.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FLOOR_W 1100.0
#define FLOOR_H 620.0
#define MAX_DEPTH 5
#define HEAD 15.0   /* height of a box's label */

typedef struct box { double x, y, w, h; } box;

/* Children of a module in the sorted list: modules [first, last) that share
 * the next part of the name. Its own cells are a child without a name. */
typedef struct child {
  const char *name;
  size_t name_len, first, last;
  int64_t size;
} child;

static int by_size(const void *a, const void *b) {
  const child *x = a, *y = b;
  if (x->size != y->size)
    return x->size < y->size ? 1 : -1;
  return x->first < y->first ? -1 : 1;
}

static size_t children_of(const area *cells, size_t first, size_t last, size_t prefix, child *out) {
  size_t n = 0;
  for (size_t i = first; i < last; i++) {
    const char *rest = cells->modules[i].name + prefix;
    rest += *rest == '.';
    const size_t len = strcspn(rest, ".");
    if (n == 0 || out[n - 1].name_len != len || strncmp(out[n - 1].name, rest, len) != 0)
      out[n++] = (child){rest, len, i, i, 0};
    out[n - 1].last = i + 1;
    out[n - 1].size += cells->modules[i].size;
  }
  qsort(out, n, sizeof *out, by_size);
  return n;
}

static void draw(weft_arena *arena, FILE *f, const area *cells, size_t first, size_t last,
                 size_t prefix, int depth, box b) {
  child *c = WEFT_NEW(arena, child, last - first + 1);
  const size_t n = children_of(cells, first, last, prefix, c);
  int64_t left = 0;
  for (size_t i = 0; i < n; i++)
    left += c[i].size;
  for (size_t i = 0; i < n && c[i].size > 0; i++) {
    const double share = (double)c[i].size / (double)left;
    box k = b;
    if (b.w > b.h) {
      k.w = b.w * share;
      b.x += k.w, b.w -= k.w;
    } else {
      k.h = b.h * share;
      b.y += k.h, b.h -= k.h;
    }
    left -= c[i].size;
    if (k.w < 3 || k.h < 3)
      continue;
    fprintf(f, "<g><title>%.*s: %lld cells</title>"
               "<rect x='%.1f' y='%.1f' width='%.1f' height='%.1f' class='d%d'/>",
            (int)c[i].name_len, c[i].name_len ? c[i].name : "", (long long)c[i].size, k.x, k.y,
            k.w, k.h, depth);
    if (k.w > 60 && k.h > HEAD)
      fprintf(f, "<text x='%.1f' y='%.1f'>%.*s %lld</text>", k.x + 3, k.y + 11,
              c[i].name_len ? (int)c[i].name_len : 5, c[i].name_len ? c[i].name : "(own)",
              (long long)c[i].size);
    fputs("</g>\n", f);
    if (c[i].name_len && depth + 1 < MAX_DEPTH && k.w > 24 && k.h > HEAD + 12)
      draw(arena, f, cells, c[i].first, c[i].last,
           (size_t)(c[i].name - cells->modules[c[i].first].name) + c[i].name_len, depth + 1,
           (box){k.x + 2, k.y + HEAD, k.w - 4, k.h - HEAD - 2});
  }
}

static void put_head(FILE *f, const weft_build_options *o, const weft_build_result *r) {
  fputs("<!DOCTYPE html><html lang='en'><meta charset='utf-8'><title>weft build ", f);
  weft_html_text(f, o->board->name);
  fputs("</title><style>body{font:14px sans-serif;margin:24px;max-width:1120px}"
        "table{border-collapse:collapse}td,th{padding:2px 10px;text-align:right;"
        "border-bottom:1px solid #ddd}td:first-child,th:first-child{text-align:left}"
        "svg text{font:10px sans-serif}rect{stroke:#555;stroke-width:.6}"
        ".d0{fill:#dfe8f5}.d1{fill:#c9dcf0}.d2{fill:#d9ead3}.d3{fill:#fdf0cf}.d4{fill:#f8dcd0}"
        "pre{background:#f5f5f5;padding:8px}</style><h1>", f);
  weft_html_text(f, o->board->name);
  fputs(", machine ", f);
  weft_html_text(f, o->config->name);
  fprintf(f, "</h1><p>%s: %.1f MHz of %.1f MHz, seed %d. %lld of %lld logic cells, %lld of %lld "
             "multipliers, %lld of %lld block RAMs. %.0f s.</p>",
          r->is_timing_met ? "Timing met" : "TIMING NOT MET", r->fmax_mhz, r->target_mhz, r->seed,
          (long long)r->cells, (long long)r->cells_of, (long long)r->dsp, (long long)r->dsp_of,
          (long long)r->bram, (long long)r->bram_of, r->seconds);
  fputs("<table><tr><th>seed</th><th>MHz</th></tr>", f);
  for (size_t i = 0; i < r->n_seeds; i++)
    fprintf(f, "<tr><td>%d</td><td>%.1f</td></tr>", r->seeds[i].seed, r->seeds[i].fmax_mhz);
  fputs("</table>", f);
}

static void put_row(FILE *f, const area_module *m) {
  fputs("<tr><td>", f);
  weft_html_text(f, m->name[0] ? m->name : "(top)");
  fprintf(f, "</td><td>%lld</td>", (long long)m->size);
  for (int k = 0; k < CELL_OTHER; k++)
    fprintf(f, "<td>%lld</td>", (long long)m->n[k]);
  fputs("</tr>\n", f);
}

weft_status page_write(weft_arena *arena, weft_diag *d, const char *path,
                       const weft_build_options *o, const weft_build_result *r,
                       const area *cells, const report *timing) {
  char *text = NULL;
  size_t size = 0;
  FILE *f = open_memstream(&text, &size);
  if (!f)
    weft_out_of_memory(1);
  put_head(f, o, r);
  fprintf(f, "<h2>Floor: logic cells by module</h2><svg width='%.0f' height='%.0f'>", FLOOR_W,
          FLOOR_H);
  draw(arena, f, cells, 0, cells->n_modules, 0, 0, (box){0, 0, FLOOR_W, FLOOR_H});
  fputs("</svg><h2>Worst path</h2><pre>", f);
  for (size_t i = 0; i < timing->n_steps; i++) {
    fprintf(f, "%8.2f ns  ", timing->steps[i].at_ns);
    weft_html_text(f, timing->steps[i].name);
    fputc('\n', f);
  }
  fputs("</pre><h2>Cells by module</h2><table><tr><th>module</th><th>logic cells</th><th>LUT</th>"
        "<th>carry</th><th>LUT RAM</th><th>FF</th><th>multiplier</th><th>block RAM</th></tr>", f);
  for (size_t i = 0; i < cells->n_modules; i++)
    put_row(f, &cells->modules[i]);
  put_row(f, &cells->total);
  fputs("</table><p>LUTs whose nets only synthesis named count to what it named them after; "
        "the total is exact.</p></html>\n", f);
  fclose(f);
  const weft_status s = weft_file_write(d, path, text, size);
  free(text);
  return s;
}
