"""The bot's two icons, drawn by their shape: a W whose last stroke rises, as pictures in PNG."""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

COLOUR_SIZE, OUTLINE_SIZE = 192, 32  # pixels, as Teams wants them
GROUND, STROKE, POINT, WHITE = (31, 61, 54), (244, 239, 230), (233, 180, 76), (255, 255, 255)

# In parts of the icon's width, from its top left.
LETTER = ((0.20, 0.36), (0.33, 0.70), (0.47, 0.44), (0.60, 0.70), (0.78, 0.25))
WIDTH, END = 0.045, 0.085  # from the middle of a stroke, and of the point at its end

Spot = tuple[float, float]
Pixel = tuple[int, int, int, int]


def colour() -> bytes:
    """The icon in full colour, 192 pixels wide."""
    edge = 1 / COLOUR_SIZE

    def pixel(spot: Spot) -> Pixel:
        letter, point = _cover(_from_letter(spot) - WIDTH, edge), _cover(_from_end(spot) - END, edge)
        return (*_mixed(_mixed(GROUND, STROKE, letter), POINT, point), 255)

    return _png(COLOUR_SIZE, pixel)


def outline() -> bytes:
    """The icon in white on nothing, 32 pixels wide."""
    edge = 1 / OUTLINE_SIZE

    def pixel(spot: Spot) -> Pixel:
        cover = max(_cover(_from_letter(spot) - WIDTH, edge), _cover(_from_end(spot) - END, edge))
        return (*WHITE, round(255 * cover))

    return _png(OUTLINE_SIZE, pixel)


def _from_letter(spot: Spot) -> float:
    return min(_from_line(spot, *ends) for ends in pairwise(LETTER))


def _from_end(spot: Spot) -> float:
    return math.dist(spot, LETTER[-1])


def _from_line(spot: Spot, start: Spot, end: Spot) -> float:
    """How far a spot is from a line between two others."""
    (x, y), (across, down) = spot, (end[0] - start[0], end[1] - start[1])
    along = ((x - start[0]) * across + (y - start[1]) * down) / (across**2 + down**2)
    along = min(1.0, max(0.0, along))
    return math.dist(spot, (start[0] + along * across, start[1] + along * down))


def _cover(outside: float, edge: float) -> float:
    """How much of a pixel lies within a shape, whose border it is `outside` of; `edge` is a pixel's width."""
    return min(1.0, max(0.0, 0.5 - outside / edge))


def _mixed(below: Sequence[int], above: Sequence[int], cover: float) -> tuple[int, int, int]:
    red, green, blue = (round(low + (high - low) * cover) for low, high in zip(below, above, strict=True))
    return red, green, blue


def _png(size: int, pixel: Callable[[Spot], Pixel]) -> bytes:
    """A square picture by its pixels; a spot is the middle of one (PNG, 8 bits of red, green, blue and alpha)."""
    places = [(number + 0.5) / size for number in range(size)]
    rows = b"".join(b"\0" + _row(pixel((x, y)) for x in places) for y in places)
    head = struct.pack(">IIBBBBB", size, size, 8, 6, 0, 0, 0)
    parts = [(b"IHDR", head), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in parts)


def _row(pixels: Iterable[Pixel]) -> bytes:
    return b"".join(map(bytes, pixels))


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
