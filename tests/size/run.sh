#!/bin/sh
# run.sh BUILD: measure flash, stack and RAM of core on a Cortex-M4 and other
# processors, and of each layer of the firmware of examples/firmware, and draw
# the latter.
set -eu

build=${1:?usage: run.sh BUILD}
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$(dirname "$here")")
sources=$root/build/sources

sh "$here/../sources.sh" mbedtls
sh "$here/../sources.sh" lwip
rm -rf "$build"
mkdir -p "$build"
/usr/bin/python3 -B "$here/processors.py" "$build" /usr/include \
    "$sources/mbedtls"
cat "$build/Cortex-M4/tables"
/usr/bin/python3 -B "$here/../bench/figures.py" core_flash_ascii \
    core_flash_unicode stack_sign client_bytes <"$build/Cortex-M4/figures"

cmake -S "$root/examples/firmware" -B "$build/firmware" \
    -DCMAKE_TOOLCHAIN_FILE="$root/examples/firmware/cortex-m.cmake" \
    -DFETCHCONTENT_SOURCE_DIR_LWIP="$sources/lwip" \
    -DFETCHCONTENT_SOURCE_DIR_MBEDTLS="$sources/mbedtls" \
    >"$build/firmware.log"
cmake --build "$build/firmware" -j "$(nproc)" >>"$build/firmware.log"
/usr/bin/python3 -B "$here/picture.py" "$build/firmware/segjob.elf" \
    "$build/layers.svg" "$here/layers.svg"
