/* SPDX-License-Identifier: Apache-2.0 */
/* The only generator: SystemVerilog packages and Markdown from configs/. Used by the tool
 * weft-gen and by the simulator build of sim/rtl. */
#ifndef WEFT_GEN_GEN_H
#define WEFT_GEN_GEN_H

#include <stdio.h>
#include <string.h>

#include "config/config.h"

void weft_gen_sv_isa(FILE *f);                           /* weft_isa_pkg     */
void weft_gen_sv_csr(FILE *f);                           /* weft_csr_pkg     */
void weft_gen_sv_params(FILE *f, const weft_config *c);  /* weft_params_pkg  */
void weft_gen_sv_link(FILE *f);                          /* weft_link_pkg    */
void weft_gen_sv_legal(FILE *f);   /* legality functions of weft_isa_pkg     */

/* Pages of the tables. */
void weft_gen_md_isa(FILE *f);      /* configs/ISA.md */
void weft_gen_md_config(FILE *f);   /* configs/CONFIG.md */
void weft_gen_md_csr(FILE *f);      /* configs/CSR.md */
void weft_gen_md_link(FILE *f);     /* configs/LINK.md */

#endif
