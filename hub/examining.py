"""A worker of the examiners: `python -m hub.examining NETWORK` answers parcels of messages until its parent is gone."""

import contextlib
import os
import signal
import sys
from typing import BinaryIO, Final

from hub.performance import settle_garbage_collection
from hub.reads import read_parcel
from hub.worker_process import HEAD

GIVES_WAY: Final = 10  # niceness: commits, and whoever reads, go first, and a batch waits less for its transaction


def main(network: str) -> None:
    """Answer on standard output what comes on standard input."""
    # Ctrl-C reaches the whole group; the parent decides when its workers stop.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(GIVES_WAY)
    with os.fdopen(os.dup(1), "wb") as answers:
        os.dup2(2, 1)  # whatever anybody prints must not stand among the answers
        settle_garbage_collection()
        with contextlib.suppress(BrokenPipeError):  # the parent went while this was at work
            serve(network, sys.stdin.buffer, answers)
        os._exit(0)


def serve(network: str, questions: BinaryIO, answers: BinaryIO) -> None:
    """Answer one parcel after the other, until there is no whole one."""
    while len(head := questions.read(HEAD.size)) == HEAD.size:
        keys, size = HEAD.unpack(head)
        packed_keys, parcel = questions.read(keys), questions.read(size)
        if len(parcel) < size:
            return
        answer = read_parcel(network, packed_keys, parcel)
        answers.write(HEAD.pack(0, len(answer)))
        answers.write(answer)
        answers.flush()


if __name__ == "__main__":
    main(sys.argv[1])
