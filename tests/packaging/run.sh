#!/bin/sh
# Build and run programs that use segjob as its users do.
#
#   run.sh host BUILD     sources in the tree, and what BUILD installs
#   run.sh around         targets of a surrounding project: mbedTLS and lwIP
#   run.sh mbedtls PREFIX an mbedTLS that is installed in PREFIX
#   run.sh source BUILD   what BUILD installs, which built an mbedTLS too
#   run.sh debian         what Debian packages have installed
set -eu

here=$(cd "$(dirname "$0")" && pwd)
source=$(cd "$here/../.." && pwd)
mbedtls=${SEGJOB_MBEDTLS:-$source/build/sources/mbedtls}
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
jobs=$(nproc)

step() {
    echo "--- $*"
}

build() { # FOLDER, arguments of cmake
    cmake -B "$@"
    cmake --build "$1" -j "$jobs"
}

run() { # PROGRAM: it prints segjob's version
    output=$("$1")
    echo "$1 printed '$output'"
    [ "$output" = "$version" ]
}

# The version from its only definition.
number() {
    sed -n "s/^#define SEGJOB_VERSION_$1 //p" "$source/core/segjob.h"
}
version=$(number MAJOR).$(number MINOR).$(number PATCH)

refused() { # TEXT COMMAND...: it fails, and prints this text
    text=$1
    shift
    if "$@" >"$room/log" 2>&1; then
        cat "$room/log"
        echo "not refused: $*"
        return 1
    fi
    printed "$text"
}

printed() { # TEXT: it is in the log, wherever lines are broken
    if ! tr -s ' \n' ' ' <"$room/log" | grep -qF -e "$1"; then
        cat "$room/log"
        echo "not printed: $1"
        return 1
    fi
    echo "printed: $1"
}

use_by_cmake() { # PREFIX, arguments of cmake
    prefix=$1
    shift
    build "$room/by-cmake" -S "$here/installed" \
        -DSEGJOB_VERSION="$version" "-DCMAKE_PREFIX_PATH=$prefix" "$@"
    run "$room/by-cmake/consumer"
    "$room/by-cmake/consumer_cpp"
    rm -r "$room/by-cmake"
}

use_by_pkg_config() { # PREFIX
    PKG_CONFIG_PATH=$(find "$1" -name segjob.pc -printf '%h')
    export PKG_CONFIG_PATH
    [ "$(pkg-config --modversion segjob)" = "$version" ]
    flags=$(pkg-config --cflags --libs segjob)
    echo "pkg-config: $flags"
    cc "$here/consumer.c" -o "$room/by-pkg-config" $flags
    run "$room/by-pkg-config"
    c++ "$here/consumer.cpp" -o "$room/by-pkg-config-cpp" $flags
    "$room/by-pkg-config-cpp"
}

use() { # PREFIX
    use_by_cmake "$1"
    use_by_pkg_config "$1"
}

use_shared() { # PREFIX: programs find libraries by LD_LIBRARY_PATH
    (
        LD_LIBRARY_PATH=$(find "$1" -name libsegjob_core.so -printf '%h')
        export LD_LIBRARY_PATH
        use "$1"
    )
}

inside() {
    step "inside another project"
    build "$room/subdirectory" -S "$here/subdirectory" \
        -DSEGJOB_SOURCE="$source"
    run "$room/subdirectory/consumer"
    "$room/subdirectory/consumer_cpp"
}

moved() { # BUILD
    step "installed, then moved"
    cmake --install "$1" --prefix "$room/first"
    [ "$("$room/first/bin/segjob" --version | tr ' ' '\n' | tail -n 1)" = \
        "$version" ]
    cmp "$source/LICENSE" "$room/first/share/doc/segjob/LICENSE"
    for page in "$source"/examples/cli/man/*.1; do
        cmp "$page" "$room/first/share/man/man1/${page##*/}"
    done
    cmp "$source/examples/cli/completion/segjob.bash" \
        "$room/first/share/bash-completion/completions/segjob"
    cmp "$source/examples/cli/completion/_segjob" \
        "$room/first/share/zsh/vendor-completions/_segjob"
    mv "$room/first" "$room/moved"
    use "$room/moved"
}

shared() {
    step "shared libraries, without what the tests need"
    build "$room/shared" -S "$source" -DBUILD_SHARED_LIBS=ON \
        -DBUILD_TESTING=OFF
    if grep -i 'cmocka\|python' "$room/shared/CMakeCache.txt"; then
        echo "a build without tests looked for these"
        return 1
    fi
    cmake --install "$room/shared" --prefix "$room/prefix"
    mv "$room/prefix" "$room/private"
    "$room/private/bin/segjob" --version
    exported "$room/private"
    use_shared "$room/private"

    step "shared libraries, in folders of the user"
    build "$room/shared" -DCMAKE_INSTALL_PREFIX="$room/fixed" \
        -DCMAKE_INSTALL_LIBDIR="$room/apart/lib"
    cmake --install "$room/shared"
    "$room/fixed/bin/segjob" --version
    use_shared "$room/apart"

    step "shared libraries, and tests that look inside"
    cmake -B "$room/shared" -DBUILD_TESTING=ON -DSEGJOB_INSTALL=OFF
    cmake --build "$room/shared" -j "$jobs" --target test_unicode test_run
    (cd "$room/shared" && ctest --no-tests=error -R '^test_(unicode|run)$')
    refused "SEGJOB_INSTALL is off" cmake --install "$room/shared"
}

# Every symbol that shared libraries export is declared in the headers.
exported() { # PREFIX
    cat "$1"/include/*.h >"$room/headers"
    find "$1" -name 'libsegjob_*.so' -exec nm -DP --defined-only {} + |
        sed -nE 's/^(\w+) [A-Z] .*/\1/p' >"$room/names"
    grep -x segjob_create "$room/names"
    while read -r name; do
        if ! grep -qw "$name" "$room/headers"; then
            echo "a shared library exports $name"
            return 1
        fi
    done <"$room/names"
}

# cmake that finds only the given headers and libraries.
bare() { # arguments of cmake
    mkdir -p "$room/empty"
    rm -rf "$room/bare"
    cmake -S "$source" -B "$room/bare" -DCMAKE_FIND_ROOT_PATH="$room/empty" \
        -DCMAKE_FIND_ROOT_PATH_MODE_INCLUDE=ONLY \
        -DCMAKE_FIND_ROOT_PATH_MODE_LIBRARY=ONLY "$@"
}

missing() { # BUILD
    found=$(sed -nE 's/^(MBED\w+_(LIBRARY|INCLUDE_DIR):\w+=.*)/-D\1/p' \
        "$1/CMakeCache.txt")
    jsmn=$(sed -n 's/^JSMN_INCLUDE_DIR:.*=//p' "$1/CMakeCache.txt")

    step "without mbedTLS"
    refused "(Debian: libmbedtls-dev)" bare
    printed FETCHCONTENT_SOURCE_DIR_MBEDTLS

    step "without jsmn"
    refused "(Debian: libjsmn-dev)" bare $found
    printed FETCHCONTENT_SOURCE_DIR_JSMN
    refused "(Debian: libjsmn-dev)" bare $found \
        -DFETCHCONTENT_SOURCE_DIR_JSMN="$room/empty"

    step "without what the tests need"
    bare $found -DFETCHCONTENT_SOURCE_DIR_JSMN="$jsmn" >"$room/log" 2>&1
    printed "(Debian: libcmocka-dev)"
    printed "-DBUILD_TESTING=OFF leaves out all tests"
    cmake --build "$room/bare" -j "$jobs"
}

host() { # BUILD
    inside
    moved "$1"
    shared
    missing "$1"
}

around() {
    toolchain=$source/examples/firmware/cortex-m.cmake
    for kind in STATIC INTERFACE; do
        step "$kind libraries of the surrounding project"
        build_around $kind
        "$room/around/around_c"
        "$room/around/around_cpp"

        step "$kind libraries, without an operating system"
        build_around $kind "-DCMAKE_TOOLCHAIN_FILE=$toolchain"
    done

    step "names of targets that are none"
    for name in MBEDTLS LWIP; do
        rm -rf "$room/around"
        refused "SEGJOB_${name}_TARGET: no target is called 'none' as yet." \
            cmake -B "$room/around" -S "$here/around" \
            "-DSEGJOB_${name}_TARGET=none"
    done
    refused "SEGJOB_INTERFACE is for use inside another project" \
        cmake -B "$room/interface" -S "$source" -DSEGJOB_INTERFACE=ON
}

build_around() { # KIND, arguments of cmake
    rm -rf "$room/around"
    kind=$1
    shift
    build "$room/around" -S "$here/around" "-DKIND=$kind" \
        "-DMBEDTLS_SOURCE=$source/build/sources/mbedtls" \
        "-DLWIP_SOURCE=$source/build/sources/lwip" "$@"
    built=$(find "$room/around" -name '*segjob*.a' | sed 's/.*segjob_//' |
        sort | tr '\n' ' ')
    echo "segjob's libraries that were built: $built"
    case $kind in
    STATIC) [ "$built" = "core.a lwip.a run.a tls.a " ] ;;
    INTERFACE) [ -z "$built" ] ;;
    esac
}

mbedtls() { # PREFIX
    step "an mbedTLS in a folder of its own"
    build "$room/build" -S "$source" -DBUILD_TESTING=OFF \
        "-DCMAKE_PREFIX_PATH=$1"
    grep "MBEDTLS_LIBRARY:FILEPATH=$1/" "$room/build/CMakeCache.txt"
    cmake --install "$room/build" --prefix "$room/prefix"
    use_by_cmake "$room/prefix;$1"
    use_by_pkg_config "$room/prefix"

    step "an mbedTLS of the enclosing project"
    build "$room/around" -S "$here/subdirectory" -DSEGJOB_INSTALL=ON \
        -DSEGJOB_SOURCE="$source" \
        -DMBEDTLS_SOURCE="$mbedtls"
    cmake --install "$room/around" --prefix "$room/inner"
    use_by_cmake "$room/inner;$1"

    step "an mbedTLS that is too old"
    mkdir -p "$room/old/include/mbedtls"
    touch "$room/old/include/mbedtls/ssl.h"
    echo '#define MBEDTLS_VERSION_STRING "2.27.0"' \
        >"$room/old/include/mbedtls/version.h"
    refused 'Found unsuitable version "2.27.0"' cmake -S "$source" \
        -B "$room/refused" -DBUILD_TESTING=OFF \
        "-DCMAKE_PREFIX_PATH=$room/old;$1"
}

source() { # BUILD
    step "an mbedTLS that was built too"
    cmake --install "$1" --prefix "$room/first"
    mv "$room/first" "$room/moved"
    use_by_cmake "$room/moved" -DCMAKE_FIND_ROOT_PATH="$room/moved" \
        -DCMAKE_FIND_ROOT_PATH_MODE_INCLUDE=ONLY \
        -DCMAKE_FIND_ROOT_PATH_MODE_LIBRARY=ONLY
    use_by_pkg_config "$room/moved"
    if ldd "$room/by-pkg-config" | grep libmbed; then
        echo "that is not the mbedTLS that was built"
        return 1
    fi

    step "the same, shared"
    build "$room/shared" -S "$source" -DBUILD_SHARED_LIBS=ON \
        -DBUILD_TESTING=OFF \
        -DFETCHCONTENT_SOURCE_DIR_MBEDTLS="$mbedtls"
    cmake --install "$room/shared" --prefix "$room/prefix"
    mv "$room/prefix" "$room/private"
    "$room/private/bin/segjob" --version
    use_shared "$room/private"
}

debian() {
    use /usr
}

"$@"
