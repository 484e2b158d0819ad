"""A certificate made at start: self-signed, for the real host names, trusted by fingerprint."""

import base64
import datetime as dt
import hashlib
import ssl
import tempfile
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from platforms.simulator import skins

HOSTS = (*sorted(skins.HOSTS), "localhost")


@dataclass(frozen=True, slots=True)
class Identity:
    """A server context and what a browser must be told to trust it.

    `spki` is base64(sha256(SubjectPublicKeyInfo)), the form that Chromium's
    `--ignore-certificate-errors-spki-list` takes.
    """

    context: ssl.SSLContext
    spki: str


def make_identity() -> Identity:
    """A fresh key and certificate, valid for two days. The key touches the disk for an instant."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test meeting")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=2))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName(host) for host in HOSTS]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    key_pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory(prefix="meetbot-tls-") as folder:
        pem = Path(folder) / "identity.pem"
        pem.touch(mode=0o600)
        pem.write_bytes(key_pem + certificate.public_bytes(serialization.Encoding.PEM))
        context.load_cert_chain(pem)
    public = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return Identity(context, base64.b64encode(hashlib.sha256(public).digest()).decode())
