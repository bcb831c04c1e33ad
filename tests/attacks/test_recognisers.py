"""Cloaks that are made on recognisers of real faces, judged by the libraries these come from."""

import json

import numpy as np
import pytest

from facebench.store.faces import encode, write_faces
from scripts import weights
from tests.toys.attacks import rows_file, run
from tests.toys.recognisers import REFEREES, rendered

pytestmark = pytest.mark.slow

CLOAK = {
    "kind": "clip-cloak", "surrogates": ["it"], "linf": 8.0, "step": 2.0, "steps": 5,
    "target": False, "expectation": False, "momentum": 0.0,
}  # fmt: skip


@pytest.mark.parametrize("family", REFEREES)
def test_a_cloak_hides_from_the_library_itself(tmp_path, family):
    side, referee = REFEREES[family]
    shown = rendered(2, 2, side)
    faces, model = tmp_path / "faces.parquet", tmp_path / "it.json"
    rows = [
        {
            "image_id": f"{i:016x}", "path": f"{i}.png", "identity": f"p{i // 2}", "name": None,
            "status": "ok", "reason": "", "width": side, "height": side,
            "image": encode(pixels.transpose(1, 2, 0)),
        }
        for i, pixels in enumerate(shown)
    ]  # fmt: skip
    write_faces(rows, faces, {"data": {"reader": "made"}, "faces": {"crop": "chip"}})
    weights.main(model="it", spec={"family": family}, output=model)
    vectors = rows_file(tmp_path, faces, model)
    np.testing.assert_allclose(np.load(vectors), referee(shown), atol=1e-5)
    table, cloaked = run(faces, tmp_path / "c.parquet", [model], [vectors], **CLOAK)
    _, noisy = run(faces, tmp_path / "n.parquet", kind="noise", linf=8)
    assert (table.attack_status == "ok").all() and table.linf.max() <= 8

    def far(images):
        seen = referee(np.stack([one.transpose(2, 0, 1) for one in images]))
        return 1 - (seen * referee(shown)).sum(1).mean()

    assert far(cloaked) > 3 * far(noisy)
    # What the attack says that it reached is what the library sees.
    centres = np.load(vectors).reshape(2, 2, -1).mean(1)
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    seen = referee(np.stack([one.transpose(2, 0, 1) for one in cloaked]))
    near = ((seen * referee(shown)).sum(1) + (seen * centres.repeat(2, 0)).sum(1)) / 2
    np.testing.assert_allclose(1 - near, table.objective, atol=1e-4)
    assert json.loads(model.read_text())["kind"] == "made for faces"
