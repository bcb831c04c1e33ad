"""A small server with the hub's layout: enough for the real client to find and fetch files."""

import hashlib
import json
import re
import shutil
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import IO

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class Hub(BaseHTTPRequestHandler):
    """Serves `repos` (name -> folder), each at the branch main and at one commit.

    That is `COMMIT`, where `commits` doesn't name another.
    """

    protocol_version = "HTTP/1.1"
    commit = COMMIT
    repos: Mapping[str, Path]
    commits: Mapping[str, str]
    requests: list[str]
    #: Break the first download of more than this many bytes off there.
    break_off: int | None

    def do_HEAD(self) -> None:
        """Answer without a body."""
        self.answer(body=False)

    def do_GET(self) -> None:
        """Answer."""
        self.answer(body=True)

    def answer(self, body: bool) -> None:
        """Answer one request."""
        pattern = r"/(api/models/)?([^/]+/[^/]+)/(resolve|revision)/([^/]+)/?(.*)"
        found = re.fullmatch(pattern, self.path)
        if not found:  # the client asks the hub about other things, too
            return self.refuse(200 if self.path == "/" else 404)
        self.requests.append(f"{self.command} {self.path}")
        _, repo, what, revision, name = found.groups()
        if repo not in self.repos:
            return self.refuse(404, "RepoNotFound")
        self.commit, root = self.commits.get(repo, COMMIT), Path(self.repos[repo])
        if revision not in ("main", self.commit):
            return self.refuse(404, "RevisionNotFound")
        if what == "revision":
            return self.tell(repo, root, body)
        if not (root / name).is_file():
            return self.refuse(404, "EntryNotFound")
        self.send(root / name, body)

    def tell(self, repo: str, root: Path, body: bool) -> None:
        """Send what the hub says of a repository."""
        files = [path for path in root.rglob("*") if path.is_file()]
        named = [{"rfilename": path.relative_to(root).as_posix()} for path in files]
        text = json.dumps({"id": repo, "sha": self.commit, "siblings": named}).encode()
        self.head(len(text), len(text), 200, "api")
        self.wfile.write(text if body else b"")

    def send(self, path: Path, body: bool) -> None:
        """Send a file, from the byte that was asked for; large ones are never in memory whole."""
        wanted = re.match(r"bytes=(\d+)-", self.headers.get("Range", ""))
        start, whole = int(wanted.group(1)) if wanted else 0, path.stat().st_size
        self.head(
            whole - start, whole, 206 if wanted else 200, sha256(path, path.stat().st_mtime_ns)
        )
        if not body:
            return
        with open(path, "rb") as file:
            file.seek(start)
            self.copy(file, whole - start)

    def copy(self, file: IO[bytes], length: int) -> None:
        """Copy what is left of a file, or break off if that is wanted."""
        limit = type(self).break_off
        if limit is None or length <= limit:
            shutil.copyfileobj(file, self.wfile, 1 << 20)
            return
        type(self).break_off = None
        self.wfile.write(file.read(limit))
        self.close_connection = True

    def head(self, length: int, whole: int, code: int, etag: str) -> None:
        """Send the headers of a file, or of a part of it, that is `whole` bytes long."""
        self.send_response(code)
        self.send_header("ETag", f'"{etag}"')
        self.send_header("X-Repo-Commit", self.commit)
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Content-Length", str(length))
        if code == 206:
            self.send_header("Content-Range", f"bytes {whole - length}-{whole - 1}/{whole}")
        self.end_headers()

    def refuse(self, code: int, why: str | None = None) -> None:
        """Send a status without a body, and the reason as the hub says it."""
        self.send_response(code)
        if why:
            self.send_header("X-Error-Code", why)
            self.send_header("X-Repo-Commit", COMMIT)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@cache
def sha256(path: Path, time: int) -> str:
    """Return the sha256 of a file of some time: each request asks, and it is computed once."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def hub(
    repos: Mapping[str, Path],
    break_off: int | None = None,
    commits: Mapping[str, str] | None = None,
) -> Iterator[tuple[str, list[str]]]:
    """Serve `repos` on this machine; yields the address and the list of requests."""
    state = {"repos": repos, "commits": commits or {}, "requests": [], "break_off": break_off}
    handler = type("Handler", (Hub,), state)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", handler.requests
    finally:
        server.shutdown()
        server.server_close()
