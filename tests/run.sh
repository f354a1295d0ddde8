#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs test programs and scripts, one log each, and prints a line for each.
#   run.sh TEST...      exit 1 if any failed; WEFT_TEST_JOBS (2) at a time
# A test is skipped when it exits 77 or when cmocka says so; a script or case
# that needs networks outside the repository skips without WEFT_MODELS. Skips
# are counted and printed last, so that nobody takes them for passes.
set -u
build=${BUILD:-build}
logs=$build/test-logs

# One test: a line on standard output, its counts into NAME.result:
# ran failed skipped skipped-cases
run_one() {
  t=$1
  name=$(echo "${t#"$build"/tests/}" | sed 's|^tests/||; s|^/||; s|/|.|g')
  log=$logs/$name.log
  start=$(date +%s)
  timeout "${WEFT_TEST_TIMEOUT:-1500}" "$t" >"$log" 2>&1
  status=$?
  seconds=$(($(date +%s) - start))
  cases=$(grep '^\[  SKIPPED \] [^0-9]' "$log" | sort -u | wc -l)
  if [ $status -eq 77 ]; then
    printf 'SKIP  %s: %s\n' "$name" "$(tail -n 1 "$log")"
    echo 0 0 1 0 >"$logs/$name.result"
  elif [ $status -ne 0 ]; then
    tail=$(grep -vE '^\[ (RUN     |      OK) \]' "$log" | tail -n 30 | sed 's/^/      /')
    printf 'FAIL  %s: exit %d after %d s, %s; its last lines:\n%s\n' "$name" $status $seconds "$log" "$tail"
    echo 1 1 0 "$cases" >"$logs/$name.result"
  else
    note=
    [ "$cases" -gt 0 ] && note="  ($cases cases SKIPPED)"
    printf 'ok    %s  %d s%s\n' "$name" $seconds "$note"
    echo 1 0 0 "$cases" >"$logs/$name.result"
  fi
}

if [ "${1:-}" = --one ]; then
  run_one "$2"
  exit 0
fi
mkdir -p "$logs"
rm -f "$logs"/*.result
[ $# -eq 0 ] || printf '%s\n' "$@" | xargs -P "${WEFT_TEST_JOBS:-2}" -n 1 "$0" --one
# shellcheck disable=SC2046
set -- "$#" $(cat "$logs"/*.result 2>/dev/null |
  awk '{ ran += $1; failed += $2; skipped += $3; cases += $4; n++ }
       END { print ran + 0, failed + 0, skipped + 0, cases + 0, n + 0 }')
printf '%d tests ran, %d failed, %d skipped, %d cases skipped in others\n' "$2" "$3" "$4" "$5"
if [ $(($4 + $5)) -gt 0 ]; then
  echo "SKIPPED tests need WEFT_MODELS=DIR (networks outside the repository)" \
    "or a tool that 'weft doctor' names."
fi
[ "$1" -eq "$6" ] || { echo "$(($1 - $6)) tests left no result"; exit 1; }
[ "$3" -eq 0 ]
