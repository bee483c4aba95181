#!/bin/sh
# run.sh BUILD: what core takes of flash, stack and RAM on a Cortex-M4.
set -eu

build=${1:?usage: run.sh BUILD}
here=$(cd "$(dirname "$0")" && pwd)

sh "$here/../sources.sh" mbedtls
rm -rf "$build"
mkdir -p "$build"
/usr/bin/python3 -B "$here/core.py" "$build" /usr/include \
    "$here/../../build/sources/mbedtls" >"$build/figures"
/usr/bin/python3 -B "$here/../bench/figures.py" core_flash_ascii \
    core_flash_unicode stack_sign client_bytes <"$build/figures"
