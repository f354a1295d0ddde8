#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# setup.sh [GROUP...]: installs what configs/packages.txt lists (of the groups:
# build rtl tests systemc by default) and is not there. Silent when nothing is missing.
#   as root: apt-get; else through sudo, and only from a terminal
#   WEFT_NO_INSTALL=1: never installs, only tells
# Exit 0 if at least the group `build` is complete, else 8.
set -u
list=configs/packages.txt
groups=${*:-build rtl tests systemc}

wanted() {
  for g in $groups; do awk -v g="$g" '$1 == g { print $2 }' "$list"; done
}
is_installed() {
  dpkg-query -W -f '${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed
}
missing() {
  for p in "$@"; do is_installed "$p" || printf '%s ' "$p"; done
}
say() { echo "setup: $*" >&2; }

works_without() {
  for g in $groups; do
    # shellcheck disable=SC2046
    lack=$(missing $(awk -v g="$g" '$1 == g { print $2 }' "$list"))
    [ -z "$lack" ] && continue
    case $g in
    build) say "without ${lack% }: nothing can be built" ;;
    rtl) say "without ${lack% }: no RTL (sim, --backend rtl); check, compile, run and verify on the C models work" ;;
    tests) say "without ${lack% }: tests against recorded results and real inputs are skipped; everything else works" ;;
    systemc) say "without ${lack% }: no SystemC test; everything else works" ;;
    lint) say "without ${lack% }: no clang warnings and no fuzzing; everything else works" ;;
    fpga) say "without ${lack% }: no make fpga-check and no weft build; everything else works" ;;
    esac
  done
}

finish() {
  works_without
  # shellcheck disable=SC2046
  [ -z "$(missing $(awk '$1 == "build" { print $2 }' "$list"))" ] && exit 0
  exit 8
}

if ! command -v dpkg-query >/dev/null; then
  command -v "${CC:-gcc}" >/dev/null && exit 0
  say "this is no Debian: install the equivalents of" $(wanted)
  exit 8
fi
# shellcheck disable=SC2046
lack=$(missing $(wanted))
[ -z "$lack" ] && exit 0
say "missing packages: ${lack% }"
if [ "${WEFT_NO_INSTALL:-0}" = 1 ]; then
  say "WEFT_NO_INSTALL=1: nothing is installed"
  finish
fi
if [ "$(id -u)" -eq 0 ]; then
  as_root=
elif command -v sudo >/dev/null && [ -t 0 ] && [ -t 2 ]; then
  as_root=sudo
  say "installing them with sudo"
else
  say "no rights and no terminal to ask on; as root: apt-get install ${lack% }"
  finish
fi
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
wait="-o Acquire::http::Timeout=20 -o Acquire::Retries=1"
# shellcheck disable=SC2086
if ! { $as_root apt-get $wait update -q && $as_root apt-get $wait install -q -y --no-install-recommends $lack; } >"$log" 2>&1; then
  tail -n 5 "$log" >&2
  say "apt-get failed (no network?); the whole log is $log"
  finish
fi
rm -f "$log"
# shellcheck disable=SC2046
still=$(missing $(wanted))
[ -z "$still" ] && { say "installed"; exit 0; }
finish
