#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""same_cycles.py WEFT NET BOARD MACHINE SEED [DEPLOY-OPTION...]: outputs, all cycles and those
of each layer on the simulated board equal those of weft sim with the board's memory timing."""
import json
import subprocess
import sys


def output_of(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}: exit {done.returncode}")
    return json.loads(done.stdout)


weft, net, board, machine, seed = sys.argv[1:6]
more = sys.argv[6:] or ["--sim"]
common = ["-c", machine, "--seed", seed, "--json", "--progress", "none"]
deployed = output_of(weft, "deploy", board, net, *common, *more)
simulated = output_of(weft, "sim", net, "--board", board, *common)
run = simulated["runs"][0]
want = (run["outputs"], run["cycles"], [(l["name"], l["cycles"]) for l in simulated["layers"]])
got = (deployed["outputs"], deployed["cycles"], [(l["name"], l["cycles"]) for l in deployed["layers"]])
if want != got or not deployed["verified"] or sum(c for _, c in got[2]) != got[1]:
    sys.exit(f"{net} on {board}, machine {machine}: {got} is not {want}")
print(f"{net} on {board}, machine {machine}: {got[1]} cycles, {len(got[2])} layers, equal to weft sim")
