#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Configurations of other accelerators become machines that validate; what became of
# each key is as reviewed in files/*.want; damaged files end in a message.
set -u
build=${BUILD:-build}
weft=$(realpath "$build/weft")
mkdir -p "$build/tests"
dir=$(mktemp -d "$(realpath "$build")/tests/import.XXXXXX")
trap 'rm -rf "$dir"' EXIT
cd "$(dirname "$0")/files" || exit 1
bad=0
fail() { echo "FAIL: $*"; bad=1; }

# NAME FORMAT FILE OPTIONS...: the table is NAME.want, the machine validates, JSON says the same
check() {
  name=$1 format=$2 file=$3
  shift 3
  "$weft" config init --from "$format" "$file" "$@" -o "$dir/$name.yaml" >"$dir/$name.got" 2>"$dir/err" ||
    { fail "$name: exit $?"; cat "$dir/err"; return; }
  diff "$name.want" "$dir/$name.got" || fail "$name: another table than $name.want"
  "$weft" config validate "$dir/$name.yaml" >/dev/null || fail "$name: the machine does not validate"
  "$weft" config init --from "$format" "$file" "$@" >"$dir/$name.out" || fail "$name: without -o"
  cmp -s "$dir/$name.out" "$dir/$name.yaml" || fail "$name: standard output is not the file"
  "$weft" config init --from "$format" "$file" "$@" --json >"$dir/json" || fail "$name: --json"
  python3 - "$dir/json" "$dir/$name.got" "$dir/$name.yaml" <<'EOF' || fail "$name: JSON and table differ"
import json, sys
j = json.load(open(sys.argv[1]))
table = open(sys.argv[2]).read().splitlines()
assert len(table) == len(j["rows"]) + 1, (len(table), len(j["rows"]))
for line, row in zip(table, j["rows"]):
    assert line.startswith(row["key"]) and row["becomes"] in line and line.endswith(row["note"]), (line, row)
for fate in ("same", "nearest", "none", "unknown"):
    assert j[fate] == sum(r["fate"] == fate for r in j["rows"])
    assert fate != "unknown" or all(r["becomes"] == "" for r in j["rows"] if r["fate"] == fate)
keys = dict(l.split(":")[0:2] for l in j["yaml"].splitlines())
written = dict(l.split("#")[0].split(":") for l in open(sys.argv[3]) if not l.startswith("#"))
assert all(written[k].strip() == v.strip() for k, v in keys.items()) and len(keys) >= 16
EOF
}
check header gemmini gemmini_params.h
check scala gemmini Gemmini.scala
check vta vta vta_config.json
check tensil tensil small.tarch
check scalesim scalesim scale.cfg
check vela vela vela.ini
check vela_large vela vela.ini --accelerator Ethos-U65-512 --system-config Large --memory-mode Own

# exit, text of standard error, arguments of config init
refuse() {
  want=$1 text=$2
  shift 2
  "$weft" config init "$@" -o "$dir/no.yaml" >/dev/null 2>"$dir/err"
  got=$?
  [ $got -eq "$want" ] && grep -qF -- "$text" "$dir/err" || { fail "init $*: exit $got, wanted $want and '$text'"; cat "$dir/err"; }
  [ ! -e "$dir/no.yaml" ] || fail "init $*: left a file"
}
refuse 2 "did you mean gemmini" --from gemini gemmini_params.h
refuse 2 "no FILE" --from vta
refuse 2 "with --from vela" --from vta vta_config.json --accelerator ethos-u55-32
refuse 2 "did you mean ethos-u55-32" --from vela vela.ini --accelerator ethos-u55-33
refuse 3 "no section [Memory_Mode.None]" --from vela vela.ini --memory-mode None
refuse 3 "inherits without end" --from vela vela.ini --memory-mode Round
refuse 3 "no array_size" --from tensil vta_config.json
refuse 3 "no LOG_BLOCK" --from vta small.tarch
refuse 3 "no DIM" --from gemmini scale.cfg
refuse 3 "No such file" --from vta /nonexistent.json
printf '{"LOG_BLOCK": 4, "LOG_BLOCK": 3}' >"$dir/twice.json"
refuse 3 "duplicate" --from vta "$dir/twice.json"
printf '[a]\nArrayHeight: 4\nArrayHeight: 8\n' >"$dir/twice.cfg"
refuse 3 "a second time" --from scalesim "$dir/twice.cfg"
printf '[a]\nArrayHeight: many\nArrayWidth: 8\n' >"$dir/many.cfg"
refuse 3 "many.cfg:2" --from scalesim "$dir/many.cfg"
printf '[a]\nArrayHeight: 1e300\nArrayWidth: 8\n' >"$dir/huge.cfg"
refuse 3 "0 to 1e12" --from scalesim "$dir/huge.cfg"
printf '{"LOG_BLOCK": 400}' >"$dir/log.json"
refuse 3 "a logarithm" --from vta "$dir/log.json"
printf '#define DIM 8\0\n' >"$dir/zero.h"
refuse 3 "a byte 0" --from gemmini "$dir/zero.h"
head -c 2000000 /dev/zero | tr '\0' 'a' >"$dir/long.ini"
refuse 3 "long.ini" --from vela "$dir/long.ini"
i=0
while [ $i -lt 3000 ]; do echo "k$i = 1"; i=$((i + 1)); done >"$dir/many.ini"
refuse 3 "too many entries" --from scalesim "$dir/many.ini"

# Damaged copies: a message or a machine that validates; no signal, no exit 1
python3 - "$weft" "$dir" <<'EOF' || fail "damaged files"
import random, subprocess, sys
weft, folder = sys.argv[1:]
random.seed(1)
files = [("gemmini", "gemmini_params.h"), ("gemmini", "Gemmini.scala"), ("vta", "vta_config.json"), ("tensil", "small.tarch"),
         ("scalesim", "scale.cfg"), ("vela", "vela.ini")]
bad, made = 0, 0
for i in range(240):
    form, name = files[i % len(files)]
    data = bytearray(open(name, "rb").read())
    for _ in range(random.randint(1, 6)):
        at = random.randrange(len(data))
        what = random.randrange(4)
        if what == 0:
            data[at] = random.randrange(256)
        elif what == 1:
            del data[at:at + random.randint(1, 40)]
        elif what == 2:
            data[at:at] = data[at:at + random.randint(1, 60)]
        else:
            data[at:at] = random.choice([b"99999999999999999999", b"-1", b"[", b"{", b"=", b"\n", b"1e999", b"(" * 50])
    path = f"{folder}/damaged"
    open(path, "wb").write(bytes(data))
    done = subprocess.run([weft, "config", "init", "--from", form, path, "-q", "-o", folder + "/made.yaml"], capture_output=True, timeout=20)
    ok = done.returncode in (0, 3) and (done.returncode == 0 or done.stderr)
    if ok and done.returncode == 0:
        made += 1
        ok = subprocess.run([weft, "config", "validate", folder + "/made.yaml"], capture_output=True).returncode == 0
    if not ok:
        print(form, name, i, done.returncode, done.stderr[-300:])
        bad += 1
print(f"damaged: {made} of 240 still became machines")
sys.exit(bad > 0 or made == 0 or made == 240)
EOF
exit $bad
