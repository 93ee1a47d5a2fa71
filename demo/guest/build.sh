#!/bin/sh
# Builds heart.wasm (WASI preview 1) so that everyone gets the same bytes.
#
#   pip install ziglang==0.17.1
#   sh build.sh [OUTPUT]             writes heart.wasm beside this script unless told otherwise
#   sha256sum -c heart.wasm.sha256
#
# PYTHON names another interpreter, for example one of a virtual environment.
set -eu
zig_version=0.17.1
here=$(cd "$(dirname "$0")" && pwd)
output=${1:-$here/heart.wasm}
case $output in /*) ;; *) output=$PWD/$output ;; esac

found=$("${PYTHON:-python3}" -m ziglang version 2>/dev/null || echo none)
if [ "$found" != "$zig_version" ]; then
    echo "build.sh needs Zig $zig_version and found: $found" >&2
    echo "install it with: pip install ziglang==$zig_version" >&2
    exit 1
fi

# No path, time or name section may reach the output: relative source paths, -g0, -s.
cd "$here"
"${PYTHON:-python3}" -m ziglang cc -target wasm32-wasi -std=c11 -Os -g0 -s \
    -Wall -Wextra -Werror -ffile-prefix-map="$here"=. -ffp-contract=off \
    -o "$output" heart.c model.c records.c
chmod 644 "$output"
