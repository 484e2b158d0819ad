"""CURVE keys of the control plane, in the certificate files of `zmq.auth`."""

import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

import zmq
import zmq.auth

from bot.errors import SettingError

KEY_CHARACTERS = 40
"""A CURVE key is 32 bytes, written in Z85 (ZeroMQ RFC 32)."""


@dataclass(frozen=True, slots=True)
class CurveKeys:
    """What a CURVE client needs: the server's public key and its own pair, all in Z85."""

    server_public: bytes
    public: bytes
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class KeyPair:
    """Both halves of one side's key, in Z85."""

    public: bytes
    secret: bytes = field(repr=False)


def load_curve_keys(server_key_file: Path, secret_key_file: Path) -> CurveKeys:
    """Read a client's keys.

    Raises `SettingError` for a file that is missing, holds no such key, or, where it holds a
    secret, is open to others (`is_exposed`).
    """
    server_public, _ = _load("MEETBOT_CURVE_SERVER_KEY_FILE", server_key_file)
    pair = load_key_pair("MEETBOT_CURVE_SECRET_KEY_FILE", secret_key_file)
    return CurveKeys(server_public, pair.public, pair.secret)


def load_key_pair(setting: str, path: Path) -> KeyPair:
    """Read one side's own keys.

    Raises `SettingError`, which names `setting`, for a file that is missing, holds no such keys,
    or is open to others (`is_exposed`).
    """
    public, secret = _load(setting, path)
    if secret is None:
        raise SettingError(setting, f"{path}: holds no secret key")
    status = path.stat()
    if is_exposed(status.st_mode, owner_id=status.st_uid, user_id=os.geteuid()):
        raise SettingError(setting, f"{path}: others can read it, chmod it to 600")
    return KeyPair(public, secret)


def load_public_keys(setting: str, folder: Path) -> frozenset[bytes]:
    """The public keys of a folder's `*.key` files: who is let in.

    Raises `SettingError`, which names `setting`, for a folder or a key that cannot be read.
    """
    if not folder.is_dir():
        raise SettingError(setting, f"{folder}: no such folder")
    return frozenset(_load(setting, path)[0] for path in folder.glob("*.key"))


def chosen_keys(server_key_file: Path | None, secret_key_file: Path | None) -> CurveKeys | None:
    """The keys where both files are given, None where a plain endpoint was chosen."""
    if server_key_file is None or secret_key_file is None:
        return None
    return load_curve_keys(server_key_file, secret_key_file)


def is_exposed(mode: int, *, owner_id: int, user_id: int) -> bool:
    """Whether more than its reader can read a secret file, or anybody else write it.

    A file of root's may be readable by a group of ours: so are Secrets mounted in Kubernetes for a
    user that is not root.
    """
    mounted_for_us = owner_id == 0 != user_id
    return bool(stat.S_IMODE(mode) & (0o037 if mounted_for_us else 0o077))


def generate_keys(folder: Path, name: str) -> tuple[Path, Path]:
    """Make a key pair: `<name>.key` (public) and `<name>.key_secret` (both keys, mode 0600).

    Never replaces a key. Raises `SettingError` where one of the files is there already or cannot
    be written.
    """
    public_file, secret_file = folder / f"{name}.key", folder / f"{name}.key_secret"
    for path in (public_file, secret_file):
        if path.exists():
            raise SettingError(name, f"{path} is there already; no key is replaced")
    public, secret = zmq.curve_keypair()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write(secret_file, 0o600, public, secret)
        _write(public_file, 0o644, public, None)
    except OSError as error:
        raise SettingError(name, f"{error.filename}: {error.strerror}") from error
    return public_file, secret_file


def _write(path: Path, mode: int, public: bytes, secret: bytes | None) -> None:
    lines = ["#   ZeroMQ CURVE certificate", "curve", f'    public-key = "{public.decode()}"']
    if secret is not None:
        lines.append(f'    secret-key = "{secret.decode()}"')
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write("\n".join(lines) + "\n")


def _load(setting: str, path: Path) -> tuple[bytes, bytes | None]:
    try:
        public, secret = zmq.auth.load_certificate(path)
    except (OSError, ValueError) as error:
        raise SettingError(setting, f"{path}: no readable key") from error
    if len(public) != KEY_CHARACTERS or (secret is not None and len(secret) != KEY_CHARACTERS):
        raise SettingError(setting, f"{path}: not a CURVE key")
    return public, secret
