"""The library open_clip, loaded only where it is used."""

import sys
from typing import Any


def openclip() -> Any:
    """Return open_clip, loaded without transformers: a fifth of the time.

    open_clip needs transformers for the text towers that facebench refuses; what wants it for a
    tokenizer imports it later by itself.
    """
    hidden = not {"open_clip", "transformers"} & sys.modules.keys()
    if hidden:
        sys.modules["transformers"] = None  # type: ignore[assignment]
    try:
        import open_clip
    finally:
        if hidden:
            del sys.modules["transformers"]
    return open_clip
