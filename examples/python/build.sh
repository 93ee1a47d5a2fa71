#!/bin/sh
# Needs componentize-py, which brings Python for WASI: pip install componentize-py==0.25.1
set -eu
cd "$(dirname "$0")"
componentize-py --wit-path world.wit --world program componentize app --output main.wasm
