"""A worker process of the examiners: `python -m hub.examining NETWORK` answers parcels until its parent is gone."""

import os
import signal
import sys
from typing import BinaryIO, Final

from hub.examiners import read_parcel
from hub.performance import settle_garbage_collection
from hub.worker_process import HEAD

GIVES_WAY: Final = 10  # niceness: commits, and whoever reads, go first, and a batch waits less for its transaction


def main(network: str) -> None:
    """Answer on standard output what comes on standard input; the end of it is the end of the parent."""
    # Ctrl-C reaches the whole group; the parent decides when its workers stop.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(GIVES_WAY)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever anybody prints must not stand among the answers
    settle_garbage_collection()
    serve(network, sys.stdin.buffer, answers)


def serve(network: str, questions: BinaryIO, answers: BinaryIO) -> None:
    """Answer one parcel after the other."""
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
