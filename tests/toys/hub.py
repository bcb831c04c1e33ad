"""A small server with the hub's layout: enough for the real client to find and fetch files."""

import hashlib
import json
import os
import re
import subprocess
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ROOT = Path(__file__).parents[2]
COMMIT = "0123456789abcdef0123456789abcdef01234567"

#: Code that prints what is missing of the models in its argument, and loads no library for it.
ASK = """
import json, sys, time
from facebench.models import missing_weights
start = time.monotonic()
print(json.dumps(missing_weights(json.loads(sys.argv[1]))))
assert "torch" not in sys.modules and "open_clip" not in sys.modules
assert time.monotonic() - start < 40
"""


class Hub(BaseHTTPRequestHandler):
    """Serves `repos` (name -> folder), each at the branch main and at one commit."""

    protocol_version = "HTTP/1.1"
    repos: dict[str, Path]
    requests: list[str]
    #: Break the first download of more than this many bytes off there.
    break_off: int | None

    def do_HEAD(self):
        self.answer(body=False)

    def do_GET(self):
        self.answer(body=True)

    def answer(self, body):
        pattern = r"/(api/models/)?([^/]+/[^/]+)/(resolve|revision)/([^/]+)/?(.*)"
        found = re.fullmatch(pattern, self.path)
        if not found:  # the client asks the hub about other things, too
            return self.refuse(200 if self.path == "/" else 404)
        self.requests.append(f"{self.command} {self.path}")
        _, repo, what, revision, name = found.groups()
        if repo not in self.repos:
            return self.refuse(404, "RepoNotFound")
        if revision not in ("main", COMMIT):
            return self.refuse(404, "RevisionNotFound")
        if what == "revision":
            files = [{"rfilename": path.name} for path in self.repos[repo].iterdir()]
            text = json.dumps({"id": repo, "sha": COMMIT, "siblings": files})
            return self.send(text.encode(), "api", body)
        path = self.repos[repo] / name
        if not path.is_file():
            return self.refuse(404, "EntryNotFound")
        content = path.read_bytes()
        self.send(content, hashlib.sha256(content).hexdigest(), body)

    def send(self, content, etag, body):
        start = 0
        if wanted := re.match(r"bytes=(\d+)-", self.headers.get("Range", "")):
            start = int(wanted.group(1))
        self.send_response(206 if wanted else 200)
        self.send_header("ETag", f'"{etag}"')
        self.send_header("X-Repo-Commit", COMMIT)
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Content-Length", str(len(content) - start))
        if wanted:
            whole = len(content)
            self.send_header("Content-Range", f"bytes {start}-{whole - 1}/{whole}")
        self.end_headers()
        if not body:
            return
        limit = type(self).break_off
        if limit is not None and len(content) - start > limit:
            type(self).break_off = None
            self.wfile.write(content[start : start + limit])
            self.close_connection = True
            return
        self.wfile.write(content[start:])

    def refuse(self, code, why=None):
        self.send_response(code)
        if why:
            self.send_header("X-Error-Code", why)
            self.send_header("X-Repo-Commit", COMMIT)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        """Say nothing."""


@contextmanager
def hub(repos, break_off=None):
    """Serve `repos` on this machine; yields the address and the list of requests."""
    state = {"repos": repos, "requests": [], "break_off": break_off}
    handler = type("Handler", (Hub,), state)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", handler.requests
    finally:
        server.shutdown()
        server.server_close()


def python(code, *arguments, **env):
    """Run Python code in a process of its own, with an environment that knows no other hub."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("HF_")}
    paths = {"PYTHONPATH": f"{ROOT}:{ROOT / 'scripts'}", "NO_PROXY": "127.0.0.1"}
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, env={**clean, **paths, **env}, timeout=200
    )
