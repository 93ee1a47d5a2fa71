#!/bin/sh
# Needs Node.js 20 or newer; npm brings the compiler.
set -eu
cd "$(dirname "$0")"
npm install --no-fund --no-audit
npm run build
