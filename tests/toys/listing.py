"""The script `list_images`, on files of a test."""

from facebench.store.tables import read_table
from scripts import list_images


def listed(
    folder, pictures, reader, files=None, dataset="mine", archive=None, pixels=10**7, threads=2,
    cloaks=(), **options,
):  # fmt: skip
    """List `pictures` with a reader and its options; return the tables of pictures and pairs.

    They are written to images.parquet and pairs.parquet in `folder`.
    """
    outputs = folder / "images.parquet", folder / "pairs.parquet"
    list_images.main(
        dataset=dataset,
        pictures=pictures,
        archive=archive,
        files=files or {},
        reader=reader,
        options=options,
        pixels=pixels,
        code="0123",
        threads=threads,
        pieces=folder / "pieces",
        images_output=outputs[0],
        pairs_output=outputs[1],
        cloaks=cloaks,
    )
    assert not (folder / "pieces").exists()
    return tuple(read_table(path) for path in outputs)
