/* SPDX-License-Identifier: Apache-2.0 */
/* Private to src/cli: boards on the command line. */
#ifndef WEFT_CLI_CLI_BOARD_H
#define WEFT_CLI_CLI_BOARD_H

#include "build/board.h"
#include "cli/cli.h"

/* In --boards or WEFT_BOARDS before the repository's. */
weft_status cli_load_board(cli *c, const char *name, weft_board **out);
/* -c, else the board's own machine: a file beside board.yaml, or a name; then --set. */
weft_status cli_board_machine(cli *c, const weft_board *b, weft_config **out);
/* --board: the memory timing of the board into the machine, whose name says so. */
weft_status cli_board_timing(cli *c, const weft_board *b, weft_config *machine);

#endif
