#!/bin/sh
# unicode_data.sh: the newest Unicode data that a Debian release carries, in
# build/sources/unicode-data. What is there already is not fetched again.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
tree=$root/build/sources/unicode-data

if [ -d "$tree" ]; then
    exit 0
fi
. "$root/tests/private_apt.sh"
private_apt_begin "$root/build/sources/unicode-apt" "deb sid"
cd "$apt/download"
private_apt download unicode-data

rm -rf unpacked
dpkg-deb -x unicode-data_*.deb unpacked
mv unpacked/usr/share/unicode "$tree"
rm -rf "$apt"
