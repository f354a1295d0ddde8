/* SPDX-License-Identifier: Apache-2.0 */
/* A stage's folder: OUT/NAME. It is filled as OUT/NAME.part and renamed when it
 * is whole; stage.sum in it holds the hash of the inputs and of each output. A
 * folder counts only if both are right. Private to src/build. */
#ifndef WEFT_BUILD_STAGE_H
#define WEFT_BUILD_STAGE_H

#include "base/base.h"

typedef struct stage {
  const char *dir, *part;       /* folders                                    */
  const char *rel_part;         /* .part as seen from OUT                     */
  weft_sha256 inputs;
  char key[65];
} stage;

void stage_begin(weft_arena *arena, stage *s, const char *out_dir, const char *name);
void stage_add_text(stage *s, const char *text);
weft_status stage_add_file(weft_arena *arena, weft_diag *d, stage *s, const char *path);
/* Ends the list of inputs. */
void stage_close_inputs(stage *s);
/* The folder is there, of these inputs, and no file of it was changed. */
bool stage_is_valid(weft_arena *arena, const stage *s);
/* An empty .part folder; what an earlier build left is removed. E_WRITE: NAME is
 * there and holds no stage.sum, so it is the user's and stays as it is. */
weft_status stage_open(weft_arena *arena, weft_diag *d, const stage *s);
/* Hashes the outputs (NULL-ended names), writes stage.sum, renames. */
weft_status stage_commit(weft_arena *arena, weft_diag *d, const stage *s,
                         const char *const *outputs);
/* Removes a folder of stages that is no result. */
void stage_remove_tree(weft_arena *arena, const char *dir);
/* SHA-256 of a file as 64 digits. */
weft_status stage_file_hash(weft_arena *arena, weft_diag *d, const char *path, char hex[65]);

#endif
