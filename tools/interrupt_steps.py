"""Stop fetching, unpacking and training again and again; do they end as if left alone?

    .venv/bin/python -m tools.interrupt_steps /tmp/stops
    .venv/bin/python -m tools.interrupt_steps /tmp/stops --step train --moments 10

As tools.interrupt_study does for whole studies. What is fetched and unpacked is an archive of made
files; it is served on this machine, slowly enough to be stopped on the way. What is trained is a
very small CLIP, for long enough that its state is kept several times; its history.csv and
training.json differ in the seconds that they tell, and in nothing else.
"""

import argparse
import hashlib
import io
import random
import re
import sys
import tarfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import yaml

from tools.interrupt_study import stopped_at

FILES, SIZE = 20_000, 2_000
#: Bytes a second that the server sends.
SPEED = 1_500_000
#: Seconds between stops: of training more than between two states that it keeps.
APART = {"fetch": 3.0, "unpack": 1.0, "train": 75.0}
TARGETS = {
    "fetch": "data/made/files/made.tar",
    "unpack": "data/made/images",
    "train": "trained/small",
}
RECIPE = {
    "objective": "contrastive",
    "images": 400_000,
    "architecture": {
        "model_cfg": {
            "embed_dim": 64,
            "vision_cfg": {"image_size": 32, "layers": [1, 1, 1, 1], "width": 8, "head_width": 64},
            "text_cfg": {
                "hf_tokenizer_name": "tokenizer",
                "context_length": 20,
                "vocab_size": 512,
                "width": 64,
                "heads": 2,
                "layers": 1,
            },
        },
        "preprocess_cfg": {
            "mean": [0.5] * 3,
            "std": [0.25] * 3,
            "interpolation": "bicubic",
            "resize_mode": "shortest",
        },
    },
}


def archive(path: Path) -> None:
    """Write the archive, if it isn't there."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    draws = random.Random(0)  # noqa: S311
    with tarfile.open(path, "w") as tar:
        for number in range(FILES):
            info = tarfile.TarInfo(f"made/{number % 100:03}/{number:05}.jpg")
            info.size = SIZE
            tar.addfile(info, io.BytesIO(draws.randbytes(SIZE)))


@contextmanager
def served(path: Path) -> Iterator[str]:
    """Serve a file slowly, from any byte of it on; give its address."""
    content = path.read_bytes()

    class Slow(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # noqa: N802
            asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
            first = int(asked[1]) if asked else 0
            self.send_response(206 if asked else 200)
            self.send_header("ETag", '"made"')
            self.send_header("Content-Length", str(len(content) - first))
            if asked:
                self.send_header(
                    "Content-Range", f"bytes {first}-{len(content) - 1}/{len(content)}"
                )
            self.end_headers()
            for place in range(first, len(content), SPEED // 10):
                self.wfile.write(content[place : place + SPEED // 10])
                time.sleep(0.1)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Slow)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/made.tar"
    finally:
        server.shutdown()


def study(source: Mapping[str, Any]) -> dict[str, Any]:
    """Return the configuration of a study with the archive, and people to train with."""
    people = {"reader": "people", "seed": 5, "people": 30, "views": 4, "size": 64}
    return {
        "evaluate": {"datasets": ["made"], "models": ["pixels"], "crops": ["full"], "attacks": []},
        "datasets": {"made": {"reader": "folder", **source}, "seen": people},
        "pretrain": {
            "pictures": ["seen"],
            "strangers": ["seen"],
            "known": ["seen"],
            "recipes": {"small": RECIPE},
        },
    }


def main() -> int:
    """Return 1 if a stopped run ended otherwise than the one that was left alone."""
    words = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    words.add_argument("folder", type=Path, help="an empty folder")
    words.add_argument("--step", choices=TARGETS, help="one of the steps; all if not given")
    words.add_argument("--moments", type=int, default=20, help="how often to stop each")
    words.add_argument("--seed", type=int, default=0, help="of the moments")
    chosen = words.parse_args()
    path = chosen.folder.absolute() / "made.tar"
    archive(path)
    remote = {"name": "made.tar", "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
    different = 0
    with served(path) as address:
        sources = {"fetch": {"files": {"archive": {**remote, "urls": [address]}}}}
        for step in [chosen.step] if chosen.step else TARGETS:
            config = chosen.folder / f"stop-{step}.yaml"
            config.write_text(yaml.safe_dump(study(sources.get(step, {"archive": str(path)}))))
            print(f"{step}:", flush=True)
            arguments = ["--configfile", str(config), "--", TARGETS[step]]
            different += stopped_at(
                chosen.folder / step, arguments, chosen.moments, APART[step], chosen.seed
            )
    return int(different > 0)


if __name__ == "__main__":
    sys.exit(main())
