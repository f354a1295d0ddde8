#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# setup.sh among pretended tools: it is silent when nothing is missing, installs
# as root, asks nobody without a terminal, obeys WEFT_NO_INSTALL, says what works.
set -u
t=$(mktemp -d)
trap 'rm -rf "$t"' EXIT
bad=0
tool() { printf '#!/bin/sh\n%s\n' "$2" >"$t/bin/$1"; chmod +x "$t/bin/$1"; }
mkdir "$t/bin"
tool apt-get 'echo "apt-get $*" >>"$T/calls"; [ -e "$T/offline" ] && exit 100; case "$*" in *install*) touch "$T/all";; esac; exit 0'
tool sudo 'echo "sudo $*" >>"$T/calls"; exec "$@"'
tool id 'cat "$T/uid"'
tool dpkg-query 'for p; do :; done; { [ -e "$T/all" ] || grep -qx "$p" "$T/have"; } && echo installed || exit 1'
everything=$(awk '!/^#/ { print $2 }' configs/packages.txt)
reset() { rm -f "$t/calls" "$t/all" "$t/offline"; echo "$everything" >"$t/have"; echo 0 >"$t/uid"; : >"$t/calls"; }
without() { echo "$everything" | grep -vx "$1" >"$t/have"; }
setup() { T=$t PATH=$t/bin:$PATH tests/setup.sh >"$t/out" 2>&1 </dev/null; status=$?; }
expect() { # name, exit, text in output (empty: silent), text in calls (empty: none)
  ok=1
  [ $status -eq "$2" ] || ok=0
  if [ -n "$3" ]; then grep -qF -- "$3" "$t/out" || ok=0; else [ -s "$t/out" ] && ok=0; fi
  if [ -n "$4" ]; then grep -qF -- "$4" "$t/calls" || ok=0; else [ -s "$t/calls" ] && ok=0; fi
  [ $ok -eq 1 ] || { bad=$((bad + 1)); echo "$1: exit $status"; cat "$t/out" "$t/calls"; }
}

reset; setup; expect "nothing missing" 0 "" ""
reset; without verilator; setup; expect "root installs" 0 "missing packages: verilator" "install -q -y --no-install-recommends verilator"
reset; without verilator; echo 1000 >"$t/uid"; setup; expect "user without terminal" 0 "no rights" ""
reset; without gcc; echo 1000 >"$t/uid"; setup; expect "user without compiler" 8 "nothing can be built" ""
reset; without verilator; export WEFT_NO_INSTALL=1; setup; expect "WEFT_NO_INSTALL" 0 "run and verify on the C models work" ""
without gcc; setup; expect "WEFT_NO_INSTALL without compiler" 8 "nothing is installed" ""
unset WEFT_NO_INSTALL
reset; without libsystemc-dev; touch "$t/offline"; setup; expect "no network" 0 "no SystemC test; everything else works" "update -q"
grep -q sudo "$t/calls" && { echo "sudo was called"; bad=$((bad + 1)); }
reset; without python3; export WEFT_NO_INSTALL=1; setup; expect "no python3" 0 "without python3: tests against recorded results" ""
echo "8 cases, $bad bad"
[ $bad -eq 0 ]
