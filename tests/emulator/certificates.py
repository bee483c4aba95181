"""Throw-away certificates for tests, and their authorities.

    ca = certificates.authority(folder)              # folder/ca.pem
    server = certificates.issue(ca, ["localhost"])   # folder/server.pem, -key
    context.load_cert_chain(server.certificate, server.key)

Private keys of authorities are in memory only, and end with the test. Dates
are UTC, naive or aware; the defaults are yesterday and a month from now.
`extensions` are pairs of an additional extension and whether it is critical.
"""

import datetime
import hashlib
import ipaddress
import os
from collections import namedtuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

# `chain` has the certificates that a server sends after its own, nearest
# first; it is empty for a root. `path` is the authority's own certificate, PEM.
Authority = namedtuple("Authority", "certificate key chain dir path")

# Paths of PEM files: the certificate with its chain, and its private key.
Issued = namedtuple("Issued", "certificate key")


def authority(dir, name="ca", key="ec", not_before=None, not_after=None,
              extensions=()):
    """A root authority; writes `dir`/`name`.pem."""
    own_key = _new_key(key)
    subject = _subject("Test authority %s" % name)
    certificate = (
        _authority_builder(subject, subject, own_key, not_before, not_after,
                           extensions)
        .sign(own_key, hashes.SHA256()))
    path = _write_pem(dir, name, [certificate])
    return Authority(certificate, own_key, (), dir, path)


def intermediate(parent, name="intermediate", key="ec", not_before=None,
                 not_after=None, extensions=()):
    """An authority under `parent`; writes `parent.dir`/`name`.pem."""
    own_key = _new_key(key)
    builder = _authority_builder(
        _subject("Test authority %s" % name), parent.certificate.subject,
        own_key, not_before, not_after, extensions)
    certificate = _sign(builder, parent)
    path = _write_pem(parent.dir, name, [certificate])
    return Authority(certificate, own_key, (certificate,) + parent.chain,
                     parent.dir, path)


def issue(parent, names, file="server", key="ec", not_before=None,
          not_after=None):
    """A server's certificate for DNS names and IP addresses.

    Writes `parent.dir`/`file`.pem (with intermediates) and `file`-key.pem.
    """
    return _issue(
        parent, names[0], file, key, not_before, not_after,
        x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]),
        x509.SubjectAlternativeName(map(_general_name, names)))


def issue_nameless(parent, subject, file="nameless", extensions=()):
    """A server's certificate with a common name, and these extensions."""
    return _issue(
        parent, subject, file, "ec", None, None,
        x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), *extensions)


def issue_device(parent, file="device", key="ec", not_before=None,
                 not_after=None):
    """A device's certificate: for clients only, without host names.

    Writes `parent.dir`/`file`.pem (with intermediates) and `file`-key.pem.
    """
    return _issue(
        parent, file, file, key, not_before, not_after,
        x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]))


def as_der(issued):
    """The same certificate, without its chain, and key (PKCS #8) in DER."""
    with open(issued.certificate, "rb") as file:
        certificate = x509.load_pem_x509_certificate(file.read())
    with open(issued.key, "rb") as file:
        key = serialization.load_pem_private_key(file.read(), None)
    return Issued(
        _write(issued.certificate[:-len("pem")] + "der",
               certificate.public_bytes(serialization.Encoding.DER)),
        _write(issued.key[:-len("pem")] + "der", key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption())))


def traditional(issued, password=None):
    """The same key in its older form: SEC 1 or PKCS #1, perhaps encrypted."""
    with open(issued.key, "rb") as file:
        key = serialization.load_pem_private_key(file.read(), None)
    encryption = serialization.NoEncryption() if password is None else \
        serialization.BestAvailableEncryption(password)
    return Issued(issued.certificate, _write(
        issued.key[:-len(".pem")] + "-old.pem", key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL, encryption)))


def pin(path):
    """The SHA-256 of a certificate's SubjectPublicKeyInfo (RFC 7469)."""
    with open(path, "rb") as file:
        certificate = x509.load_pem_x509_certificate(file.read())
    return hashlib.sha256(certificate.public_key().public_bytes(
        serialization.Encoding.DER,
        serialization.PublicFormat.SubjectPublicKeyInfo)).digest()


def names(issued):
    """The DNS names and IP addresses that a certificate is for, as text."""
    with open(issued.certificate, "rb") as file:
        certificate = x509.load_pem_x509_certificate(file.read())
    extension = certificate.extensions.get_extension_for_class(
        x509.SubjectAlternativeName)
    return [str(name.value) for name in extension.value]


def _new_key(kind):
    if kind == "ec":
        return ec.generate_private_key(ec.SECP256R1())
    if kind == "rsa":
        return rsa.generate_private_key(65537, 2048)
    raise ValueError("key must be ec or rsa, not %r" % kind)


def _subject(name):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])


def _general_name(name):
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _dates(not_before, not_after):
    """Replace None by a date that goes with the other one."""
    day = datetime.timedelta(days=1)
    yesterday = _utc(None) - day
    if not_before is None:
        not_before = yesterday
        if not_after is not None:
            not_before = min(yesterday, _utc(not_after) - day)
    if not_after is None:
        not_after = max(yesterday, _utc(not_before)) + 31 * day
    return not_before, not_after


def _utc(date):
    """`date`, or now, as naive UTC."""
    if date is None:
        date = datetime.datetime.now(datetime.timezone.utc)
    if date.tzinfo is None:
        return date
    return date.astimezone(datetime.timezone.utc).replace(tzinfo=None)


def _builder(subject, issuer, key, not_before, not_after):
    not_before, not_after = _dates(not_before, not_after)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(not_before)
        .not_valid_after(not_after)
        .add_extension(
            x509.SubjectKeyIdentifier.from_public_key(key.public_key()),
            critical=False))


def _authority_builder(subject, issuer, key, not_before, not_after, extensions):
    builder = (
        _builder(subject, issuer, key, not_before, not_after)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None),
                       critical=True)
        .add_extension(_key_usage(key_cert_sign=True, crl_sign=True),
                       critical=True))
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return builder


def _issue(parent, name, file, key, not_before, not_after, *extensions):
    own_key = _new_key(key)
    builder = (
        _builder(_subject(name), parent.certificate.subject, own_key,
                 not_before, not_after)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None),
                       critical=True)
        .add_extension(_key_usage(digital_signature=True), critical=True))
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    path = _write_pem(parent.dir, file,
                      (_sign(builder, parent),) + parent.chain)
    return Issued(path, _write_key(parent.dir, file + "-key", own_key))


def _key_usage(**uses):
    names = ("digital_signature", "content_commitment", "key_encipherment",
             "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign",
             "encipher_only", "decipher_only")
    return x509.KeyUsage(**{name: uses.get(name, False) for name in names})


def _sign(builder, parent):
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(
        parent.key.public_key())
    return (builder.add_extension(identifier, critical=False)
            .sign(parent.key, hashes.SHA256()))


def _write_pem(dir, name, certificates):
    path = os.path.join(dir, name + ".pem")
    with open(path, "wb") as file:
        for certificate in certificates:
            file.write(certificate.public_bytes(serialization.Encoding.PEM))
    return path


def _write(path, data):
    with open(path, "wb") as file:
        file.write(data)
    return path


def _write_key(dir, name, key):
    path = os.path.join(dir, name + ".pem")
    # A new file: an old one would keep its mode.
    if os.path.lexists(path):
        os.unlink(path)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption()))
    return path
