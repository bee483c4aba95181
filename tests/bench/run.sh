#!/bin/sh
# run.sh BUILD: what segjob costs, beside others in the same run.
set -eu

here=$(dirname "$0")
/usr/bin/python3 -B "$here/command.py" "$1/segjob"
