#!/bin/sh
# packages.sh PACKAGE...: install those of these Debian packages that are
# missing, as root or with sudo. Returns 1 if it is neither, 2 if apt failed.
# packages.sh --missing PACKAGE...: name them only.
#
# Where there is no dpkg, nothing counts as missing.
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

echo "installing$missing"
mkdir -p "${log%/*}"
: >"$log"
if ! apt_get install $missing && ! { apt_get update &&
    apt_get install $missing; }; then
    tail -n 20 "$log" >&2
    echo "could not install$missing; see $log" >&2
    exit 2
fi
