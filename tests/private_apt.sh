# Sourced by scripts that fetch packages with an apt state of their own.
# `private_apt_begin FOLDER ENTRY` prepares a state in FOLDER with this ENTRY
# alone ("deb bookworm", "deb-src testing"), or fails if the mirror lacks the
# release. `private_apt` runs apt with it: the system's lists do not change, and
# no package counts as installed. (Of an installed package apt would want the
# installed version, which that release may lack.) Outdated lists of a mirror
# are accepted: their signature is checked, their age is not. Mirror and keyring
# are those of the system's own entry.
# `private_apt_newest FOLDER TYPE COMMAND...` does so with one release after
# another, until COMMAND succeeds in $apt/download.

codename=$(. /etc/os-release && echo "$VERSION_CODENAME")

# Debian's releases, newest first, by names that do not age.
releases="unstable testing stable oldstable oldoldstable"

# The mirror of the system's first entry for its own release, in either format.
system_mirror() {
    apt-get indextargets --format '$(RELEASE) $(COMPONENT) $(REPO_URI)' |
        awk -v codename="$codename" '
            ($1 == codename || $1 ~ /^(old)?stable$/) && $2 == "main" {
                print $3
                exit
            }'
}

# The keyring of this entry; by default apt's own.
system_keyring() { # MIRROR
    keyring=$(grep -rlF "${1%/}" /etc/apt/sources.list \
        /etc/apt/sources.list.d 2>/dev/null | head -n 1 |
        xargs -r sed -nE 's/.*signed-by *[:=] *([^] ,]+).*/\1/Ip' | head -n 1)
    if [ ! -f "$keyring" ]; then
        keyring=/usr/share/keyrings/debian-archive-keyring.gpg
    fi
    echo "$keyring"
}

private_apt_begin() { # FOLDER ENTRY
    apt=$1
    mirror=$(system_mirror)
    if [ -z "$mirror" ]; then
        echo "no apt entry for $codename main" >&2
        exit 1
    fi
    rm -rf "$apt"
    mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/download"
    keyring=$(system_keyring "$mirror")
    echo "${2% *} [signed-by=$keyring] $mirror ${2#* } main" \
        >"$apt/sources.list"
    private_apt get update
}

private_apt_newest() { # FOLDER TYPE COMMAND...
    apt=$1
    entry=$2
    shift 2
    for release in $releases; do
        if private_apt_begin "$apt" "$entry $release" &&
            (cd "$apt/download" && "$@"); then
            return
        fi
    done
    echo "in no Debian release: $*" >&2
    exit 1
}

private_apt() { # get | cache, arguments of apt-get or apt-cache
    tool=apt-$1
    shift
    "$tool" -q -o Dir::Etc::SourceList="$apt/sources.list" \
        -o Dir::Etc::SourceParts=- -o Dir::State::Lists="$apt/lists" \
        -o Dir::State::Status=/dev/null \
        -o Acquire::Check-Valid-Until=false \
        -o Dir::Cache="$apt/cache" -o APT::Sandbox::User="" \
        ${architecture:+-o APT::Architecture="$architecture"} \
        ${architecture:+-o APT::Architectures="$architecture"} "$@"
}
