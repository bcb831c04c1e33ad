"""What no code here may do: run data as code, or a shell, trust anybody, write tags into pages."""

import io
import re
import tokenize
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CODE = [
    *(path for folder in ("scripts", "dashboard", "tools", "rules") for ending in ("py", "smk")
      for path in sorted((ROOT / folder).rglob(f"*.{ending}"))),
    ROOT / "Snakefile",
]  # fmt: skip
#: What code without comments and texts must not hold, its words parted by single blanks.
FORBIDDEN = [
    r"\b(import|from) (cPickle|dill|cloudpickle|marshal|shelve|joblib)\b",
    # The error that is raised for a pickle that wants more than tensors may be named.
    r"\bfrom pickle import (?!UnpicklingError\b)", r"\bimport pickle as\b",
    r"\bpickle \. (?!UnpicklingError\b)",
    r"\ballow_pickle = (?!False\b)", r"(?<!\. )\b(eval|exec|compile|__import__) \(",
    r"\bshell = (?!False\b)", r"\bos \. (system|popen|spawn\w*|exec\w*) \(",
    r"\bsubprocess \. (getoutput|getstatusoutput) \(", r"\bunsafe_allow_html\b",
    r"\bunsafe_allow_javascript\b", r"\bverify = (?!True\b)", r"\b_create_unverified_context\b",
    r"\bCERT_NONE\b", r"\byaml \. (load|unsafe_load|full_load|load_all) \(", r"\bextractall\b",
    r"\bshutil \. unpack_archive\b", r"\bmktemp\b", r"\btrust_remote_code = (?!False\b)",
    r"\bweights_only = (?!True\b)", r"\btorch \. load \((?![^)]*\bweights_only = True)",
]  # fmt: skip


def words(source):
    """Return code without its comments and texts: what is left, parted by single blanks."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    left = (tokenize.COMMENT, tokenize.STRING, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT)
    return " ".join(one.string for one in tokens if one.type not in (*left, tokenize.DEDENT))


def forbidden(source):
    """Return what a source holds that it must not."""
    code = words(source)
    return [found[0] for pattern in FORBIDDEN if (found := re.search(pattern, code))]


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_code_is_of_a_forbidden_kind(path):
    assert forbidden(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "source",
    [
        "pickle.loads(a)", "import pickle as p", "from pickle import load",
        "from joblib import load",
        "np.load(a, allow_pickle=True)", "np.load(a, allow_pickle=mine)", "eval(text)",
        "x = exec (\ntext)", "run(a, shell=True)", "run(a, shell = mine)", "os.system(a)",
        "st.markdown(a, unsafe_allow_html=True)", "get(a, verify=False)", "yaml.load(a)",
        "archive.extractall(folder)", "tempfile.mktemp()", "torch.load(a)",
        "torch.load(a, weights_only=False)", "ssl._create_unverified_context()",
    ],
)  # fmt: skip
def test_what_is_forbidden_is_found(source):
    assert forbidden(source)


@pytest.mark.parametrize(
    "source",
    [
        "# eval(x)", "'pickle.load(x)'", "pickle.UnpicklingError",
        "model.eval()", "np.load(a, allow_pickle=False)",
        "yaml.safe_load(a)", "torch.load(a, weights_only=True)", "re.compile(a)", "run([a])",
    ],
)  # fmt: skip
def test_what_is_not_forbidden_is_not_found(source):
    assert forbidden(source) == []
