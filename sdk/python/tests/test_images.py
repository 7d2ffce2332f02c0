from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assay._images import image_content
from assay._rows import RowsRefused


def pixels_of(png: Any) -> np.ndarray:
    """Pixels of a PNG file whose lines have no filter."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    width, height, depth, colour = struct.unpack(">IIBB", png[16:26])
    assert depth == 8
    at = png.index(b"IDAT")
    (size,) = struct.unpack(">I", png[at - 4 : at])
    content = png[at + 4 : at + 4 + size]
    assert struct.unpack(">I", png[at + 4 + size : at + 8 + size]) == (zlib.crc32(b"IDAT" + content),)
    channels = {0: 1, 4: 2, 2: 3, 6: 4}[colour]
    lines = np.frombuffer(zlib.decompress(content), np.uint8).reshape(height, 1 + width * channels)
    assert not lines[:, 0].any()
    return lines[:, 1:].reshape(height, width, channels)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_an_array_becomes_a_png_of_the_same_pixels(channels: int) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (5, 7, channels), dtype=np.uint8)
    assert (pixels_of(image_content(pixels, 0)) == pixels).all()


def test_a_grey_array_needs_no_channel() -> None:
    pixels = np.arange(6, dtype=np.uint8).reshape(2, 3)
    assert (pixels_of(image_content(pixels, 0))[:, :, 0] == pixels).all()


def test_bytes_paths_uris_and_none(tmp_path: Path) -> None:
    file = tmp_path / "a.jpg"
    file.write_bytes(b"jpeg")
    assert image_content(b"png", 0) == b"png"
    assert image_content(bytearray(b"png"), 0) == b"png"
    assert image_content(file, 0) == b"jpeg"
    assert image_content(str(file), 0) == b"jpeg"
    assert image_content("https://example.org/a.png", 0) == "https://example.org/a.png"
    assert image_content(None, 0) is None


class Picture:
    """Acts as a PIL image."""

    mode = "CMYK"

    def convert(self, mode: str) -> Picture:
        self.mode = mode
        return self

    def save(self, file: Any, kind: str) -> None:
        file.write(f"{self.mode} as {kind}".encode())


def test_a_pil_image_becomes_a_png() -> None:
    assert image_content(Picture(), 0) == b"RGB as PNG"


@pytest.mark.parametrize("image", [np.zeros((2, 2, 3)), np.zeros((2, 2, 5), np.uint8), np.zeros((0, 2), np.uint8), 7, "no-such-file.png"])
def test_others_are_refused(image: Any) -> None:
    with pytest.raises(RowsRefused, match=r"images\[3\]"):
        image_content(image, 3)
