/* SPDX-License-Identifier: Apache-2.0 */
#include "base/html.h"

void weft_html_text(FILE *f, const char *text) {
  for (const char *p = text; *p; p++)
    switch (*p) {
    case '<': fputs("&lt;", f); break;
    case '>': fputs("&gt;", f); break;
    case '&': fputs("&amp;", f); break;
    case '"': fputs("&quot;", f); break;
    default: fputc((unsigned char)*p < 0x20 && *p != '\n' ? ' ' : *p, f);
    }
}
