"""A tiny model that several test modules look at and none changes."""

import pytest

from tests.toys.models import tiny_clip


@pytest.fixture(scope="session")
def clip(tmp_path_factory):
    """A folder with a tiny CLIP model."""
    folder = tmp_path_factory.mktemp("clip")
    tiny_clip(folder)
    return folder
