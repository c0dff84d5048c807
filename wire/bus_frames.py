"""Taking whole messages out of the bytes that the server sends: the plain case, many at a time, and nothing else."""

import re
from typing import Final, NamedTuple

_PLAIN: Final = re.compile(rb"MSG ([^\s]+) (\d{1,18}) (?:([^\s]+) )?()(\d{1,9})\r\n")
_WITH_HEADERS: Final = re.compile(rb"HMSG ([^\s]+) (\d{1,18}) (?:([^\s]+) )?(\d{1,9}) (\d{1,9})\r\n")
_END: Final = b"\r\n"
# What comes in many pieces is better gathered by whoever knows how much is still to come.
MAX_WAITED_FOR: Final = 65_536


class Arrived(NamedTuple):
    """One message: subscription number, subject, reply subject, headers as they came, body."""

    number: int
    subject: bytes
    reply: bytes
    headers: bytes
    body: bytes


def whole_messages(data: bytes) -> tuple[list[Arrived], int, bool]:
    """Give the messages at the beginning of `data`, where the first other thing begins, and whether to wait there.

    To wait means that a message begins there whose end is still to come; otherwise something else begins there.
    """
    arrived: list[Arrived] = []
    place = 0
    while True:
        line = (_WITH_HEADERS if data.startswith(b"H", place) else _PLAIN).match(data, place)
        if line is None:
            return arrived, place, False
        number, size, begin = line[2], int(line[5]), line.end()
        body, end = begin + int(line[4] or 0), begin + size
        if len(data) < end + len(_END):
            return arrived, place, body <= end and size <= MAX_WAITED_FOR
        if body > end or not data.startswith(_END, end):
            return arrived, place, False
        arrived.append(Arrived(int(number), line[1], line[3] or b"", data[begin:body], data[body:end]))
        place = end + len(_END)
