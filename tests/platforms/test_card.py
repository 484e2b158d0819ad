"""What the fake devices are given to show and play."""

import wave
from pathlib import Path

import av
import numpy as np
import pytest

from platforms.card import CARD_FPS, CARD_SIZE, initials, name_card, shortened, write_devices


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
    """The card has the camera's size, and is not of one colour."""
    card = name_card(name)
    assert card.size == CARD_SIZE
    assert len(card.getcolors(1 << 20) or ()) > 1


def test_the_microphone_file_is_silence(tmp_path: Path) -> None:
    """A second of 16-bit zeros at 48 kHz, mono."""
    devices = write_devices(tmp_path, "Ada")
    with wave.open(str(devices.microphone_wav)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (48_000, 1, 2)
        assert set(file.readframes(file.getnframes())) == {0}


def test_the_camera_file_is_the_card_as_a_slow_film(tmp_path: Path) -> None:
    """A few pictures a second, each of them the card in its colours."""
    with av.open(write_devices(tmp_path, "Ada").camera_y4m) as film:
        assert film.streams.video[0].average_rate == CARD_FPS
        first, second = film.decode(video=0)
    wanted = np.asarray(name_card("Ada"), dtype=np.int16)
    for frame in (first, second):
        assert (frame.width, frame.height) == CARD_SIZE
        assert np.abs(frame.to_ndarray(format="rgb24") - wanted).mean() < 3
