#!/bin/sh
# musl.sh ARCHITECTURE: unpack Debian's musl-dev for this architecture into
# build/musl/ARCHITECTURE, once. Its file .origin names the version and release:
# this one if it has the architecture, else the first of the others.
set -eu

architecture=${1:?usage: musl.sh ARCHITECTURE}
root=$(cd "$(dirname "$0")/../.." && pwd)
tree=$root/build/musl/$architecture

if [ -f "$tree/.origin" ]; then
    exit 0
fi
. "$root/tests/private_apt.sh"
releases="$codename stable oldstable oldoldstable testing unstable"
mkdir -p "$root/build/musl"
private_apt_newest "$root/build/musl/apt-$architecture" deb \
    private_apt get download musl-dev
rm -rf "$tree" "$tree.partial"
dpkg-deb -x "$apt"/download/musl-dev_*.deb "$tree.partial"
version=$(dpkg-deb -f "$apt"/download/musl-dev_*.deb Version)
echo "musl $version of $release" >"$tree.partial/.origin"
mv "$tree.partial" "$tree"
rm -rf "$apt"
