#!/bin/sh
# sources.sh NAME: the source tree of a package of the Debian release after
# this one, in build/sources/NAME.
#
# apt works in a state of its own in build/sources/apt, so that the system's
# lists stay as they are; mirror and keys are those of the system's own entry.
# What is there already is not fetched again.
set -eu

release=trixie
name=${1:?usage: sources.sh NAME}
root=$(cd "$(dirname "$0")/.." && pwd)
tree=$root/build/sources/$name
apt=$root/build/sources/apt

if [ -d "$tree" ]; then
    exit 0
fi

# The mirror of the system's first entry for its own release, whichever form
# the entry has.
codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
mirror=$(apt-get indextargets --format '$(RELEASE) $(COMPONENT) $(REPO_URI)' |
    awk -v codename="$codename" '
        ($1 == codename || $1 ~ /^(old)?stable$/) && $2 == "main" {
            print $3
            exit
        }')
if [ -z "$mirror" ]; then
    echo "sources.sh: no apt entry for $codename main" >&2
    exit 1
fi

# The keyring that this entry names, if it does; apt's own otherwise.
keyring=$(grep -rlF "${mirror%/}" /etc/apt/sources.list \
    /etc/apt/sources.list.d 2>/dev/null | head -n 1 |
    xargs -r sed -nE 's/.*signed-by *[:=] *([^] ,]+).*/\1/Ip' | head -n 1)
if [ ! -f "$keyring" ]; then
    keyring=/usr/share/keyrings/debian-archive-keyring.gpg
fi

mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/download"
echo "deb-src [signed-by=$keyring] $mirror $release main" >"$apt/sources.list"

private_apt() {
    apt-get -q -o Dir::Etc::SourceList="$apt/sources.list" \
        -o Dir::Etc::SourceParts=- -o Dir::State::Lists="$apt/lists" \
        -o Dir::Cache="$apt/cache" -o APT::Sandbox::User="" "$@"
}

private_apt update
cd "$apt/download"
private_apt source --download-only "$name"

rm -rf "$tree.partial"
mkdir "$tree.partial"
tar -xf "$name"_*.orig.tar.* -C "$tree.partial" --strip-components 1
mv "$tree.partial" "$tree"
rm -rf "$apt"
