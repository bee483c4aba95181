#!/bin/sh
# unicode_data.sh: fetch the newest Unicode data of any Debian release into
# build/sources/unicode-data. Data that exists is not fetched again.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
tree=$root/build/sources/unicode-data

if [ -d "$tree" ]; then
    exit 0
fi
. "$root/tests/private_apt.sh"
private_apt_newest "$root/build/sources/unicode-apt" deb \
    private_apt get download unicode-data

cd "$apt/download"
dpkg-deb -x unicode-data_*.deb unpacked
mv unpacked/usr/share/unicode "$tree"
rm -rf "$apt"
