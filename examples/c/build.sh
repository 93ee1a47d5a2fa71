#!/bin/sh
# Needs Zig, which brings clang and a C library for WASI: pip install ziglang==0.17.1
# -g0, -s and -ffile-prefix-map keep paths out, so that anyone can build the same bytes.
set -eu
cd "$(dirname "$0")"
"${PYTHON:-python3}" -m ziglang cc -target wasm32-wasi -Os -g0 -s -Wall -Wextra \
    -ffile-prefix-map="$PWD"=. -o main.wasm main.c
