#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A machine for a board and a network: eight of a space, two are measured. Their cycles
# are those of weft sim; every other one has its reason; a run that was interrupted ends
# in the same bytes; the front is XML that draws each point.
set -u
set -- explore
. tests/explore/set_up.sh
# run WANT TEXT ARGS: exit code, and a text of standard error
run() {
  want=$1 text=$2
  shift 2
  "$weft" explore "$@" >"$dir/out" 2>"$dir/err" </dev/null
  got=$?
  [ $got -eq "$want" ] || { fail "explore $*: exit $got, wanted $want"; cat "$dir/err"; }
  [ -z "$text" ] || grep -qF -- "$text" "$dir/err" || { fail "explore $*: no '$text' in:"; cat "$dir/err"; }
}
same() { for f in front.csv explore.json front.svg chosen.yaml; do cmp -s "$1/$f" "$2/$f" || fail "$1 and $2: another $f"; done; }

run 0 "" "$net" --board ulx3s-25f --space "$space" -o "$dir/a" --json
"$weft" config validate "$dir/a/chosen.yaml" >/dev/null || fail "chosen.yaml does not validate"
"$weft" sim "$net" --board ulx3s-25f --seed 1 --json -q >"$dir/fast.json" 2>/dev/null || fail "weft sim of the board's machine"
cat >"$dir/check.py" <<'EOF'
import csv, json, sys, xml.etree.ElementTree as xml
folder = sys.argv[1]
out, e = json.load(open(folder + "/../out")), json.load(open(folder + "/explore.json"))
fast = json.load(open(f"{folder}/../fast.json"))["runs"][0]["cycles"]
points = {p["machine"]: p for p in e["points"]}
assert len(points) == 8 == out["points"] and out["front"] == 2 and out["rejected"] == 6, out
assert out["chosen"]["machine"] == "4x4 q2 s32 r16" and out["chosen"]["cycles"] == [fast], (out["chosen"], fast)
assert points["4x4 q1 s32 r16"]["state"] == "front" and points["4x4 q1 s32 r16"]["cycles"][0] > fast
assert points["4x4 q1 s32 r16"]["cells"] < points["4x4 q2 s32 r16"]["cells"]
assert out["chosen"]["clock"] in ("built", "covered") and out["chosen"]["clock_why"]
for p in points.values():
    assert (p["state"] == "rejected") == bool(p["why"]) == (p["fps"] == 0), p
assert points["8x4 q1 s32 r16"]["why"] == "36 multipliers, the part has 28"
assert points["4x4 q2 s128 r16"]["why"].endswith(" block RAMs, the part has 56"), points["4x4 q2 s128 r16"]["why"]
assert 0 < e["area_mean_error"] <= e["area_max_error"] < 0.15, (e["area_mean_error"], e["area_max_error"])
rows = list(csv.DictReader(open(folder + "/front.csv")))
assert [(r["machine"], r["state"], int(r["cycles_0"])) for r in rows] == [(p["machine"], p["state"], p["cycles"][0]) for p in e["points"]]
svg = xml.parse(folder + "/front.svg").getroot()
circles = [c for c in svg.iter() if c.tag.endswith("circle")]
assert len(circles) == 2 and sum(c.get("fill") == "#dc2626" for c in circles) == 1
assert {c[0].text.split(":")[0] for c in circles} == {"4x4 q2 s32 r16", "4x4 q1 s32 r16"}
width, height = (float(v) for v in svg.get("viewBox").split()[2:])
assert all(0 < float(c.get("cx")) < width and 0 < float(c.get("cy")) < height for c in circles)
EOF
python3 "$dir/check.py" "$dir/a" || fail "results"

slow=$(python3 -c "import json; print(next(p['cycles'][0] for p in json.load(open('$dir/a/explore.json'))['points'] if p['machine'] == '4x4 q1 s32 r16'))")

# Again from its results; with one result gone; interrupted behind the first result
cp -r "$dir/a" "$dir/b" && rm "$dir/b"/*.csv "$dir/b"/*.json
run 0 "" "$net" --board ulx3s-25f --space "$space" -o "$dir/b" -q
same "$dir/a" "$dir/b"
stamp=$(ls -l --time-style=full-iso "$dir/b/points")
run 0 "" "$net" --board ulx3s-25f --space "$space" -o "$dir/b" -j 2 -q
[ "$(ls -l --time-style=full-iso "$dir/b/points")" = "$stamp" ] || fail "measured again"
for _ in 1 2 3 4 5 6; do
  rm -rf "$dir/c" && mkdir "$dir/c"
  "$weft" explore "$net" --board ulx3s-25f --space "$space" -o "$dir/c" -q 2>/dev/null </dev/null &
  pid=$!
  tries=0
  while [ -z "$(ls "$dir/c/points" 2>/dev/null)" ] && [ $tries -lt 600 ]; do sleep 0.01; tries=$((tries + 1)); done
  kill -INT $pid
  wait $pid
  got=$?
  [ $got -eq 0 ] || break   # 0: the last result came before the signal
done
[ $got -eq 130 ] || fail "interrupted: exit $got"
[ ! -e "$dir/c/front.csv" ] || fail "interrupted, and yet a front"
run 0 "" "$net" --board ulx3s-25f --space "$space" -o "$dir/c" -q
same "$dir/a" "$dir/c"

# A target that the smaller one reaches, one that none reaches
fps=$((80000000 / slow))
run 0 "" "$net" --board ulx3s-25f --space "$space" -o "$dir/b" --target-fps "$fps" --json
grep -q '"machine": "4x4 q1 s32 r16"' "$dir/out" || fail "target $fps: $(cat "$dir/out")"
run 5 "all rejected" "$net" --board ulx3s-25f --space "$space" -o "$dir/b" --target-fps 1000000
grep -q "inferences/s, wanted 1000000.0" "$dir/b/front.csv" || fail "no reason in front.csv"

# The table names the error and the clock; what cannot be
run 0 "" "$net" --board ulx3s-25f --space "$space" -o "$dir/a"
grep -q "each against a fit to the others: off by" "$dir/out" || fail "no error in the table"
grep -q "^\* 4x4 q2 s32 r16 .*\(built: \|no larger than \)" "$dir/out" || fail "no clock in the table"
run 4 "not supported yet for this family" "$net" --board icebreaker -o "$dir/no"
run 2 "no such point" "$net" --board tangnano20k --space "$space" -o "$dir/no" --point 8 # its results are read
run 3 "did you mean array.rows" "$net" --board ulx3s-25f --space "$(printf 'array.row: [4]\n' >"$dir/s.yaml"; echo "$dir/s.yaml")" -o "$dir/no"
run 2 "no such point" "$net" --board ulx3s-25f --space "$space" -o "$dir/no" --point 8
exit $bad
