#!/bin/sh
# cortex_m4.sh WORK: `sign_m4_instructions VALUE`, counted by QEMU.
set -eu

work=$1
root=$(cd "$(dirname "$0")/../.." && pwd)
firmware=$root/examples/firmware
board=$firmware/boards/mps2
mbedtls=$root/build/sources/mbedtls

exec 3>&1 >&2 # print only the figure, not ld's notes
sh "$root/tests/sources.sh" mbedtls
mkdir -p "$work/include"
cp /usr/include/jsmn.h "$work/include" # alone of the host's headers
sources="$mbedtls/library/sha256.c $mbedtls/library/platform_util.c
$root/tests/bench/cortex_m4.c"
set -- arm-none-eabi-gcc -mcpu=cortex-m4 -mthumb -Os -std=c99 -DNDEBUG \
    -ffunction-sections -fdata-sections -I"$root/core" -I"$firmware" \
    -I"$board" -I"$root/tests/size" -isystem "$work/include" \
    -isystem "$mbedtls/include" -DMBEDTLS_CONFIG_FILE='"sha256_only.h"'
"$@" -Dmain=sign_main -c "$root/tests/bench/sign.c" -o "$work/sign.o"
"$@" $sources "$root"/core/*.c "$work/sign.o" --specs=nano.specs \
    --specs=nosys.specs -nostartfiles -Wl,--gc-sections -T "$board/memory.ld" \
    -T "$firmware/boards/sections.ld" -Wl,--defsym=BOARD_STACK_SIZE=8192 \
    -Wl,--defsym=end=0x20020000 -Wl,--wrap=sj_sigv4_sign -o "$work/sign.elf"
# What a program writes by semihosting is QEMU's standard error.
timeout 1200 qemu-system-arm -M mps2-an386 -nographic -monitor none \
    -serial none -icount shift=0 -semihosting-config enable=on,target=native \
    -kernel "$work/sign.elf" </dev/null 2>"$work/count"
echo "sign_m4_instructions $(cat "$work/count")" >&3
