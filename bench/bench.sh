#!/bin/bash
# Builds the C helpers, then runs bench.py with the arguments given. See README.md.
set -eu
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
build=${BENCH_BUILD:-$here/.build}
mkdir -p "$build"
cc=${CC:-gcc}
for tool in "$cc" python3 unshare; do
    command -v "$tool" >/dev/null || { echo "bench.sh: $tool is needed" >&2; exit 1; }
done
for f in child stamp sigbench spawnt zwatch limits cfloor load; do
    if [ ! -x "$build/$f" ] || [ "$here/helpers/$f.c" -nt "$build/$f" ] || [ "$here/helpers/shm.h" -nt "$build/$f" ]; then
        # static: the child's start is then the same few hundred µs for everyone
        "$cc" -O2 -Wall -Wextra -static -pthread -o "$build/$f" "$here/helpers/$f.c" 2>"$build/$f.log" ||
            "$cc" -O2 -Wall -Wextra -pthread -o "$build/$f" "$here/helpers/$f.c" 2>"$build/$f.log" ||
            { cat "$build/$f.log" >&2; exit 1; }
        cat "$build/$f.log" >&2
        # else the fresh program's pages count as private dirty memory (c-floor)
        sync "$build/$f" 2>/dev/null || true
    fi
done
export BENCH_BUILD="$build"
export SOLEINIT_HOME="${SOLEINIT_HOME:-$here/../target/soleinit}"
exec python3 "$here/bench.py" "$@"
