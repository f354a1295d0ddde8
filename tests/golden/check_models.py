#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_models.py WEFT DIR: `weft check` over every TFLite file of DIR/models.

Red if it ends in anything but 0, 3 or 4; if it ends in 3 for a network that
TFLite-Micro runs (DIR/goldens) or in 0 for one that it refuses; if a message is
missing; if it lists operators that the file does not have (it lists those of the
main subgraph); or if fewer than 40 networks pass. Prints each exit 3 with its reason."""
import collections
import json
import os
import subprocess
import sys

def check(weft, path):
    p = subprocess.run([weft, "check", path, "--json", "--progress", "none"], stdin=subprocess.DEVNULL,
                       capture_output=True, timeout=60)
    text = p.stderr.decode(errors="replace").strip().splitlines()
    return p.returncode, p.stdout, ", ".join(" ".join(line.split()) for line in text[:3])


def judge(entry, status, out, message):
    """Why this answer is wrong, or None."""
    runs = any("t" in r for r in entry["runs"] if r["profile"] == "tflm")
    if status not in (0, 3, 4):
        return f"exit {status}: {message}"
    if status != 0 and not message:
        return f"exit {status} without a message"
    if status == 3 and runs:
        return f"exit 3, but TFLite-Micro runs it: {message}"
    if status == 0 and not runs:
        return "passes, but TFLite-Micro refuses it"
    if status == 3:
        return None
    want, extra = entry["ops"], set()
    for o in json.loads(out)["operators"]:
        if o["op"] not in want and "CUSTOM:" + o["op"] not in want:
            extra.add(o["op"])
    return f"operators {sorted(extra)} are not among {sorted(want)}" if extra else None


def main(weft, top):
    counts, bad = collections.Counter(), 0
    for name in sorted(os.listdir(os.path.join(top, "goldens"))):
        if not name.endswith(".json") or name.startswith("at_"):
            continue
        with open(os.path.join(top, "goldens", name), encoding="utf-8") as f:
            entries = json.load(f)["models"]
        for entry in entries:
            status, out, message = check(weft, os.path.join(top, "models", entry["model"]))
            counts[status] += 1
            wrong = judge(entry, status, out, message)
            if wrong:
                bad += 1
                print(f"WRONG {entry['model']}: {wrong}")
            elif status == 3:
                print(f"exit 3: {entry['model']}: {message}")
    print(", ".join(f"exit {k}: {n}" for k, n in sorted(counts.items())))
    return 1 if bad or counts[0] < 40 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
