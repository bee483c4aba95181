#!/bin/sh
# sources.sh NAME [RELEASE]: the source tree of a package of the Debian release
# after this one in build/sources/NAME, or of RELEASE in
# build/sources/NAME-RELEASE. What is there already is not fetched again.
set -eu

name=${1:?usage: sources.sh NAME [RELEASE]}
release=${2:-trixie}
root=$(cd "$(dirname "$0")/.." && pwd)
tree=$root/build/sources/$name${2:+-$2}

if [ -d "$tree" ]; then
    exit 0
fi
. "$root/tests/private_apt.sh"
private_apt_begin "$root/build/sources/apt" "deb-src $release"
cd "$apt/download"
private_apt source --download-only "$name"

rm -rf "$tree.partial"
mkdir "$tree.partial"
tar -xf "$name"_*.orig.tar.* -C "$tree.partial" --strip-components 1
mv "$tree.partial" "$tree"
rm -rf "$apt"
