#!/bin/sh
# Builds kernels.wasm, hello.wasm, hold.wasm and drain.wasm (WASI preview 1) so that everyone gets the same bytes.
#
#   pip install ziglang==0.17.1
#   sh build.sh [FOLDER]             writes beside this script unless told otherwise
#   sha256sum -c SHA256SUMS
#
# With NATIVE=1 it also builds the native program that the kernels are compared with.
# PYTHON names another interpreter, for example one of a virtual environment.
set -eu
zig_version=0.17.1
here=$(cd "$(dirname "$0")" && pwd)
output=$(cd "${1:-$here}" && pwd)

found=$("${PYTHON:-python3}" -m ziglang version 2>/dev/null || echo none)
if [ "$found" != "$zig_version" ]; then
    echo "build.sh needs Zig $zig_version and found: $found" >&2
    echo "install it with: pip install ziglang==$zig_version" >&2
    exit 1
fi

cd "$here"
compile() { "${PYTHON:-python3}" -m ziglang cc -std=gnu11 -g0 -s -Wall -Wextra -Werror -ffile-prefix-map="$here"=. -ffp-contract=off "$@"; }
compile -target wasm32-wasi -O2 -msimd128 -o "$output/kernels.wasm" kernels.c
compile -target wasm32-wasi -Os -o "$output/hello.wasm" hello.c
compile -target wasm32-wasi -Os -o "$output/hold.wasm" hold.c
compile -target wasm32-wasi -Os -o "$output/drain.wasm" drain.c
chmod 644 "$output/kernels.wasm" "$output/hello.wasm" "$output/hold.wasm" "$output/drain.wasm"
if [ "${NATIVE:-}" = 1 ]; then
    compile -target x86_64-linux-musl -O2 -o "$output/kernels" kernels.c
fi
