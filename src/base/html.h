/* SPDX-License-Identifier: Apache-2.0 */
/* Text of files and users inside a page. */
#ifndef WEFT_BASE_HTML_H
#define WEFT_BASE_HTML_H

#include <stdio.h>

/* Escapes what HTML reads; control characters but newlines become spaces. */
void weft_html_text(FILE *f, const char *text);

#endif
