"""The H.264 track of a recording: pictures fitted to its size, and an effort that can change.

Not for the event loop.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Final

import av
import numpy as np
import structlog
from av.codec.context import Flags
from av.video.frame import PictureType
from numpy.typing import NDArray

from media.timeline import VIDEO_TICKS_HZ

PRESET: Final = "superfast"
"""Of a picture of four moving tiles 7.2 ms, `veryfast` 12.2 ms, for a fifth more bits (1.7 against
1.4 Mbit/s) at an SSIM of 0.9970 against 0.9977; of one small tile 3.5 and 5.7 ms, a tenth more."""
X264_OPTIONS: Final = {
    "preset": PRESET,
    "crf": "23",
    # no packet may wait for later pictures: on a still page the next one is a second away
    # (force-cfr keeps the timestamps given; without it x264 holds each picture for the next one)
    "x264-params": "bframes=0:rc-lookahead=0:sync-lookahead=0:mbtree=0:scenecut=0:force-cfr=1"
    # a page of noise must not outrun the upload: 4 Mbit/s on a moving average of two seconds
    ":keyint=infinite:vbv-maxrate=4000:vbv-bufsize=8000",
}
CHEAP_OPTIONS: Final = {
    **X264_OPTIONS,
    "preset": "ultrafast",
    # what stands in the file's one header stays as in `PRESET`: of both the same bytes
    "x264-params": X264_OPTIONS["x264-params"] + ":cabac=1:8x8dct=1:weightp=1",
}
"""Two thirds of the CPU of `PRESET`: 5.0 ms against 7.2, where one that runs short needs them."""
VIDEO_TIME_BASE: Final = Fraction(1, VIDEO_TICKS_HZ)
RATE_HZ: Final = 30
I420_BLACK: Final = (16, 128, 128)

log = structlog.get_logger(__name__)


class PictureTrack:
    """One stream of pictures in an MP4 that is being written. One thread only."""

    def __init__(self, container: Any, width: int, height: int, preset: str) -> None:  # noqa: ANN401 - PyAV has no usable types
        """Add the stream; its header is written with the first packet."""
        self._container = container
        self._size = (width, height)
        self._options = {**X264_OPTIONS, "preset": preset}
        stream: Any = container.add_stream("libx264", rate=RATE_HZ, options=self._options)
        stream.time_base = VIDEO_TIME_BASE
        self._stream = stream
        self._codec: Any = self._prepared(stream.codec_context)
        self._scaler = av.video.reformatter.VideoReformatter()
        self._cheap = self._wants_cheap = False

    def _prepared(self, codec: Any) -> Any:  # noqa: ANN401 - PyAV has no usable types
        codec.width, codec.height = self._size
        codec.pix_fmt = "yuv420p"
        codec.time_base = VIDEO_TIME_BASE
        codec.thread_count = 1
        return codec

    def feed(
        self, i420: NDArray[np.uint8], width: int, height: int, pts: int, *, keyframe: bool
    ) -> None:
        """Encode one packed picture at `pts` (90 kHz)."""
        # without a copy: libavcodec makes its own of what nobody counts references to
        frame = av.VideoFrame.from_numpy_buffer(i420.reshape(height * 3 // 2, width), "yuv420p")
        if (width, height) != self._size:
            frame = self._fitted(frame)
        if self._cheap != self._wants_cheap and self._codec.is_open:
            self._change_effort()
        frame.pts = pts
        frame.time_base = VIDEO_TIME_BASE
        frame.pict_type = PictureType.I if keyframe else PictureType.NONE
        self._mux(frame)

    def economise(self, *, cheap: bool) -> None:
        """From the next picture on, which becomes a keyframe, with less effort or with all.

        The first picture of all is made with all effort.
        """
        self._wants_cheap = cheap

    def _change_effort(self) -> None:
        """Go on with a new encoder, if what it makes fits the header that is written.

        The effort of an open one cannot be changed: libavcodec hands only rates on to x264.
        """
        codec: Any = self._prepared(av.CodecContext.create("libx264", "w"))
        codec.framerate = RATE_HZ
        codec.options = CHEAP_OPTIONS if self._wants_cheap else self._options
        codec.flags |= Flags.global_header
        codec.open()
        self._cheap = self._wants_cheap
        if codec.extradata != self._codec.extradata:
            log.warning("effort_not_changed", cheap=self._cheap)
            return
        self.flush()
        self._codec = codec

    def flush(self) -> None:
        """Bring out what the encoder still holds."""
        if self._codec.is_open:
            self._mux(None)

    def _mux(self, frame: av.VideoFrame | None) -> None:
        for packet in self._codec.encode(frame):
            packet.stream = self._stream
            self._container.mux(packet)

    def _fitted(self, frame: av.VideoFrame) -> av.VideoFrame:
        """The picture scaled to fit, with black bars where its shape leaves room."""
        width, height = self._size
        scale = min(width / frame.width, height / frame.height)
        inner_width = min(width, round(frame.width * scale / 2) * 2)
        inner_height = min(height, round(frame.height * scale / 2) * 2)
        scaled = self._scaler.reformat(frame, inner_width, inner_height)
        if (inner_width, inner_height) == (width, height):
            return scaled
        packed = np.asarray(scaled.to_ndarray(), np.uint8).ravel()
        canvas = np.empty(width * height * 3 // 2, np.uint8)
        inner_planes = i420_planes(packed, inner_width, inner_height)
        for plane, inner, black in zip(
            i420_planes(canvas, width, height), inner_planes, I420_BLACK, strict=True
        ):
            plane[:] = black
            top = (plane.shape[0] - inner.shape[0]) // 2
            left = (plane.shape[1] - inner.shape[1]) // 2
            plane[top : top + inner.shape[0], left : left + inner.shape[1]] = inner
        return av.VideoFrame.from_ndarray(canvas.reshape(height * 3 // 2, width), format="yuv420p")


def i420_planes(packed: NDArray[np.uint8], width: int, height: int) -> Sequence[NDArray[np.uint8]]:
    """Views of the Y, U and V planes of a packed picture of even size."""
    luma, chroma = width * height, width * height // 4
    shape = (height // 2, width // 2)
    return (
        packed[:luma].reshape(height, width),
        packed[luma : luma + chroma].reshape(shape),
        packed[luma + chroma :].reshape(shape),
    )
