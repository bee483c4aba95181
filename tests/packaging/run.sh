#!/bin/sh
# Build and run programs that use segjob as its users do.
#
#   run.sh host BUILD     sources in the tree, and what BUILD installs
#   run.sh mbedtls PREFIX an mbedTLS that is installed in PREFIX
set -eu

here=$(cd "$(dirname "$0")" && pwd)
source=$(cd "$here/../.." && pwd)
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
jobs=$(nproc)

say() {
    echo "--- $*"
}

build() { # FOLDER, then what cmake is given
    cmake -B "$@"
    cmake --build "$1" -j "$jobs"
}

run() { # PROGRAM: it prints segjob's version
    printed=$("$1")
    echo "$1 printed '$printed'"
    [ "$printed" = "$version" ]
}

# The version stands in one place.
number() {
    sed -n "s/^#define SEGJOB_VERSION_$1 //p" "$source/core/segjob.h"
}
version=$(number MAJOR).$(number MINOR).$(number PATCH)

use_by_cmake() { # PREFIX, then what cmake is given
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
}

host() { # BUILD
    say "inside another project"
    build "$room/subdirectory" -S "$here/subdirectory" \
        -DSEGJOB_SOURCE="$source"
    run "$room/subdirectory/consumer"
    "$room/subdirectory/consumer_cpp"

    say "installed, and moved elsewhere since"
    cmake --install "$1" --prefix "$room/first"
    [ "$("$room/first/bin/segjob" --version | tr ' ' '\n' | tail -n 1)" = \
        "$version" ]
    mv "$room/first" "$room/moved"
    use_by_cmake "$room/moved"
    use_by_pkg_config "$room/moved"

    say "shared libraries, without what the tests need"
    build "$room/shared" -S "$source" -DBUILD_SHARED_LIBS=ON \
        -DBUILD_TESTING=OFF
    if grep -i 'cmocka\|python' "$room/shared/CMakeCache.txt"; then
        echo "a build without tests looked for these"
        return 1
    fi
    cmake --install "$room/shared" --prefix "$room/prefix"
    LD_LIBRARY_PATH=$(find "$room/prefix" -name libsegjob_core.so -printf '%h')
    export LD_LIBRARY_PATH
    use_by_cmake "$room/prefix"
    use_by_pkg_config "$room/prefix"
}

mbedtls() { # PREFIX
    say "an mbedTLS in a folder of its own"
    build "$room/build" -S "$source" -DBUILD_TESTING=OFF \
        "-DCMAKE_PREFIX_PATH=$1"
    grep "MBEDTLS_LIBRARY:FILEPATH=$1/" "$room/build/CMakeCache.txt"
    cmake --install "$room/build" --prefix "$room/prefix"
    use_by_cmake "$room/prefix;$1"
    use_by_pkg_config "$room/prefix"

    say "an mbedTLS that is too old"
    mkdir -p "$room/old/include/mbedtls"
    touch "$room/old/include/mbedtls/ssl.h"
    echo '#define MBEDTLS_VERSION_STRING "2.27.0"' \
        >"$room/old/include/mbedtls/version.h"
    if cmake -S "$source" -B "$room/refused" -DBUILD_TESTING=OFF \
        "-DCMAKE_PREFIX_PATH=$room/old;$1" >"$room/log" 2>&1; then
        echo "mbedTLS 2.27 was taken"
        return 1
    fi
    grep 'Found unsuitable version "2.27.0"' "$room/log"
}

"$@"
