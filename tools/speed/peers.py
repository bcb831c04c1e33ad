"""Embedding by what facebench is compared with: open_clip's README, a DataLoader, clip-retrieval.

No facebench here, since clip-retrieval has an environment of its own.
"""

import os
import tempfile
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tools.speed import jpegs, networks
from tools.speed.section import Parts

#: Defaults of `clip-retrieval inference`, and what its reader asks of torch's DataLoader.
BATCH, WORKERS, PREFETCH = 256, 4, 2
#: Batch of a loop that somebody writes around a DataLoader.
LOADER = 32


class Files:
    """Pictures of files, transformed: what a DataLoader reads. None for one that can't be read."""

    def __init__(self, paths: Sequence[Path], transform: Callable[[Any], Any]) -> None:
        self._paths, self._transform = paths, transform

    def __len__(self) -> int:
        """Return the number of files."""
        return len(self._paths)

    def __getitem__(self, row: int) -> Any:
        """Return the tensor of a file."""
        from PIL import Image

        try:
            return self._transform(Image.open(self._paths[row]))
        except OSError:
            return None


def open_clip(*, model: str, count: int, batch: int) -> Parts:
    """Return the loop of open_clip's README, the same with a DataLoader, and the network alone."""
    import torch

    network, transform = networks.plain(model)
    place = tempfile.TemporaryDirectory()
    paths = jpegs.write(Path(place.name), jpegs.make(count=count))
    side, cores = networks.pixels_of(network), int(os.environ["OMP_NUM_THREADS"])
    square = networks.product(rows=2048, inner=2048, columns=2048, times=20)
    ready = torch.randn(min(batch, count), 3, side, side)

    def readme() -> dict[str, Any]:
        from PIL import Image

        assert place  # noqa: S101 (the files stay as long as the parts do)
        for path in paths:
            image = transform(Image.open(path)).unsqueeze(0)
            with torch.no_grad():
                features = network.encode_image(image)
                features /= features.norm(dim=-1, keepdim=True)
        return {"pictures": count}

    def loader() -> dict[str, Any]:
        read(network, paths, transform, batch=LOADER, workers=cores)
        return {"pictures": count}

    def forward() -> dict[str, Any]:
        with torch.inference_mode():
            network.encode_image(ready)
        return {"pictures": len(ready)}

    def sgemm() -> dict[str, Any]:
        torch.set_num_threads(1)
        try:
            return {"gflop": square()}
        finally:
            torch.set_num_threads(cores)

    work = {"gflop a picture": networks.gflop(network)}
    return {
        "README": readme,
        "DataLoader": loader,
        "forward": lambda: forward() | work,
        "sgemm": sgemm,
    }


def read(
    network: Any, paths: Sequence[Path], transform: Any, *, batch: int, workers: int
) -> list[Any]:
    """Embed files by a DataLoader; return the rows of every batch, 16 bits as clip-retrieval's."""
    import torch
    from torch.utils.data import DataLoader
    from torch.utils.data.dataloader import default_collate

    files: Any = Files(paths, transform)
    batches = DataLoader(
        files,
        batch_size=batch,
        num_workers=workers,
        prefetch_factor=PREFETCH,
        pin_memory=torch.cuda.is_available(),
        collate_fn=lambda some: default_collate([one for one in some if one is not None]),
    )
    found = []
    for images in batches:
        with torch.no_grad():
            features = network.encode_image(images)
            features /= features.norm(dim=-1, keepdim=True)
            found.append(features.to(torch.float16).numpy())
    return found


def clip_retrieval(*, model: str, count: int, batch: int) -> Parts:
    """Return clip-retrieval's runner with its defaults; its settings re-made where it isn't there.

    The model is loaded before, as facebench's is.
    """
    network, transform = networks.plain(model)
    place = tempfile.TemporaryDirectory()
    folder = Path(place.name) / "in"
    folder.mkdir()
    paths = jpegs.write(folder, jpegs.make(count=count))
    try:
        runner, by = its_runner(network, transform, folder), version("clip-retrieval")
    except ImportError:
        runner, by = None, ""

    def inference() -> dict[str, Any]:
        if runner is None:
            read(network, paths, transform, batch=BATCH, workers=WORKERS)
        else:
            runner(0)
        return {"pictures": count, "version": by, "at": place.name}

    return {"clip-retrieval": inference}


def its_runner(network: Any, transform: Any, folder: Path) -> Callable[[int], None]:
    """Return clip-retrieval's runner of its own reader, mapper and writer, around a network.

    The network it would load itself needs a download. Its logger is left out: that starts another
    process, which loads all libraries once more.
    """
    from all_clip.open_clip import OpenClipWrapper
    from clip_retrieval.clip_inference import mapper
    from clip_retrieval.clip_inference.reader import FilesReader
    from clip_retrieval.clip_inference.runner import Runner
    from clip_retrieval.clip_inference.writer import NumpyWriter

    wrapped = OpenClipWrapper(inner_model=network, device="cpu")
    mapper.load_clip = lambda **_: (wrapped, transform, None)
    kinds = {"enable_image": True, "enable_text": False, "enable_metadata": False}

    class Silent:
        """A logger that logs nothing."""

        def start(self) -> None:
            pass

        def __call__(self, _: Any) -> None:
            pass

        def end(self) -> None:
            pass

    found: Callable[[int], None] = Runner(
        reader_builder=lambda sampler: FilesReader(
            sampler, transform, None, str(folder), BATCH, WORKERS, **kinds
        ),
        mapper_builder=lambda: mapper.ClipMapper(
            **kinds, use_mclip=False, clip_model="", use_jit=False, mclip_model=""
        ),
        writer_builder=lambda number: NumpyWriter(
            partition_id=number,
            output_folder=f"{folder.parent}/out",
            output_partition_count=1,
            **kinds,
        ),
        logger_builder=lambda _: Silent(),
        output_partition_count=1,
    )
    return found
