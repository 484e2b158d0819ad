"""What the fake devices are given to show and play."""

import wave
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from platforms.card import CARD_SIZE, initials, name_card_jpeg, shortened, write_devices


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Ada Lovelace", "AL"),
        ("meetbot", "M"),
        ("Ana de la Cruz", "AC"),
        ("(Notes) Bot", "B"),
        ("  ", ""),
        ("🙂", ""),
    ],
)
def test_initials_are_those_of_the_first_and_last_word(name: str, expected: str) -> None:
    """Words that begin with no letter or digit have no initial."""
    assert initials(name) == expected


def test_a_long_name_is_shortened_to_one_line() -> None:
    """The name on the card never outgrows it; line breaks become spaces."""
    assert shortened("Ada\nLovelace") == "Ada Lovelace"
    long = shortened("A" * 255)
    assert len(long) == 28
    assert long.endswith("…")


@pytest.mark.parametrize("name", ["Ada Lovelace", "日本語のボット", "", "🙂"])
def test_every_name_makes_a_picture(name: str) -> None:
    """The card is a JPEG of the camera's size, and not of one colour."""
    card = Image.open(BytesIO(name_card_jpeg(name)))
    assert card.size == CARD_SIZE
    assert len(card.getcolors(1 << 20) or ()) > 1


def test_the_microphone_file_is_silence(tmp_path: Path) -> None:
    """A second of 16-bit zeros at 48 kHz, mono; the camera file is a row of pictures."""
    devices = write_devices(tmp_path, "Ada")
    with wave.open(str(devices.microphone_wav)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (48_000, 1, 2)
        assert set(file.readframes(file.getnframes())) == {0}
    assert devices.camera_mjpeg.read_bytes().count(b"\xff\xd8\xff") == 2
