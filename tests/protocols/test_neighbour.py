"""The nearest neighbours that the index lists agree with the ranks."""

import numpy as np
import pytest

from facebench.evaluation.pictures import load
from tests.toys.evaluation import usual


@pytest.mark.parametrize("parts", [1, 3])
def test_neighbours_from_the_index_agree_with_the_ranks(tmp_path, parts):
    toy = usual(tmp_path, parts=parts)
    _, outcomes = toy.run("neighbour")
    pictures = load(*toy.vectors)
    identity = dict(zip(pictures.labels.image_id, pictures.labels.identity, strict=True))
    assert outcomes.neighbours.isna().equals(outcomes.failed)
    for row in outcomes[~outcomes.failed].itertuples():
        assert len(row.neighbours) == 3 and row.image_id not in row.neighbours
        assert (np.diff(row.scores) <= 0).all()
        mates = [identity[other] == row.identity for other in row.neighbours]
        assert (mates.index(True) + 1 if any(mates) else np.inf) == (
            row.rank if row.rank <= 3 else np.inf
        )
