"""What the vector of a CLIP's image tower is made of: its embedding, class token or patches.

All features are read off one forward pass of the library's own code, by a hook.
"""

import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from facebench.errors import UserError
from facebench.models.openclip_library import openclip

if TYPE_CHECKING:
    import torch

#: `projection`: the embedding that a CLIP is trained to give. `token`: the class token that it is
#: projected from, after the last layer norm. `mean`: the mean of the patches' tokens after the
#: same norm.
FEATURES = ("projection", "token", "mean")
DEFAULT = FEATURES[0]


class Tokens(NamedTuple):
    """Where the tokens of a tower are: float (n, prefix + patches, width), the class token first.

    `source` gives them, and `norm` makes them those that the embedding is projected from.
    """

    source: "torch.nn.Module"
    norm: "Callable[[torch.Tensor], torch.Tensor]"
    prefix: int


class Reader:
    """Maps normalised pixels (n, 3, height, width) to the features of a network, side by side.

    A call returns float32 (n, d), d being the sum of `lengths`: how many numbers each feature has,
    known after the first call. Gradients flow. Raises `UserError` for a tower without class token;
    what: the model's name there.
    """

    def __init__(self, network: Any, features: Sequence[str], what: str) -> None:
        self.network, self.features = network, features
        self.tokens = tokens_of(network.visual, what)
        self.lengths: tuple[int, ...] = ()
        self._seen = threading.local()  # encoders are called from several threads
        self.tokens.source.register_forward_hook(self._see)

    def _see(self, _: Any, __: Any, output: "torch.Tensor") -> None:
        self._seen.tokens = output

    def __call__(self, pixels: "torch.Tensor") -> "torch.Tensor":
        """Return the features of pictures."""
        import torch

        embedding = self.network.encode_image(pixels)
        tokens = self.tokens.norm(self._seen.__dict__.pop("tokens")).float()
        make = {
            "projection": lambda: embedding.float(),
            "token": lambda: tokens[:, 0],
            "mean": lambda: tokens[:, self.tokens.prefix :].mean(dim=1),
        }
        rows = [make[feature]() for feature in self.features]
        self.lengths = tuple(each.shape[1] for each in rows)
        return torch.cat(rows, dim=1)


def tokens_of(tower: Any, what: str) -> Tokens:
    """Return where an open_clip image tower's tokens are.

    Raises `UserError` where the embedding isn't projected from a class token.
    """
    if why := _lack(tower):
        raise UserError(
            f"{what} has no feature token or mean: {why}, so its vector isn't made from a class"
            " token. Leave the feature out."
        )
    if type(tower) is openclip().transformer.VisionTransformer:
        # Its norm is after the pooling in some: taken here, it is the same for each token.
        return Tokens(tower.transformer, tower.ln_post, 1)
    return Tokens(tower.trunk.norm, lambda tokens: tokens, tower.trunk.num_prefix_tokens)


def _lack(tower: Any) -> str:
    """Return what a tower does instead of projecting a class token; "" if it does that."""
    if type(tower) is openclip().transformer.VisionTransformer:
        if tower.attn_pool is not None:
            return "its image tower pools by attention"
        return "" if tower.pool_type == "tok" else "its image tower takes the mean of its patches"
    trunk = getattr(tower, "trunk", None)
    if trunk is None:
        return f"its image tower is a {type(tower).__name__}"
    pool = getattr(trunk, "global_pool", None)
    if getattr(trunk, "cls_token", None) is None or pool != "token":
        how = f"pools by {pool}" if isinstance(pool, str) and pool else "is no plain transformer"
        return f"its image tower, timm's {type(trunk).__name__}, {how}"
    return ""
