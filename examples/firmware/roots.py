#!/usr/bin/env python3
"""Certificates of PEM files as C: what the firmware trusts.

    roots.py OUT.c FILE.pem...

All certificates of a file are taken. DER in flash is parsed where it stands.
"""

import re
import ssl
import sys

PEM = re.compile("-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----",
                 re.DOTALL)


def certificates(paths):
    for path in paths:
        with open(path, encoding="ascii", errors="replace") as file:
            found = PEM.findall(file.read())
        if not found:
            sys.exit("%s: holds no certificate" % path)
        for pem in found:
            yield ssl.PEM_cert_to_DER_cert(pem)


def rows(data):
    for at in range(0, len(data), 12):
        yield "    %s," % ", ".join("0x%02x" % b for b in data[at:at + 12])


def main():
    out, paths = sys.argv[1], sys.argv[2:]
    ders = list(certificates(paths))
    lines = ['#include "roots.h"', ""]
    for number, der in enumerate(ders):
        lines += ["static const unsigned char root_%d[] = {" % number,
                  *rows(der), "};"]
    lines += ["", "const struct root roots_der[] = {",
              *("    {root_%d, sizeof(root_%d)}," % (number, number)
                for number in range(len(ders))),
              "};", "const size_t roots_der_len = %d;" % len(ders)]
    with open(out, "w", encoding="ascii") as file:
        file.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
