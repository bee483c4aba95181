#!/bin/sh
# deb.sh TARBALL FOLDER: unpack the sources in FOLDER, and make the Debian
# packages in FOLDER/packages.
set -eu

tar -xf "$1" -C "$2" --strip-components 1
cmake -S "$2" -B "$2/packages" -DCMAKE_INSTALL_PREFIX=/usr -DBUILD_TESTING=OFF
cmake --build "$2/packages" --target package -j "$(nproc)"
