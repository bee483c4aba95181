#!/bin/sh
# cbmc.sh: fetch CBMC of Debian's newest stable release that has it, with its
# libraries, into build/cbmc; `build/cbmc/run` is the program. It is not fetched
# again.
set -eu

root=$(cd "$(dirname "$0")/../.." && pwd)
tree=$root/build/cbmc

if [ -x "$tree/run" ]; then
    exit 0
fi
. "$root/tests/private_apt.sh"
releases="stable oldstable oldoldstable"
private_apt_newest "$root/build/cbmc-apt" deb private_apt get download \
    cbmc minisat libc6 libstdc++6 libgcc-s1 zlib1g

cd "$apt/download"
rm -rf "$tree"
mkdir "$tree"
for package in *.deb; do
    dpkg-deb -x "$package" "$tree"
done
libraries=$tree/usr/lib/x86_64-linux-gnu
cat >"$tree/run" <<EOF
#!/bin/sh
exec "$libraries/ld-linux-x86-64.so.2" \\
    --library-path "$libraries:$tree/usr/lib" "$tree/usr/bin/cbmc" "\$@"
EOF
chmod +x "$tree/run"
rm -rf "$apt"
