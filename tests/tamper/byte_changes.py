"""Changes of bytes, each a small function from a text's bytes to other ones; they know nothing of what they change."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

ByteChange = Callable[[bytes, Random], bytes]


def _cut(data: bytes, at: int, length: int, instead: bytes = b"") -> bytes:
    return data[:at] + instead + data[at + length :]


def flipped_bit(data: bytes, rng: Random) -> bytes:
    at = rng.randrange(len(data))
    return _cut(data, at, 1, bytes([data[at] ^ (1 << rng.randrange(8))]))


def other_byte(data: bytes, rng: Random) -> bytes:
    return _cut(data, rng.randrange(len(data)), 1, bytes([rng.randrange(256)]))


def other_letter(data: bytes, rng: Random) -> bytes:
    return _cut(data, rng.randrange(len(data)), 1, bytes([rng.randrange(32, 127)]))


def byte_gone(data: bytes, rng: Random) -> bytes:
    return _cut(data, rng.randrange(len(data)), 1)


def byte_put_in(data: bytes, rng: Random) -> bytes:
    return _cut(data, rng.randrange(len(data) + 1), 0, bytes([rng.choice((rng.randrange(256), *b" \n\r\t\0*|`#$"))]))


def neighbours_swapped(data: bytes, rng: Random) -> bytes:
    at = rng.randrange(len(data) - 1)
    return _cut(data, at, 2, data[at : at + 2][::-1])


def several_bytes(data: bytes, rng: Random) -> bytes:
    for _ in range(rng.randrange(2, 9)):
        data = other_letter(data, rng)
    return data


def other_digit(data: bytes, rng: Random) -> bytes:
    at = rng.choice([k for k, b in enumerate(data) if b in b"0123456789"] or [0])
    return _cut(data, at, 1, bytes([rng.choice(b"0123456789")]))


def other_case(data: bytes, rng: Random) -> bytes:
    at = rng.choice([k for k, b in enumerate(data) if chr(b).isalpha()] or [0])
    return _cut(data, at, 1, data[at : at + 1].swapcase())


def white_space(data: bytes, rng: Random) -> bytes:
    at = rng.choice([k for k, b in enumerate(data) if b in b" \n"] or [0])
    return _cut(data, at, 1, rng.choice((b"  ", b"\t", b"", b"\n", b"\r\n", "\N{NO-BREAK SPACE}".encode(), b"\x0b")))


def span_gone(data: bytes, rng: Random) -> bytes:
    return _cut(data, rng.randrange(len(data)), rng.randrange(1, 400))


def span_repeated(data: bytes, rng: Random) -> bytes:
    at = rng.randrange(len(data))
    return _cut(data, at, 0, data[at : at + rng.randrange(1, 400)])


def span_moved(data: bytes, rng: Random) -> bytes:
    at, length = rng.randrange(len(data)), rng.randrange(1, 400)
    rest = _cut(data, at, length)
    return _cut(rest, rng.randrange(len(rest) + 1), 0, data[at : at + length])


def line_gone(data: bytes, rng: Random) -> bytes:
    lines = data.split(b"\n")
    del lines[rng.randrange(len(lines))]
    return b"\n".join(lines)


def line_repeated(data: bytes, rng: Random) -> bytes:
    lines = data.split(b"\n")
    at = rng.randrange(len(lines))
    return b"\n".join([*lines[:at], lines[at], *lines[at:]])


def lines_swapped(data: bytes, rng: Random) -> bytes:
    lines = data.split(b"\n")
    a, b = rng.randrange(len(lines)), rng.randrange(len(lines))
    lines[a], lines[b] = lines[b], lines[a]
    return b"\n".join(lines)


def end_cut(data: bytes, rng: Random) -> bytes:
    return data[: rng.randrange(len(data))]


def beginning_cut(data: bytes, rng: Random) -> bytes:
    return data[rng.randrange(1, len(data)) :]


def homoglyph(data: bytes, rng: Random) -> bytes:
    pairs = {"a": "\u0430", "e": "\u0435", "o": "\u043e", "p": "\u0440", "c": "\u0441", "E": "\u0395", "-": "\u2010"}
    at = rng.choice([k for k, b in enumerate(data) if chr(b) in pairs] or [0])
    return _cut(data, at, 1, pairs.get(chr(data[at]), "\u0131").encode())


def other_encoding(data: bytes, rng: Random) -> bytes:
    text = data.decode("utf-8")
    return rng.choice(
        (
            b"\xef\xbb\xbf" + data,
            text.encode("utf-16"),
            text.encode("utf-32-le"),
            text.replace("e", "\N{LATIN SMALL LETTER E WITH ACUTE}", 1).encode("latin-1", errors="replace"),
            data.replace(b"\n", b"\r\n"),
            data.replace(b"\n", b"\r"),
        )
    )


CHANGES: dict[str, ByteChange] = {
    f.__name__.replace("_", " "): f
    for f in (
        *(flipped_bit, other_byte, other_letter, byte_gone, byte_put_in, neighbours_swapped, several_bytes),
        *(other_digit, other_case, white_space, span_gone, span_repeated, span_moved),
        *(line_gone, line_repeated, lines_swapped, end_cut, beginning_cut, homoglyph, other_encoding),
    )
}
