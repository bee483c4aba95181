#!/bin/sh
# run.sh BUILD: build the firmware images into BUILD, run them in QEMU, and
# print a console, the costs of connections, and the memory of each part.
set -eu

build=${1:?usage: run.sh BUILD}
here=$(cd "$(dirname "$0")" && pwd)

sh "$here/../sources.sh" lwip
[ -n "${SEGJOB_MBEDTLS:-}" ] || sh "$here/../sources.sh" mbedtls
mkdir -p "$build"
SEGJOB_FIRMWARE=$(cd "$build" && pwd)
export SEGJOB_FIRMWARE
(cd "$here" && /usr/bin/python3 -B -m unittest)
/usr/bin/python3 -B "$here/../size/layers.py" "$build"/cortex-m*/segjob.elf \
    "$build"/rv32/segjob.elf
