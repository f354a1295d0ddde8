/* SPDX-License-Identifier: Apache-2.0 */
/* Private to src/cli: what deploy needs besides the board: the simulated one, and
 * bitstreams. */
#ifndef WEFT_CLI_CLI_DEPLOY_H
#define WEFT_CLI_CLI_DEPLOY_H

#include "board/board_host.h"
#include "build/board.h"
#include "cli/cli.h"

/* --sim: the Verilated board behind a pseudo terminal of this process; for a board
 * with memory.kind axi the Verilated weft_axi behind the UIO transport. */
typedef struct deploy_sim {
  weft_arena *arena;            /* of the board's thread                      */
  void *device;
  void *pty;
  void *axi;
} deploy_sim;
weft_status deploy_sim_open(cli *c, const weft_board *b, const weft_config *config, deploy_sim *out);
/* memory.kind axi. Fills what a mapped board cannot tell from board and machine. */
weft_status deploy_axi_connect(cli *c, const weft_board *b, const weft_config *config, const weft_board_limits *limits,
                               deploy_sim *s, weft_connection *out);
/* Ends it; a broken rule of the bus is an error of its own. */
weft_status deploy_axi_close(cli *c, deploy_sim *s, weft_status status);
const char *deploy_sim_path(const deploy_sim *s);
/* Ends it; a rule that the simulated board broke is an error of its own. */
weft_status deploy_sim_close(cli *c, deploy_sim *s, weft_status status);

/* --bitstream FILE: manifest.json beside it or in the folder above says what it is. */
typedef struct deploy_bitstream {
  const char *path;
  bool has_build_id;
  uint64_t build_id;
} deploy_bitstream;
/* E_READ, E_CONFIG (of another board), E_CONFIG_HASH (of another machine), E_TIMING
 * (it missed its timing; with --allow-timing-fail a warning). */
weft_status deploy_read_bitstream(cli *c, const weft_board *b, const weft_config *config, const char *path,
                                  deploy_bitstream *out);
/* openFPGALoader: E_TOOL if absent, E_LINK: another part on the cable, or it failed
 * (with its last lines). */
weft_status deploy_load_bitstream(cli *c, const weft_board *b, const deploy_bitstream *bits);

#endif
