# SPDX-License-Identifier: Apache-2.0
"""Runs the ```sh blocks of a page, in order, in one empty folder, each under 'sh -e'.

Exit 1 if a block fails, or if its standard output is not the ```text block behind
it, none for none (with --write the page gets the new output instead). What differs between machines
is masked on both sides: seconds and paths of the run; blanks at the end of a line go.
"""
import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile

BLOCK = re.compile(r"```sh\n(.*?)```\n(?:```text\n(.*?)```\n)?", re.S)


def run(block, folder, env):
    done = subprocess.run(["sh", "-e", "-c", block], cwd=folder, env=env, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        sys.exit(f"check-docs: exit {done.returncode} of\n{block}{done.stdout}{done.stderr}")
    return done.stdout


def masked(text, env):
    for name in ("WEFT_MODELS", "D", "R"):
        text = text.replace(env[name], "$" + name)
    text = re.sub(r"\d+(\.\d+)? s\b", "N s", text)
    return re.sub(r" +$", "", text, flags=re.M)


def check_page(page, env, write):
    text = open(page, encoding="utf-8").read()
    folder = tempfile.mkdtemp(prefix="docs.")
    wrong = []

    def replace(match):
        out = masked(run(match.group(1), folder, env), env)
        print(match.group(1) + out, flush=True)
        if out != (match.group(2) or ""):
            wrong.append(match.group(1))
        return f"```sh\n{match.group(1)}```\n" + (f"```text\n{out}```\n" if out else "")
    new = BLOCK.sub(replace, text)
    shutil.rmtree(folder)
    if write and new != text:
        with open(page, "w", encoding="utf-8") as f:
            f.write(new)
    for block in [] if write else wrong:
        print(f"check-docs: {page}: another output than the page's of\n{block}", file=sys.stderr)
    return bool(wrong) and not write


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("pages", nargs="+")
    p.add_argument("--weft", default="build/weft")
    p.add_argument("--write", action="store_true")
    args = p.parse_args()
    if not os.environ.get("WEFT_MODELS"):
        sys.exit("check-docs: set WEFT_MODELS")
    root = os.getcwd()
    env = dict(os.environ, R=f"{root}/compiler/optimize/recipes", D=f"{root}/tests/optimize/data",
               PATH=f"{os.path.dirname(os.path.abspath(args.weft))}:{os.environ['PATH']}")
    env["WEFT_MODELS"] = os.path.abspath(env["WEFT_MODELS"])
    sys.exit(1 if any([check_page(page, env, args.write) for page in args.pages]) else 0)


main()
