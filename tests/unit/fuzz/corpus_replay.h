/* SPDX-License-Identifier: Apache-2.0 */
/* Seeds of a fuzzer through its harness without the fuzzer: as they are, cut at
 * about a hundred places, and, if small, with each word replaced by values that
 * hurt. Nothing depends on chance. The harness aborts on a finding. */
#ifndef TESTS_UNIT_FUZZ_CORPUS_REPLAY_H
#define TESTS_UNIT_FUZZ_CORPUS_REPLAY_H

#include <stddef.h>
#include <stdint.h>

typedef int (*corpus_harness)(const uint8_t *data, size_t size);

/* Replays every file of `folder` (relative to the root of the repository); seeds
 * of at most small_bytes are damaged at every word. Returns their number. */
int corpus_replay(const char *folder, corpus_harness harness, size_t small_bytes);

#endif
