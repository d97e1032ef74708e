#!/usr/bin/env bash
# Style: layers, file length, top-level folders, format (clang-format) and, with --tidy, clang-tidy (some 20 s a source).
# usage: scripts/check.sh [--fix] [--tidy]
set -uo pipefail
cd "$(dirname "$0")/.."
fix= tidy=
for a in "$@"; do
  case "$a" in
    --fix) fix=1 ;;
    --tidy) tidy=1 ;;
    -h | --help) sed -n '2,3p' "$0"; exit 0 ;;
    *) echo "check.sh: unknown option '$a' (known: --fix --tidy)" >&2; exit 2 ;;
  esac
done
failed=0
say() { printf '%-10s %s\n' "$1" "$2"; }

scripts/check_layers.py || failed=1

long=$(git ls-files '*.cpp' '*.h' '*.py' '*.sh' | xargs -r wc -l | awk '$2 != "total" && $1 > 800 {print "  " $2 ": " $1 " lines"}')
if [ -n "$long" ]; then say length "files over 800 lines:"; echo "$long"; failed=1; else say length "no file over 800 lines"; fi

extra=$(git ls-files | grep / | cut -d/ -f1 | sort -u | grep -vxE 'sim|scenarios|viewer|calibration|data|tests|scripts|\.ci' || true)
if [ -n "$extra" ]; then say folders "not in the layout: $extra"; failed=1; else say folders "as the layout says"; fi

format=$(command -v clang-format-14 || command -v clang-format || true)
if [ -z "$format" ]; then
  say format "skipped: clang-format is not installed (apt-get install clang-format-14)"
elif [ -n "$fix" ]; then
  git ls-files '*.cpp' '*.h' | xargs -r "$format" -i && say format "applied"
else
  bad=$(git ls-files '*.cpp' '*.h' | xargs -r "$format" --dry-run 2>&1 | grep -E ': (warning|error): ' | cut -d: -f1 | sort -u || true)
  if [ -n "$bad" ]; then say format "run scripts/check.sh --fix; these differ:"; echo "$bad"; failed=1; else say format "clean"; fi
fi

if [ -n "$tidy" ]; then
  tool=$(command -v clang-tidy-14 || command -v clang-tidy || true)
  if [ -z "$tool" ]; then say tidy "clang-tidy is not installed (apt-get install clang-tidy-14)"; failed=1
  # clang reads neither GCC's precompiled headers nor sources joined into one: commands of a build of its own, which is never built
  elif ! cmake -S . -B build/tidy -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_COMPILER=clang++ -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON \
    -DCMAKE_EXPORT_COMPILE_COMMANDS=ON >/dev/null; then say tidy "cannot be configured (apt-get install clang)"; failed=1
  elif git ls-files 'sim/*.cpp' 'viewer/*.cpp' | xargs -P "$(nproc)" -n 4 "$tool" -p build/tidy --quiet 2>/dev/null | grep -E 'warning:|error:'; then failed=1
  else say tidy "clean"; fi
fi
exit $failed
