import asyncio
import base64
import datetime as dt
import hashlib
import os
import ssl
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from platforms.simulator.tls import HOSTS, Identity, make_identity

DEADLINE_S = 40


async def greet(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Say hello and hang up."""
    writer.write(b"hello")
    await writer.drain()
    writer.close()


@asynccontextmanager
async def served(identity: Identity) -> AsyncIterator[int]:
    """The loopback port of a server that shows this identity."""
    server = await asyncio.start_server(greet, "127.0.0.1", 0, ssl=identity.context)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def call(port: int, host: str, context: ssl.SSLContext) -> tuple[bytes, bytes]:
    """The greeting, and the certificate the server showed (DER)."""
    async with asyncio.timeout(DEADLINE_S):
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", port, ssl=context, server_hostname=host
        )
        shown = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        greeting = await reader.read()
        writer.close()
        await writer.wait_closed()
    return greeting, shown


async def shown_by(port: int) -> bytes:
    """The certificate a server shows to a client that believes anything (DER)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return (await call(port, HOSTS[0], context))[1]


def trusting(certificate: bytes) -> ssl.SSLContext:
    """A client that trusts this certificate alone and checks the host name."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=certificate)
    return context


async def test_it_serves_the_real_host_names() -> None:
    """A client that trusts the certificate accepts it for every host, and for no other."""
    assert "meet.google.com" in HOSTS
    async with served(make_identity()) as port:
        certificate = await shown_by(port)
        client = trusting(certificate)
        for host in HOSTS:
            assert await call(port, host, client) == (b"hello", certificate)
        with pytest.raises(ssl.SSLCertVerificationError, match=r"mail\.google\.com"):
            await call(port, "mail.google.com", client)


async def test_the_fingerprint_is_that_of_the_key_served() -> None:
    """`spki` is base64 of SHA-256 over the public key in the certificate that clients see."""
    identity = make_identity()
    async with served(identity) as port:
        certificate = x509.load_der_x509_certificate(await shown_by(port))
    public = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert base64.b64decode(identity.spki, validate=True) == hashlib.sha256(public).digest()


async def test_it_is_valid_now_and_soon_no_more() -> None:
    """A clock that is off by hours does no harm; the certificate is useless after days."""
    async with served(make_identity()) as port:
        certificate = x509.load_der_x509_certificate(await shown_by(port))
    now, slack = dt.datetime.now(dt.UTC), dt.timedelta(hours=12)
    assert certificate.not_valid_before_utc < now - slack
    assert now + slack < certificate.not_valid_after_utc < now + dt.timedelta(days=3)


async def test_each_identity_is_its_own() -> None:
    """Who trusts one simulator does not trust the next."""
    one, other = make_identity(), make_identity()
    assert one.spki != other.spki
    async with served(one) as port, served(other) as other_port:
        client = trusting(await shown_by(port))
        with pytest.raises(ssl.SSLCertVerificationError, match="self-signed"):
            await call(other_port, HOSTS[0], client)


def test_no_key_stays_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder for temporary files was written to, and nothing is left in it."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    os.utime(tmp_path, (0, 0))
    make_identity()
    assert tmp_path.stat().st_mtime > 0
    assert list(tmp_path.iterdir()) == []
