"""Something on this machine that speaks as a bus does which knows nobody's key, for tests."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_GREETING = b'INFO {"server_id":"x","version":"2.15.1","headers":true,"max_payload":1048576,"nonce":"bm9uY2U"}\r\n'


@contextmanager
def refusing_bus() -> Iterator[str]:
    """Give the address of a bus that greets, waits for a key, refuses it and hangs up, again and again."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    line, _ = listener.accept()
                    with line, suppress(OSError):
                        line.sendall(_GREETING)
                        line.recv(4096)
                        line.sendall(b"-ERR 'Authorization Violation'\r\n")
                        line.shutdown(socket.SHUT_WR)
                        while line.recv(4096):
                            pass

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield f"nats://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)  # ends the waiting, which closing alone would not
            thread.join(5)
