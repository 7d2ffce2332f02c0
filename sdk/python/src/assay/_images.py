"""Images of whatever form as the bytes of a file, or as a URI."""

from __future__ import annotations

import os
import struct
import zlib
from io import BytesIO
from typing import Any

import numpy as np

from ._arrays import as_numpy
from ._rows import RowsRefused

_COLOUR_TYPE = {1: 0, 2: 4, 3: 2, 4: 6}


def image_content(image: Any, row: int) -> bytes | str | None:
    """What is logged of one image.

    Parameters
    ----------
    image : bytes, path, URI, PIL image or ndarray
        Bytes of a file are taken as they are, and a path is read. ``https:`` URIs stay URIs, which the server fetches. An array of uint8
        (height, width) or (height, width, 1 to 4 channels), and a PIL image, become a PNG file. None: no image.
    row : int
        For the sentence.

    Raises
    ------
    RowsRefused
        If it is none of these, or a file cannot be read.
    """
    if image is None or isinstance(image, (bytes, bytearray, memoryview)):
        return None if image is None else bytes(image)
    if isinstance(image, str) and image.startswith(("https:", "http:")):
        return image
    if isinstance(image, (str, os.PathLike)):
        try:
            with open(image, "rb") as file:
                return file.read()
        except OSError as error:
            raise RowsRefused(f'images[{row}] must be a file that can be read: "{os.fspath(image)}" ({error.strerror})') from error
    if hasattr(image, "save") and hasattr(image, "mode"):
        buffer = BytesIO()
        (image if image.mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16") else image.convert("RGB")).save(buffer, "PNG")
        return buffer.getvalue()
    if hasattr(image, "__array__"):
        return _png(as_numpy(image), row)
    raise RowsRefused(f"images[{row}] must be bytes, a path, an https URI, a PIL image or an array: current type is {type(image).__name__}")


def _png(pixels: np.ndarray, row: int) -> bytes:
    if pixels.ndim == 2:
        pixels = pixels[:, :, None]
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] not in _COLOUR_TYPE or 0 in pixels.shape:
        rule = "uint8 of shape (height, width) or (height, width, 1 to 4)"
        raise RowsRefused(f"images[{row}] must be {rule}: current value is {pixels.dtype} {pixels.shape}")
    height, width, channels = pixels.shape
    lines = np.zeros((height, 1 + width * channels), np.uint8)  # each line begins with its filter, 0: none
    lines[:, 1:] = pixels.reshape(height, -1)
    header = struct.pack(">IIBBBBB", width, height, 8, _COLOUR_TYPE[channels], 0, 0, 0)
    chunks = (b"IHDR", header), (b"IDAT", zlib.compress(lines.tobytes(), 1)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in chunks)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
