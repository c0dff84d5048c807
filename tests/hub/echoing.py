"""A worker for tests: answers parcels with themselves, or ends at the first, or never answers, or listens no more."""

import os
import signal
import sys

from hub.worker_process import HEAD

if sys.argv[1] == "deaf":
    os.close(0)
    signal.pause()
while len(head := sys.stdin.buffer.read(HEAD.size)) == HEAD.size:
    said = sys.stdin.buffer.read(sum(HEAD.unpack(head)))
    if sys.argv[1] == "end":
        break
    if sys.argv[1] == "echo":
        sys.stdout.buffer.write(HEAD.pack(0, len(said)) + said)
        sys.stdout.buffer.flush()
