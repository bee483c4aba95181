"""The stream that the programs here read and write (records.h)."""

import struct
import subprocess
import sys

ABSENT = 0xffffffff

# The references' versions, those of Debian 12 and 13, for which the lists of
# differences are exact. A stale entry is an error with these versions alone.
LISTED = {"botocore": ("1.29.27", "1.37.9"), "h11": ("0.14.0",)}


def number(value):
    return struct.pack("=I", value & 0xffffffff)


def text(value):
    """`value` is bytes, or None for an absent text."""
    if value is None:
        return number(ABSENT)
    return number(len(value)) + value


class Reader:
    """Reads the numbers and texts of a program's output, in order."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def number(self):
        self.at += 4
        return struct.unpack_from("=I", self.data, self.at - 4)[0]

    def text(self):
        length = self.number()
        if length == ABSENT:
            return None
        self.at += length
        return self.data[self.at - length:self.at]


def run(program, records):
    """Run a program on records. Returns a Reader of its output."""
    done = subprocess.run([program], input=b"".join(records),
                          stdout=subprocess.PIPE)
    if done.returncode != 0:
        sys.exit("%s exited with %d" % (program, done.returncode))
    return Reader(done.stdout)


class Tally:
    """Counts what a reference accepts and refuses; prints differences."""

    SHOWN = 10

    def __init__(self, reference):
        self.reference = reference
        self.accepted = self.refused = self.differences = 0

    def count(self, accepted):
        if accepted:
            self.accepted += 1
        else:
            self.refused += 1

    def differ(self, *what):
        self.differences += 1
        if self.differences <= self.SHOWN:
            print("difference:", *what)

    def check(self, truth, *what):
        if not truth:
            self.differ(*what)

    def still(self, reference, truth, *what):
        """Check a listed difference, with the versions of LISTED alone."""
        version = reference.__version__
        if version in LISTED[reference.__name__]:
            self.check(truth, "stale:", reference.__name__, version, *what)

    def floor(self, what, count, least):
        self.check(count >= least, "only %d of %s, expected at least %d" %
                   (count, what, least))

    def end(self, accepted, refused):
        """Print the line. Returns whether all agree and floors are reached."""
        self.floor("the accepted", self.accepted, accepted)
        self.floor("the refused", self.refused, refused)
        print("reference %s: %d accepted, %d refused, %d differences" %
              (self.reference, self.accepted, self.refused, self.differences))
        return self.differences == 0
