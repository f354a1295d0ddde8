# SPDX-License-Identifier: Apache-2.0
"""Writes the table of what is proven into the README of each board, between
the lines <!-- proven --> and <!-- /proven -->, from what builds left:

  readme.py BUILDS      BUILDS/NAME/manifest.json of `weft build NAME -o BUILDS/NAME`

A board that BUILDS has no manifest of keeps its table, unless it was found not to fit. Nothing here is typed: no manifest,
no figure.
"""
import json
import os
import sys

BEGIN, END = "<!-- proven -->\n", "<!-- /proven -->\n"


def yaml(path):
    with open(path, encoding="utf-8") as f:
        return dict(line.strip().split(": ", 1) for line in f if ": " in line and not line.startswith("#"))


def rows_of(m):
    names = {t["name"]: t["version"] for t in m["tools"]}
    place = next(n for n in names if n.startswith("nextpnr"))
    pack = [n for n in names if n not in ("pyosys", place)][0]
    seeds = ", ".join(f"seed {s['seed']}: {s['fmax_mhz']:.1f}" if s["fmax_mhz"] else f"seed {s['seed']} failed"
                      for s in m["seeds"])
    verdict = "met" if m["timing_met"] else "**NOT met**"
    judge = f"{place} {names[place]}"
    if m["surrogate_percent"]:
        judge += (f", multipliers replaced by registers (the tool does not time them), less {m['surrogate_percent']} %;"
                  " seeds in brackets are the untimed netlist's")
    use = " and ".join(f"{m[k]['used']:,} of {m[k]['available']:,} {n}"
                       for k, n in (("cells", "logic cells"), ("dsp", "multipliers"), ("bram", "block RAMs")))
    rows = [("machine", f"{m['config']}, hash {m['config_hash']}", "`weft config`"),
            ("timing", f"{verdict}: {m['fmax_mhz']:.1f} MHz of {m['target_mhz']:g} ({seeds})", judge),
            ("area", use, judge.split(",")[0]), ("synthesis", "slang, check -assert", f"pyosys {names['pyosys']}")]
    bit = m["bitstream"]
    if bit:
        rows.append(("bitstream", f"{bit['bytes']:,} bytes, SHA-256 {bit['sha256'][:16]}, build {m['build_id']}",
                     f"{pack} {names[pack]}"))
    else:
        rows.append(("bitstream", "none", ""))
    return rows


def rows_without(board, folder):
    area = os.path.join(folder, "synth", "area.json")
    if board.get("export_only") == "true":
        return [("vendor project", "written, not run", "`weft build --export`")]
    if not os.path.exists(area):
        return None
    with open(area, encoding="utf-8") as f:
        total = json.load(f)["total"]
    luts = sum(n for k, n in total.items() if k.startswith(("SB_LUT", "LUT")))
    ffs = sum(n for k, n in total.items() if k.startswith(("SB_DFF", "DFF", "TRELLIS_FF")))
    ram = sum(n for k, n in total.items() if k.startswith(("SB_RAM", "DP16", "SDP", "DPB")))
    fits = luts <= int(board["lut"]) and ffs <= int(board["lut"]) and ram <= int(board["bram"])
    if fits:
        return None
    return [("area", f"does not fit: {luts:,} LUTs and {ffs:,} registers of {int(board['lut']):,}, "
                     f"{ram} of {board['bram']} block RAMs", "pyosys, `weft build`, exit 5"), ("bitstream", "none", "")]


def table(name, builds):
    board = yaml(f"boards/{name}/board.yaml")
    folder = os.path.join(builds, name)
    path = os.path.join(folder, "manifest.json")
    if os.path.exists(path):
        with open(path, encoding="utf-8") as f:
            rows = rows_of(json.load(f))
    else:
        rows = rows_without(board, folder)
    if rows is None:
        return None
    rows.append(("on the board", "not run: no board was at hand", ""))
    return "| What | Result | By |\n|---|---|---|\n" + "".join(f"| {a} | {b} | {c} |\n" for a, b, c in rows)


def main(builds):
    for name in sorted(os.listdir("boards")):
        readme = f"boards/{name}/README.md"
        if not os.path.exists(readme) or not os.path.exists(f"boards/{name}/board.yaml"):
            continue
        with open(readme, encoding="utf-8") as f:
            text = f.read()
        if BEGIN not in text or END not in text:
            sys.exit(f"{readme}: no lines {BEGIN.strip()} and {END.strip()}")
        head, rest = text.split(BEGIN, 1)
        kept, rest = rest.split(END, 1)
        new = table(name, builds) or kept or "| What | Result | By |\n|---|---|---|\n| bitstream | not built | |\n"
        text = head + BEGIN + new + END + rest
        with open(readme + ".part", "w", encoding="utf-8") as f:
            f.write(text)
        os.replace(readme + ".part", readme)


if __name__ == "__main__":
    main(sys.argv[1])
