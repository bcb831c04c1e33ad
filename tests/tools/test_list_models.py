"""`make models`: the registry as a table, filtered, in wide and narrow terminals."""

import pytest

from facebench.study.model_files import registry
from tools import list_models
from tools.registry.filters import Filters, chosen

REGISTRY = registry()


def printed(capsys, *arguments, width=200):
    """Return the table's lines and what is said below it."""
    assert list_models.main([*arguments, "--width", str(width)]) == 0
    table, _, said = capsys.readouterr().out.partition("\n\n")
    return table.splitlines(), " ".join(said.split())


def test_all_models_are_listed_with_all_columns(capsys):
    table, said = printed(capsys)
    here = [name for name, spec in REGISTRY.items() if "repo" not in spec]
    others = [name for name in REGISTRY if name not in here]
    assert [line.split()[0] for line in table[1:]] == here + others
    assert f"The first {len(here)} need no download." in said
    assert table[0].split("  ")[0] == "model" and "commercial" in table[0] and "GFLOP" in table[0]
    assert said.startswith(f"{len(REGISTRY)} of {len(REGISTRY)} models.")
    assert "None of the models whose weights are on the hub was run by the authors" in said
    [line] = [line for line in table if line.startswith("metaclip-400m-vit-b-32 ")]
    cells = [cell.strip() for cell in line.split("  ") if cell.strip()]
    assert cells == [
        "metaclip-400m-vit-b-32", "87.85", "224", "512", "8.82", "MetaCLIP-400M", "yes",
        "cc-by-nc-4.0", "no", "hub",
    ]  # fmt: skip


@pytest.mark.parametrize("width", [45, 60, 80, 100, 120])
def test_a_narrow_terminal_gets_fewer_columns_and_is_told_which(capsys, width):
    table, said = printed(capsys, width=width)
    assert max(map(len, table)) <= width and len(table) == len(REGISTRY) + 1
    assert "Not shown for lack of room:" in said and "GFLOP" in said
    assert ("size, M" in table[0]) != ("room: size, M" in said)


@pytest.mark.parametrize(
    ("filters", "there", "gone"),
    [
        ({"family": "onnx"}, "buffalo-l", "cosface-vit-tiny"),
        ({"family": "siglip2"}, "siglip2-vit-b-16", "siglip-vit-b-16"),
        ({"licence": "apple"}, "dfn2b-vit-b-16", "openai-vit-b-16"),
        ({"commercial": "no"}, "metaclip2-vit-h-14", "laion-vit-h-14"),
        ({"commercial": "unknown"}, "dinov3-vit-s-16", "dinov2-vit-s-14"),
        ({"blurred": "yes"}, "metaclip-400m-vit-b-32", "datacomp-xl-vit-b-32"),
        ({"blurred": "no"}, "laion400m-vit-b-32", "openai-vit-b-32"),
        ({"smaller_than": 10}, "pe-core-t-16-384", "buffalo-s"),
        ({"larger_than": 4000}, "eva02-e-14-plus", "buffalo-s"),
        ({"pixels": 518}, "dinov2-vit-g-14", "dinov3-vit-s-16"),
        ({"words": ["LAION-2B", "convnext"]}, "laion-convnext-base-w", "laion-vit-b-32"),
        ({"words": ["quickgelu"]}, "openai-rn50", "laion-vit-b-32"),
    ],
)
def test_a_filter_keeps_what_it_says(filters, there, gone):
    names = chosen(REGISTRY, Filters(**filters))
    assert there in names and gone not in names and gone in REGISTRY


def test_a_name_alone_shows_everything_with_its_source(capsys):
    list_models.main(["dfn2b-vit-b-16", "--width", "60"])
    shown = capsys.readouterr().out
    said = " ".join(shown.split())
    assert "arch ViT-B-16-quickgelu" in said and "source The licence is the hub's" in said
    assert "None of the models" in said and max(map(len, shown.splitlines())) <= 60
    list_models.main(["mini-s"])
    assert "None of the models" not in capsys.readouterr().out


def test_nothing_that_fits_is_said(capsys):
    list_models.main(["no-such-model"])
    assert capsys.readouterr().out.startswith("No model fits.")
