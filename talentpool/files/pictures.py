"""The structure of PNG and JPEG files: from the first byte to the last, and nothing after it."""

import struct
import zlib

PNG = b"\x89PNG\r\n\x1a\n"
JPEG = b"\xff\xd8\xff"
MOST_PIXELS = 50_000_000
_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD8)})


def png_size(data: bytes) -> tuple[int, int]:
    """Width and height of a well-formed PNG. Raises ValueError or struct.error for anything else:
    a chunk cut short, a wrong checksum, something behind the end."""
    if not data.startswith(PNG):
        raise ValueError("no PNG")
    place, size = len(PNG), None
    while True:
        (length,) = struct.unpack(">I", data[place : place + 4])
        name = data[place + 4 : place + 8]
        body = data[place + 8 : place + 8 + length]
        (checksum,) = struct.unpack(">I", data[place + 8 + length : place + 12 + length])
        if len(body) != length or zlib.crc32(name + body) != checksum:
            raise ValueError("broken chunk")
        place += 12 + length
        if name == b"IHDR":
            size = struct.unpack(">II", body[:8])
        if name == b"IEND":
            break
    if place != len(data) or size is None:
        raise ValueError("something behind the end")
    return int(size[0]), int(size[1])


def jpeg_size(data: bytes) -> tuple[int, int]:
    """Width and height of a well-formed JPEG. Raises ValueError or struct.error for anything else,
    and where something stands behind the end of the picture."""
    if not data.startswith(JPEG):
        raise ValueError("no JPEG")
    place, size = 2, None
    while True:
        marker, place = _marker(data, place)
        if marker == 0xD9:
            break
        if marker in _WITHOUT_LENGTH:
            continue
        (length,) = struct.unpack(">H", data[place : place + 2])
        if length < 2 or place + length > len(data):
            raise ValueError("segment cut short")
        if marker in _FRAMES:
            height, width = struct.unpack(">HH", data[place + 3 : place + 7])
            size = (width, height)
        place += length
        if marker == 0xDA:
            place = _end_of_scan(data, place)
    if place != len(data) or size is None:
        raise ValueError("something behind the end")
    return size


def _marker(data: bytes, place: int) -> tuple[int, int]:
    """The marker at `place` and the place behind it; fill bytes are skipped."""
    if place >= len(data) or data[place] != 0xFF:
        raise ValueError("no marker")
    while place < len(data) and data[place] == 0xFF:
        place += 1
    if place >= len(data):
        raise ValueError("no marker")
    return data[place], place + 1


def _end_of_scan(data: bytes, place: int) -> int:
    """Where the marker behind the compressed data begins."""
    while True:
        place = data.find(b"\xff", place)
        if place < 0 or place + 1 >= len(data):
            raise ValueError("scan cut short")
        following = data[place + 1]
        if following == 0x00 or 0xD0 <= following <= 0xD7:
            place += 2
        else:
            return place
