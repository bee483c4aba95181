#!/bin/sh
# sysroot.sh ARCHITECTURE PACKAGE...: unpack packages of this Debian release for
# another architecture, with the libraries that they depend on (but libc), into
# build/sysroot/ARCHITECTURE. dpkg's architectures do not change. The same list
# is not fetched again.
set -eu

architecture=${1:?usage: sysroot.sh ARCHITECTURE PACKAGE...}
shift
root=$(cd "$(dirname "$0")/.." && pwd)
tree=$root/build/sysroot/$architecture

if [ "$(cat "$tree/packages" 2>/dev/null)" = "$*" ]; then
    exit 0
fi
. "$root/tests/private_apt.sh"
private_apt_begin "$root/build/sysroot/apt-$architecture" "deb $codename"
cd "$apt/download"
libraries=$(private_apt cache depends --important "$@" |
    sed -n 's/^ *Depends: \(lib[^<>]*\)$/\1/p' | grep -v '^libc6' | sort -u)
private_apt get download "$@" $libraries

rm -rf "$tree" "$tree.partial"
mkdir "$tree.partial"
for package in *.deb; do
    dpkg-deb -x "$package" "$tree.partial"
done
echo "$*" >"$tree.partial/packages"
mv "$tree.partial" "$tree"
rm -rf "$apt"
