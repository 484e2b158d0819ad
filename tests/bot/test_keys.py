import stat
from pathlib import Path

import pytest

from bot.errors import SettingError
from bot.keys import (
    generate_keys,
    is_exposed,
    load_curve_keys,
    load_key_pair,
    load_public_keys,
)


def test_generated_keys_load_and_hide_the_secret(tmp_path: Path) -> None:
    """A pair made here serves as a client's, its secret file is 0600 and its repr shows none."""
    server_public, _ = generate_keys(tmp_path, "server")
    _, secret_file = generate_keys(tmp_path, "worker")
    keys = load_curve_keys(server_public, secret_file)
    assert len(keys.server_public) == len(keys.public) == len(keys.secret) == 40
    assert stat.S_IMODE(secret_file.stat().st_mode) == 0o600
    assert keys.secret.decode() not in repr(keys)


def test_a_key_is_never_replaced(tmp_path: Path) -> None:
    """Generating twice under one name keeps the first pair."""
    public_file, secret_file = generate_keys(tmp_path, "worker")
    before = public_file.read_bytes() + secret_file.read_bytes()
    with pytest.raises(SettingError, match="there already"):
        generate_keys(tmp_path, "worker")
    assert public_file.read_bytes() + secret_file.read_bytes() == before


def test_half_a_pair_is_not_completed(tmp_path: Path) -> None:
    """Beside a public key whose secret is elsewhere no second secret is made."""
    _, secret_file = generate_keys(tmp_path, "worker")
    secret_file.unlink()
    with pytest.raises(SettingError, match="there already"):
        generate_keys(tmp_path, "worker")
    assert not secret_file.exists()


def test_a_folder_that_cannot_be_is_named(tmp_path: Path) -> None:
    """Where no file can be written, the error says where."""
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingError, match="file"):
        generate_keys(tmp_path / "file", "worker")


def test_a_servers_own_pair_and_its_allow_list(tmp_path: Path) -> None:
    """One side reads its own pair; the public keys of a folder are the list of who is let in."""
    public_file, secret_file = generate_keys(tmp_path / "allowed", "worker")
    pair = load_key_pair("--keys", secret_file)
    assert pair.secret.decode() not in repr(pair)
    assert load_public_keys("--keys", public_file.parent) == {pair.public}
    for broken in (tmp_path / "missing", public_file):
        with pytest.raises(SettingError, match="no such folder"):
            load_public_keys("--keys", broken)


def test_secret_readable_by_others_is_refused(tmp_path: Path) -> None:
    """A secret key file that others can read names its setting and the cure."""
    public_file, secret_file = generate_keys(tmp_path, "worker")
    secret_file.chmod(0o644)
    with pytest.raises(SettingError, match="600") as caught:
        load_curve_keys(public_file, secret_file)
    assert caught.value.setting == "MEETBOT_CURVE_SECRET_KEY_FILE"


@pytest.mark.parametrize(
    ("mode", "owner_id", "exposed"),
    [
        (0o600, 10_001, False),
        (0o400, 10_001, False),
        (0o640, 10_001, True),
        (0o604, 10_001, True),
        (0o440, 0, False),
        (0o640, 0, False),
        (0o444, 0, True),
        (0o460, 0, True),
    ],
)
def test_a_mounted_secret_may_be_the_groups(mode: int, owner_id: int, exposed: bool) -> None:
    """Our own file is for us alone; root's, as Kubernetes mounts it, may be read by our group."""
    assert is_exposed(mode, owner_id=owner_id, user_id=10_001) == exposed
    assert is_exposed(mode, owner_id=0, user_id=0) == bool(mode & 0o077)


@pytest.mark.parametrize("content", [None, "", "curve\n    public-key = 'short'\n"])
def test_no_key_names_its_setting(tmp_path: Path, content: str | None) -> None:
    """A missing, empty or garbled file is a setting's error."""
    _, secret_file = generate_keys(tmp_path, "worker")
    broken = tmp_path / "broken.key"
    if content is not None:
        broken.write_text(content)
    with pytest.raises(SettingError) as caught:
        load_curve_keys(broken, secret_file)
    assert caught.value.setting == "MEETBOT_CURVE_SERVER_KEY_FILE"


def test_public_file_is_no_secret_file(tmp_path: Path) -> None:
    """The public half where the pair belongs is named."""
    public_file, _ = generate_keys(tmp_path, "worker")
    with pytest.raises(SettingError, match="no secret key"):
        load_curve_keys(public_file, public_file)
