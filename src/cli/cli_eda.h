/* SPDX-License-Identifier: Apache-2.0 */
/* Private to src/cli: environment and folders of the synthesis tools. */
#ifndef WEFT_CLI_CLI_EDA_H
#define WEFT_CLI_CLI_EDA_H

#include "build/tools.h"
#include "cli/cli.h"

/* $WEFT_VENV alone if it is set, else build/eda and the user's data folder; PATH. */
weft_eda_places cli_eda_places(cli *c);
/* The folder that holds rtl/ and boards/; E_READ. */
weft_status cli_root(cli *c, const char **root);
/* doctor --install: the pinned wheels into $WEFT_VENV if it is set, else build/eda if that
 * can be written, else the user's data folder; nothing if every tool is the pinned one. */
weft_status cli_install_eda(cli *c);

#endif
