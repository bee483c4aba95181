#!/bin/sh
# run.sh BUILD [MACHINE]: the unit tests as programs for other machines, or for
# this one, under emulators of their processors. A machine has QEMU's name. Some
# have Debian's libraries; those that Debian 12 is not made for have mbedTLS and
# cmocka from source. Only 32-bit ARM runs all tests, the others leave out those
# that compute for long. A machine without compiler, C library or emulator is
# skipped, with the reason.
set -eu

mkdir -p "$1"
build=$(cd "$1" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
cmocka=$root/build/sources/cmocka-1.1
machines="arm s390x mips riscv64 aarch64" # those that take longest first

names() { # MACHINE
    machine=$1
    case $1 in
    arm) triple=arm-linux-gnueabihf ;;
    *) triple=$1-linux-gnu ;;
    esac
    emulator=qemu-$1-static
}

why_skipped() {
    for tool in "$triple-gcc" "$emulator"; do
        if ! command -v "$tool" >/dev/null; then
            echo "without $tool"
            return
        fi
    done
    if [ ! -d "/usr/$triple/include" ]; then
        echo "without a C library"
    fi
}

configure() { # EMULATOR_OPTIONS OPTION...
    options=$1
    shift
    cmake -S "$root" -B "$build/$machine" -G "Unix Makefiles" \
        -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR="$machine" \
        -DCMAKE_C_COMPILER="$triple-gcc" -DCMAKE_BUILD_TYPE=Release \
        -DCMAKE_CROSSCOMPILING_EMULATOR="$emulator;-L;/usr/$triple$options" \
        -DJSMN_INCLUDE_DIR=/usr/include -DBUILD_TESTING=ON \
        -DSEGJOB_WERROR=ON "$@"
}

from_debian() { # ARCHITECTURE
    sysroot=$root/build/sysroot/$1/usr
    sh "$here/../sysroot.sh" "$1" libcmocka-dev libmbedtls-dev libpcre2-dev \
        libjansson-dev
    configure ";-E;LD_LIBRARY_PATH=$sysroot/lib/$triple" \
        -DCMAKE_LIBRARY_ARCHITECTURE="$triple" -DCMAKE_PREFIX_PATH="$sysroot"
}

# cmocka is one file. Its own configuration takes longer, and finds the same.
compile_cmocka() { # LIBRARY
    "$triple-gcc" -DHAVE_CLOCK_REALTIME \
        -DHAVE_GCC_THREAD_LOCAL_STORAGE -DHAVE_INTTYPES_H -DHAVE_MALLOC_H \
        -DHAVE_SIGLONGJMP -DHAVE_SIGNAL_H -DHAVE_SNPRINTF -DHAVE_STRINGS_H \
        -DHAVE_STRSIGNAL -DHAVE_STRUCT_TIMESPEC -DHAVE_UINTPTR_T \
        -DHAVE_VSNPRINTF \
        -I"$cmocka/include" -c "$cmocka/src/cmocka.c" -o "$1.o"
    "$triple-ar" rcs "$1" "$1.o"
}

from_source() {
    library=$build/$machine-libcmocka.a
    compile_cmocka "$library"
    configure "" \
        -DFETCHCONTENT_SOURCE_DIR_MBEDTLS="$root/build/sources/mbedtls" \
        -DCMOCKA_INCLUDE_DIR="$cmocka/include" -DCMOCKA_LIBRARY="$library"
}

left_out() {
    slow="tls_session tls_verify exchange expiry posix"
    case $machine in
    arm) ;;
    s390x) echo $slow ;; # TLS where a number's highest byte is first
    # QEMU 7 has the host's errors in SO_ERROR; MIPS numbers them otherwise.
    mips) echo $slow tls sockets ;;
    *) echo $slow tls ;;
    esac
}

try() {
    case $machine in
    arm) from_debian armhf ;;
    aarch64) from_debian arm64 ;;
    s390x) from_debian s390x ;;
    *) from_source ;;
    esac
    make -C "$build/$machine/tests/unit"
    make -C "$build/$machine/tests/fuzz"
    cd "$build/$machine"
    ctest --output-on-failure --no-tests=error -L unit \
        -E "^test_($(left_out | tr ' ' '|'))$"
}

report() { # STATUS
    if [ "$1" -eq 0 ]; then
        echo "$machine: $(grep 'tests passed' "$log"), left out:" $(left_out)
    else
        tail -n 40 "$log"
    fi
}

if [ $# -eq 2 ]; then
    names "$2"
    log=$build/$machine.log
    exec 3>&1 >"$log" 2>&1
    trap 'report $? >&3' EXIT
    try
    exit
fi

sh "$here/../sources.sh" mbedtls
sh "$here/../sources.sh" cmocka 1.1
for name in $machines; do
    names "$name"
    reason=$(why_skipped)
    if [ -n "$reason" ]; then
        echo "skipped $name, $reason" >&2
    else
        echo "$name"
    fi
done | xargs -P "$(nproc)" -n 1 sh "$0" "$build"
