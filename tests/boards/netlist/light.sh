#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A compiler call with -O1 in place of -O3 (OBJCACHE of Verilator's makefile): a flat
# netlist compiles in a third of the time.
n=$#
while [ "$n" -gt 0 ]; do
  case $1 in
  -O3) set -- "$@" -O1 ;;
  *) set -- "$@" "$1" ;;
  esac
  shift
  n=$((n - 1))
done
exec "$@"
