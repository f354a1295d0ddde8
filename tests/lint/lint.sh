#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# House rules over the files that git tracks. One line a finding, exit 1 if any.
# Compilers, pages and RTL are checked by the targets of tests/lint/rules.mk.
set -u
out=${BUILD:-build}/lint
mkdir -p "$out"
: >"$out/findings"
say() { echo "$*" >>"$out/findings"; }
files() { git ls-files -- "$@" | while read -r f; do [ -f "$f" ] && echo "$f"; done; }

spdx() {
  files '*.c' '*.h' '*.cc' '*.def' '*.sv' '*.svh' '*.sh' '*.py' '*.mk' Makefile |
    while read -r f; do
      head -n 3 "$f" | grep -q 'SPDX-License-Identifier: Apache-2.0' ||
        say "$f: no SPDX line in its first three lines"
    done
}

# A file is at most 900 lines, a C function at most 100; README at most 60.
lengths() {
  files '*.c' '*.h' '*.cc' '*.sv' '*.sh' '*.py' | while read -r f; do
    n=$(wc -l <"$f")
    [ "$n" -le 900 ] || say "$f: $n lines, at most 900"
  done
  files '*.c' '*.cc' | while read -r f; do
    awk -v f="$f" '
      /^[A-Za-z_].*\(/ && !/;[ ]*$/ { start = NR; name = $0 }
      /^}/ { if (start && NR - start > 100)
               printf "%s:%d: function of %d lines, at most 100: %s\n", f, start, NR - start, name
             start = 0 }' "$f"
  done >>"$out/findings"
  files 'src/*README.md' 'compiler/*README.md' 'sim/*README.md' 'rtl/*README.md' \
    'tests/*README.md' 'configs/README.md' 'boards/*README.md' | while read -r f; do
    n=$(wc -l <"$f")
    [ "$n" -le 60 ] || say "$f: $n lines, at most 60"
  done
}

# Each folder with sources of its own explains itself.
readmes() {
  files 'src/*.c' 'compiler/*.c' 'sim/*.c' 'sim/*.cc' 'rtl/*.sv' | xargs -n 1 dirname | sort -u |
    while read -r d; do
      [ -f "$d/README.md" ] || say "$d: no README.md"
    done
}

unique_names() {
  { files '*.c' '*.h'; files 'rtl/*.sv'; } | sed 's|.*/||' | sort | uniq -d | while read -r name; do
    say "$name: more than one file of this name"
  done
  files '*.c' '*.h' '*.sv' '*.def' | sed 's|.*/||' | grep -v '^[a-z0-9_]*\.[a-z]*$' |
    while read -r name; do say "$name: not in snake_case"; done
}

# Includes against layers.txt. A path is spelled from the root or from src/.
include_law() {
  files '*.c' '*.h' '*.cc' '*.def' | grep -v '^tests/' | while read -r f; do
    sed -n 's/^ *# *include "\([^"]*\)".*/\1/p' "$f" | sed "s|^|$f |"
  done | awk '
    function folder(path,   n, p) {
      n = split(path, p, "/")
      if (p[1] == "compiler" && n > 2) return p[1] "/" p[2]
      if (p[1] == "compiler" || p[1] == "boards" || p[1] == "tests" || p[1] == "configs")
        return p[1]
      return n > 2 ? p[1] "/" p[2] : p[1]
    }
    FILENAME == ARGV[1] {
      if ($0 ~ /^#/ || NF == 0) next
      split($0, half, ":"); law[half[1]] = " " half[2] " "; next
    }
    { from = folder($1)
      if ($2 !~ /\//) next
      to = folder($2 ~ /^(compiler|sim|boards|tests|src)\// ? $2 : "src/" $2)
      if (from == to || to == "src/configs") next
      if (!(from in law)) { print $1 ": folder " from " has no line in tests/lint/layers.txt"; next }
      if (law[from] !~ / \* / && index(law[from], " " to " ") == 0)
        print $1 ": includes " $2 ", which the folder law forbids to " from
    }' tests/lint/layers.txt - >>"$out/findings"
}

# Text that must not be in the tree: places of one machine, tabs in C.
places() {
  root=$(pwd)
  git grep -nI -e "$root" -e '/home/[a-z]' -- . >>"$out/findings"
  files '*.c' '*.h' '*.sv' | xargs grep -nP '\t' >>"$out/findings"
  files '*.c' '*.h' '*.sv' '*.md' '*.sh' '*.mk' '*.def' | xargs grep -nP ' +$' | sed 's/$/<- blank at the end/' >>"$out/findings"
}

# Libraries never print, exit or read the environment.
libraries() {
  files 'src/*.c' 'compiler/*.c' 'sim/*.c' | grep -v -e '^src/cli/' -e '_main\.c$' |
    xargs grep -nE '\b(printf|puts|fputs|exit|abort|getenv) ?\(' |
    grep -vE 'src/base/(arena|progress)\.c|src/gen/|^[^:]*:[0-9]+: *\*|_Exit' >"$out/prints"
  grep -vFf tests/lint/prints_allowed.txt "$out/prints" |
    sed 's/$/   <- a library must not/' >>"$out/findings"
}

spdx
lengths
readmes
unique_names
include_law
places
libraries
sort -u "$out/findings"
n=$(sort -u "$out/findings" | wc -l)
echo "lint: $n findings"
[ "$n" -eq 0 ]
