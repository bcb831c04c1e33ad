"""Servers on this machine that misbehave below the level of HTTP: they write bytes to a socket."""

import socket
import threading
from contextlib import contextmanager

BODY = bytes(range(256)) * 400


def answer(*headers, body=BODY, status="200 OK", length=True):
    """Return a whole answer; each of `headers` is a line."""
    lines = [f"HTTP/1.1 {status}", *headers, "Connection: close"]
    lines += [f"Content-Length: {len(body)}"] if length else []
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + body


class Server:
    """A server that counts its requests and does one thing after another with them.

    `turns`: functions of (send, over, request), or bytes to be sent; the last one is repeated.
    """

    def __init__(self, turns):
        self.turns, self.requests, self.times = list(turns), [], []
        self.over = threading.Event()
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}/faces.tgz"
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while not self.over.is_set():
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.talk, args=(connection,), daemon=True).start()

    def talk(self, connection):
        with connection:
            request = b""
            while b"\r\n\r\n" not in request and (piece := connection.recv(65536)):
                request += piece
            self.requests.append(request.decode("latin-1"))
            turn = self.turns.pop(0) if len(self.turns) > 1 else self.turns[0]
            try:
                if callable(turn):
                    turn(connection.sendall, self.over, self.requests[-1])
                else:
                    connection.sendall(turn)
            except OSError:
                pass  # the client has gone


@contextmanager
def serving(*all_turns):
    """Serve each list of turns; yields the servers."""
    servers = [Server(turns) for turns in all_turns]
    try:
        yield servers
    finally:
        for server in servers:
            server.over.set()
            server.socket.close()
