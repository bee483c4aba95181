#!/bin/sh
# sources.sh NAME [LINE]: the source tree of a package in build/sources/NAME;
# of another release line than the usual ("lwip 2.1") in
# build/sources/NAME-LINE. Of each line it is the newest version that a Debian
# release carries. What is there already is not fetched again.
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

# Versions fall from release to release, so that the first with this line has
# its newest.
tarball() {
    private_apt get source --download-only --tar-only "$name" &&
        ls "${name}_$line"[.+]*.orig.tar.*
}

private_apt_newest "$root/build/sources/apt" deb-src tarball
rm -rf "$tree" "$tree.partial"
mkdir "$tree.partial"
# With the time of now, which builds of an older tree notice.
tar -xmf "$apt/download/$name"_*.orig.tar.* -C "$tree.partial" \
    --strip-components 1
(cd "$apt/download" && echo "$name"_*.orig.tar.* "of $release") |
    tee "$tree.partial/.origin"
mv "$tree.partial" "$tree"
rm -rf "$apt"
