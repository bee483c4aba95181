#!/bin/sh
# musl.sh ARCHITECTURE: Debian's musl-dev for this architecture, unpacked into
# build/musl/ARCHITECTURE, once. Its file .origin names the version and release:
# this one if it has the architecture, else the first of the others. For mips,
# which no release has, musl is built from its source package, with the
# architecture's gcc.
set -eu

architecture=${1:?usage: musl.sh ARCHITECTURE}
root=$(cd "$(dirname "$0")/../.." && pwd)
tree=$root/build/musl/$architecture

from_debian() {
    . "$root/tests/private_apt.sh"
    releases="$codename stable oldstable oldoldstable testing unstable"
    private_apt_newest "$root/build/musl/apt-$architecture" deb \
        private_apt get download musl-dev
    dpkg-deb -x "$apt"/download/musl-dev_*.deb "$tree.partial"
    version=$(dpkg-deb -f "$apt"/download/musl-dev_*.deb Version)
    echo "musl $version of $release" >"$tree.partial/.origin"
    rm -rf "$apt"
}

# Where Debian's package has its files.
from_source() { # TRIPLE
    sources=$root/build/sources/musl-1.2
    sh "$root/tests/sources.sh" musl 1.2
    mkdir "$tree.partial/build"
    (cd "$tree.partial/build" &&
        "$sources/configure" --target="$1" --disable-shared --prefix=/usr \
            --libdir="/usr/lib/${1%-gnu}-musl" \
            --includedir="/usr/include/${1%-gnu}-musl" &&
        make -j "$(nproc)" install DESTDIR="$tree.partial")
    rm -r "$tree.partial/build"
    echo "musl $(cat "$sources/VERSION") from source" \
        >"$tree.partial/.origin"
}

if [ -f "$tree/.origin" ]; then
    exit 0
fi
rm -rf "$tree" "$tree.partial"
mkdir -p "$tree.partial"
case $architecture in
mips) from_source mips-linux-gnu ;;
*) from_debian ;;
esac
mv "$tree.partial" "$tree"
