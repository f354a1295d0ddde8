# SPDX-License-Identifier: Apache-2.0
"""Runs the optimizer over the rows of optimize_rows.py and prints one table: mean of
the seeds on the test set beside TensorFlow's figure. Results are kept in --dir, a row
a folder, and computed again only if its recipe, or the base network's, is another.

  optimize_tables.py --dir build/bench-optimize [--nets cnn,student] [--sets mnist]
                     [--rows base,2:4] [--seeds 1,2,3] [--kept] [--strict]
--kept: nothing runs; of a row the seeds that are kept count, and a row without any says so.
--strict: exit 1 if a row is not run or a mean is below TensorFlow's figure less its sampling error.
"""
import argparse
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(__file__))
from optimize_rows import NETS, QAT, augment_of, base_of  # noqa: E402

DATA = os.path.join(os.path.dirname(__file__), "..", "optimize", "data")


def weft(args, model, recipe, data, seed, out):
    path = os.path.join(out, "recipe.yaml")
    with open(path, "w", encoding="utf-8") as f:
        f.write(recipe)
    command = [args.weft, "optimize", model, "--recipe", path, "--data", os.path.join(DATA, data),
               "--seed", str(seed), "-o", out, "-j", str(args.jobs), "--measure", "none", "--json",
               "--progress", "none"]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)}: exit {done.returncode}")
    return json.loads(done.stdout)["stages"]


def text(stages):
    return "stages:\n" + "".join(f"  - {s}\n" for s in stages)


def read(path):
    if not os.path.exists(path):
        return None
    with open(path, encoding="utf-8") as f:
        return f.read()


def forget(out):
    if os.path.exists(os.path.join(out, "stages.json")):
        os.remove(os.path.join(out, "stages.json"))


def is_kept(recipe, out):
    return read(os.path.join(out, "recipe.yaml")) == recipe and bool(read(os.path.join(out, "stages.json")))


def kept(args, model, recipe, data, seed, out):
    """Stages of a run, done now unless this recipe's are there; None: not, and --kept."""
    done = os.path.join(out, "stages.json")
    if is_kept(recipe, out):
        return json.loads(read(done))
    if args.kept:
        return None
    os.makedirs(out, exist_ok=True)
    forget(out)
    stages = weft(args, model, recipe, data, seed, out)
    with open(done + ".part", "w", encoding="utf-8") as f:
        json.dump(stages, f)
    os.replace(done + ".part", done)
    return stages


def base_network(args, net, files, k, label, data, training, seed):
    """Trained from scratch; what was kept of another base network is forgotten before it."""
    folder = os.path.join(args.dir, net, data, f"seed{seed}")
    model = os.path.join(os.environ["WEFT_MODELS"], "models/walkthrough", files[k] + "_float.tflite")
    recipe = text([f"train: {{name: base, reinitialize: true, {training}}}", "ptq: {}", QAT])
    recipe = recipe.replace("AUGMENT", augment_of(net, label))
    out = os.path.join(folder, "base")
    if os.path.isdir(folder) and not args.kept and not is_kept(recipe, out):
        for row in os.listdir(folder):
            forget(os.path.join(folder, row))
    return os.path.join(out, "01_base.tflite"), kept(args, model, recipe, data, seed, out)


def run_row(args, net, label, data, seed, model, name, stages, with_qat):
    out = os.path.join(args.dir, net, data, f"seed{seed}", name.replace(" ", "_").replace(":", "of"))
    recipe = text(list(stages) + ["ptq: {}"] + ([QAT] if with_qat else []))
    return kept(args, model, recipe.replace("AUGMENT", augment_of(net, label)), data, seed, out)


def pick(stages, key):
    """The last stage of that name: its percent and share of zeros."""
    found = [s for s in stages if s["stage"].split(" ", 1)[1] == key]
    return found[-1] if found else None


def print_row(cells, name, key, figure, slack):
    percents = [100 * c["accuracy"] for c in cells]
    mean = sum(percents) / len(percents)
    ok = mean >= figure - slack
    print(f"{name:<26} {key:<8} {mean:7.2f} {min(percents):7.2f} {max(percents):7.2f} {figure:9.2f} "
          f"{mean - figure:+7.2f}  {'ok ' if ok else 'LOW'} {len(cells):5d} {100 * cells[0]['zeros']:6.1f} % "
          f"{' '.join(str(d) for d in cells[0]['distinct'])}", flush=True)
    return ok


def table(args):
    seeds = [int(s) for s in args.seeds.split(",")]
    n = low = absent = 0
    print(f"{'network, data, row':<26} {'stage':<8} {'mean':>7} {'least':>7} {'most':>7} {'TF+TFMOT':>9} {'diff':>7}"
          f"       seeds    zeros  distinct by layer")
    for net in args.nets.split(","):
        files, sets, _, rows = NETS[net]
        for k, (label, data, slack) in enumerate(sets):
            if args.sets and label not in args.sets.split(","):
                continue
            for name, stages, figures in rows:
                if args.rows and name not in args.rows.split(","):
                    continue
                results = []
                for seed in seeds:
                    model, base = base_network(args, net, files, k, label, data, base_of(net, label), seed)
                    if base and stages:
                        base = run_row(args, net, label, data, seed, model, name, stages, "qat" in figures)
                    results += [base] if base else []
                if not results:
                    absent += len(figures)
                    print(f"{f'{net} {label} {name}':<26} not run")
                    continue
                for key, figure in figures.items():
                    cells = [pick(r, key) for r in results]
                    n += 1
                    low += not print_row(cells, f"{net} {label} {name}", key, figure[k], slack)
    print(f"{n} figures, {low} low" + (f", {absent} not run" if absent else ""))
    return low + absent


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--weft", default="build/weft")
    p.add_argument("--dir", default="build/bench-optimize")
    p.add_argument("--nets", default=",".join(NETS))
    p.add_argument("--sets", default="")
    p.add_argument("--rows", default="")
    p.add_argument("--seeds", default="1,2,3")
    p.add_argument("--jobs", type=int, default=2)
    p.add_argument("--kept", action="store_true")
    p.add_argument("--strict", action="store_true")
    args = p.parse_args()
    if "WEFT_MODELS" not in os.environ:
        sys.exit("bench-optimize: set WEFT_MODELS")
    missing = table(args)
    sys.exit(1 if missing and args.strict else 0)


main()
