#!/bin/sh
# sources.sh NAME [LINE]: fetch the source tree of a package into
# build/sources/NAME, or of another release line ("lwip 2.1") into
# build/sources/NAME-LINE: the line's newest version in any Debian release. A
# tree that exists is not fetched again.
set -eu

name=${1:?usage: sources.sh NAME [LINE]}
case $name in
lwip) line=${2:-2.2} ;;
mbedtls) line=${2:-3.6} ;;
*) line=${2:?usage: sources.sh NAME LINE} ;;
esac
root=$(cd "$(dirname "$0")/.." && pwd)
tree=$root/build/sources/$name${2:+-$2}

if [ -f "$tree/.origin" ]; then
    exit 0
fi
. "$root/tests/private_apt.sh"

# Releases come newest first, so the first one with this line has its newest
# version.
tarball() {
    private_apt get source --download-only --tar-only "$name" &&
        ls "${name}_$line"[.+]*.orig.tar.*
}

private_apt_newest "$root/build/sources/apt" deb-src tarball
rm -rf "$tree" "$tree.partial"
mkdir "$tree.partial"
# With the current time, so that builds of an older tree notice the change.
tar -xmf "$apt/download/$name"_*.orig.tar.* -C "$tree.partial" \
    --strip-components 1
(cd "$apt/download" && echo "$name"_*.orig.tar.* "of $release") |
    tee "$tree.partial/.origin"
mv "$tree.partial" "$tree"
rm -rf "$apt"
