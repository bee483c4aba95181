#!/bin/sh
# packages.sh PACKAGE...: install those of these Debian packages that are
# missing, as root or with sudo. Returns 1 without either, 2 if apt failed.
# Prints the packages that apt does not know, and installs the others.
# packages.sh --missing PACKAGE...: print the missing packages, install nothing.
#
# Without dpkg, no package counts as missing.
set -eu

only_name=false
if [ "$1" = --missing ]; then
    only_name=true
    shift
fi
if ! command -v dpkg-query >/dev/null; then
    exit 0
fi

log=$(cd "$(dirname "$0")/.." && pwd)/build/log/packages.log

missing=""
for package in "$@"; do
    case "$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null) $missing " in
    *" installed "* | *" $package "*) ;;
    *) missing="$missing $package" ;;
    esac
done
if $only_name; then
    echo $missing
    exit 0
elif [ -z "$missing" ]; then
    exit 0
fi

if [ "$(id -u)" = 0 ]; then
    sudo=""
elif command -v sudo >/dev/null; then
    sudo=sudo
else
    echo "missing, and neither root nor sudo to install:$missing" >&2
    exit 1
fi

# A package that brings a server must not start it.
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
    trap '$sudo rm -f $policy' EXIT
    printf '#!/bin/sh\nexit 101\n' | $sudo tee $policy >/dev/null
    $sudo chmod +x $policy
fi

apt_get() {
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get -q -y \
        --no-install-recommends "$@" >>"$log" 2>&1 </dev/null
}

# Those of these packages that can be installed.
available() {
    for package in "$@"; do
        if apt_get --simulate install "$package"; then
            echo "$package"
        else
            echo "apt has no $package" >&2
        fi
    done
}

echo "installing$missing"
mkdir -p "${log%/*}"
: >"$log"
if apt_get install $missing; then
    exit 0
fi
apt_get update || true
missing=$(available $missing)
if [ -n "$missing" ] && ! apt_get install $missing; then
    tail -n 20 "$log" >&2
    echo "could not install" $missing"; see $log" >&2
    exit 2
fi
