"""Requests over connections that stay open, each sending its next one when the last was answered."""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median

HOST = "127.0.0.1"


@dataclass
class Load:
    """What came of it: seconds in all, and for each request."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Requests in a second."""
        return len(self.latencies) / self.seconds

    @property
    def p50(self) -> float:
        """Half of the requests took no more than these milliseconds."""
        return median(self.latencies) * 1000


@dataclass
class _Connection:
    socket: socket.socket
    sent_at: float = 0.0
    received: bytes = b""

    def is_answered(self) -> bool:
        """Take what has come; raises RuntimeError for an answer that is no success."""
        piece = self.socket.recv(65536)
        self.received += piece
        head, found, body = self.received.partition(b"\r\n\r\n")
        if not piece or (found and head[9:10] != b"2"):
            raise RuntimeError(f"answered {self.received[:600]!r}")
        if not found or not _is_whole(head.lower(), body):
            return False
        self.received = b""
        return True


def drive(port: int, next_request: Callable[[], bytes], *, connections: int, seconds: float) -> Load:
    """Send what `next_request` makes for so many seconds; every answer must be a success."""
    load = Load()
    with selectors.DefaultSelector() as selector:
        for _ in range(connections):
            connection = _Connection(socket.create_connection((HOST, port)))
            connection.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            selector.register(connection.socket, selectors.EVENT_READ, connection)
        begun = time.perf_counter()
        for key in list(selector.get_map().values()):
            _send(key.data, next_request())
        while selector.get_map():
            for key, _ in selector.select():
                if not key.data.is_answered():
                    continue
                now = time.perf_counter()
                load.latencies.append(now - key.data.sent_at)
                if now < begun + seconds:
                    _send(key.data, next_request())
                else:
                    selector.unregister(key.data.socket)
                    key.data.socket.close()
        load.seconds = time.perf_counter() - begun
    return load


def request(method: str, path: str, body: bytes, **headers: str) -> bytes:
    """The bytes of a request with a JSON body."""
    told = {"Host": HOST, "Content-Type": "application/json", "Content-Length": str(len(body)), **headers}
    head = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    return f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body


def _is_whole(head: bytes, body: bytes) -> bool:
    if b"transfer-encoding: chunked" in head:
        return body.endswith(b"0\r\n\r\n")
    length = next(int(line[15:]) for line in head.split(b"\r\n") if line.startswith(b"content-length:"))
    return len(body) >= length


def _send(connection: _Connection, request: bytes) -> None:
    connection.sent_at = time.perf_counter()
    connection.socket.sendall(request)
