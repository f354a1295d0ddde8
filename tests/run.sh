#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs test programs and scripts, one log each, and prints a line for each.
#   run.sh TEST...      exit 1 if any failed
# A test is skipped when it exits 77 or when cmocka says so; a script or case
# that needs networks outside the repository skips without WEFT_MODELS. Skips
# are counted and printed last, so that nobody takes them for passes.
set -u
build=${BUILD:-build}
logs=$build/test-logs
mkdir -p "$logs"
ran=0 failed=0 skipped=0 skipped_cases=0
for t in "$@"; do
  name=$(echo "${t#"$build"/tests/}" | sed 's|^tests/||; s|/|.|g')
  log=$logs/$name.log
  start=$(date +%s)
  timeout "${WEFT_TEST_TIMEOUT:-600}" "$t" >"$log" 2>&1
  status=$?
  seconds=$(($(date +%s) - start))
  cases=$(grep '^\[  SKIPPED \] [^0-9]' "$log" | sort -u | wc -l)
  if [ $status -eq 77 ]; then
    skipped=$((skipped + 1))
    printf 'SKIP  %s: %s\n' "$name" "$(tail -n 1 "$log")"
    continue
  fi
  ran=$((ran + 1))
  skipped_cases=$((skipped_cases + cases))
  if [ $status -ne 0 ]; then
    failed=$((failed + 1))
    printf 'FAIL  %s: exit %d, %s; its last lines:\n' "$name" $status "$log"
    grep -vE '^\[ (RUN     |      OK) \]' "$log" | tail -n 30 | sed 's/^/      /'
  else
    note=
    [ "$cases" -gt 0 ] && note="  ($cases cases SKIPPED)"
    printf 'ok    %s  %d s%s\n' "$name" $seconds "$note"
  fi
done
printf '%d tests ran, %d failed, %d skipped, %d cases skipped in others\n' \
  $ran $failed $skipped $skipped_cases
if [ $((skipped + skipped_cases)) -gt 0 ]; then
  echo "SKIPPED tests need WEFT_MODELS=DIR (networks outside the repository)" \
    "or a tool that 'weft doctor' names."
fi
[ $failed -eq 0 ]
