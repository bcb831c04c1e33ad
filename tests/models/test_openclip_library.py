"""open_clip is loaded without the library that it doesn't need here."""

import sys
from importlib import import_module

from facebench.models.openclip_library import openclip


def test_it_does_without_transformers_which_others_can_load_afterwards(tmp_path, monkeypatch):
    text = "try:\n    import transformers\nexcept ImportError:\n    transformers = None\n"
    (tmp_path / "open_clip.py").write_text(text)
    (tmp_path / "transformers.py").write_text("here = True\n")
    monkeypatch.syspath_prepend(tmp_path)
    for name in ("open_clip", "transformers"):
        monkeypatch.setitem(sys.modules, name, None)
        del sys.modules[name]
    assert openclip().transformers is None
    assert import_module("transformers").here
    assert openclip() is sys.modules["open_clip"]
