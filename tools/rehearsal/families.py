"""Which models stand for a study: one of each family of architectures, or all that fit a disk."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from facebench.models import Spec
from facebench.models.openclip_configs import architecture

#: Published models made for faces, in the two formats that the paper's models don't have; and two
#: CLIPs that recognise rendered people: what a study does only where somebody is recognised, it
#: would not do with random weights alone.
OTHERS = ("arcface-vit-tiny", "auraface-r100", "mini-s", "mini-l")

#: What open_clip takes for the proportions of a vision transformer.
USUAL = {"head_width": 64, "mlp_ratio": 4.0}


class Chosen(NamedTuple):
    """A model of a rehearsal.

    name, spec: its entry of the registry. family: which architectures it stands for. real: it has
    its own size, or else a smaller one of the same architecture.
    """

    name: str
    spec: Spec
    family: str
    real: bool

    @property
    def called(self) -> str:
        """Its name in the rehearsal: a smaller one has another."""
        return self.name if self.real or not self.written else f"{self.name}-small"

    @property
    def written(self) -> bool:
        """Whether weights are written for it, and served."""
        return "repo" in self.spec


def family_of(spec: Spec) -> str:
    """Return which code loads and runs a model: what differs within a family are numbers.

    >>> family_of({"family": "dlib"})
    'dlib'
    >>> family_of({"family": "open_clip", "arch": "RN50-quickgelu"})
    'open_clip: ResNet, QuickGELU'
    >>> family_of({"family": "open_clip", "arch": "ViT-H-14"})
    'open_clip: ViT of other proportions, GELU'
    """
    if spec["family"] != "open_clip":
        return str(spec["family"])
    if "arch" not in spec:
        return "open_clip: a folder"
    config = architecture(spec["arch"])
    activation = "QuickGELU" if config.get("quick_gelu") else "GELU"
    return f"open_clip: {_tower(config['vision_cfg'])}, {activation}"


def _tower(vision: Mapping[str, Any]) -> str:
    if "timm_model_name" in vision:
        return f"{vision['timm_model_name'].partition('_')[0]} of timm"
    if isinstance(vision["layers"], list):
        return "ResNet"
    usual = all(vision.get(key, usual) == usual for key, usual in USUAL.items())
    return "ViT" if usual else "ViT of other proportions"


def chosen(names: Iterable[str], registry: Mapping[str, Spec], gigabytes: float) -> list[Chosen]:
    """Return the models that stand for `names`, in their order.

    gigabytes: disk for the weights of networks in their own size, which lie there twice, once as
    they are served and once as they were fetched. Of each family the model that takes the least
    work comes first, then all others, the small before the large. A family of which none fits has
    that model made smaller; so have all of them with 0. Models that aren't fetched are all kept.
    """
    known = {name: (registry[name], family_of(registry[name])) for name in names}
    by_work = sorted(known, key=lambda name: work(known[name][0]))
    least = {known[name][1]: name for name in reversed(by_work)}
    here = {name for name in known if "repo" not in known[name][0]}
    first = [name for name in by_work if name in here.union(least.values())]
    left, real = 1000 * gigabytes, set()
    for name in [*first, *(name for name in by_work if name not in first)]:
        needs = 2 * float(known[name][0].get("download_mb", 0))
        if gigabytes and needs <= left:
            real.add(name)
            left -= needs
    return [Chosen(name, *known[name], name in real) for name in known if name in {*first, *real}]


def work(spec: Spec) -> float:
    """Return the work of a picture, or where that isn't known the size of the network."""
    facts = spec.get("facts", {})
    return float(facts.get("gflops", facts.get("params_m", 0)))
