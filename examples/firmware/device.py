#!/usr/bin/env python3
"""The device's certificates and key, from PEM files, as C.

    device.py OUT.c CERTIFICATES.pem KEY.pem

A product has its key in a secure element, or written into it at its making.
"""

import base64
import re
import sys

from roots import certificates, rows

KEY = re.compile("-----BEGIN ((?:EC |RSA )?PRIVATE KEY)-----(.*?)"
                 "-----END \\1-----", re.DOTALL)


def key_of(path):
    with open(path, encoding="ascii", errors="replace") as file:
        found = KEY.search(file.read())
    if not found:
        sys.exit("%s: holds no private key without a password" % path)
    return base64.b64decode(found[2])


def array(name, data):
    return ["const unsigned char %s[] = {" % name, *rows(data), "};",
            "const size_t %s_len = sizeof(%s);" % (name, name)]


def main():
    out, path, key = sys.argv[1:]
    chain = b"".join(certificates([path]))
    lines = ['#include "device_der.h"', "",
             *array("device_chain", chain), "",
             *array("device_key", key_of(key))]
    with open(out, "w", encoding="ascii") as file:
        file.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
