"""Identity inference: the name that most pictures of a person are nearest to, by each template."""

import numpy as np

from facebench.protocols.scores import scores

#: No picture of a person could be used, or several names have equally many of them.
NO_VOTE = -1
#: Scores held at a time, float64: 64 MB.
CELLS = 2**23


def votes(vectors: np.ndarray, person: np.ndarray, people: int, texts: np.ndarray) -> np.ndarray:
    """Return the name that each template gives each person: int64 (people, templates).

    vectors: float32 (n, d), unit rows; person: int (n,), whose pictures they are, below `people`;
    texts: float32 (templates, names, d), unit rows. A picture's name is the nearest, of equal ones
    the first. A person's is that of most of their pictures; `NO_VOTE` where two names have equally
    many, or there is no picture (Hintersdorf and others, "Does CLIP Know My Face?", JAIR 2024).

    >>> texts = np.eye(3, dtype=np.float32)[None]
    >>> votes(np.eye(3, dtype=np.float32)[[0, 0, 1, 2]], np.array([0, 0, 0, 1]), 3, texts)
    array([[ 0],
           [ 2],
           [-1]])
    """
    step = max(1, CELLS // max(texts.shape[1], 1))
    found = np.empty((people, len(texts)), np.int64)
    for number, names in enumerate(texts):
        nearest = [
            scores(vectors[start : start + step], names).argmax(axis=1)
            for start in range(0, len(vectors), step)
        ]
        chosen = np.concatenate([np.zeros(0, np.int64), *nearest])
        found[:, number] = majority(chosen, person, people)
    return found


def majority(chosen: np.ndarray, person: np.ndarray, people: int) -> np.ndarray:
    """Return what most rows of each person chose: int64 (people,), `NO_VOTE` where that is a tie.

    chosen, person: int (n,), not negative.

    >>> majority(np.array([5, 5, 7, 7, 9]), np.array([0, 0, 0, 1, 1]), people=2)
    array([ 5, -1])
    """
    pairs, count = np.unique(np.stack([person, chosen], axis=1), axis=0, return_counts=True)
    whose = pairs[:, 0].astype(np.int64)
    most = np.zeros(people, np.int64)
    np.maximum.at(most, whose, count)
    top = count == most[whose]
    tops = np.bincount(whose[top], minlength=people)
    found = np.full(people, NO_VOTE)
    found[whose[top]] = pairs[top, 1]
    return np.where(tops == 1, found, NO_VOTE)


def right_templates(voted: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Return how many templates give each person the true name: int64 (people,).

    voted: as of `votes`; truth: int (people,), the true name's number.

    >>> right_templates(np.array([[3, 3, -1], [1, 2, 0]]), np.array([3, 4]))
    array([2, 0])
    """
    return np.count_nonzero(voted == truth[:, None], axis=1)


def dealt(voted: np.ndarray, truth: np.ndarray, least: int) -> float:
    """Return the share of people whose name `least` templates give if names are dealt at random.

    Everybody gets the name of a random one of the people, oneself among them: the mean over all
    such choices, by arithmetic. Of a person for whom the templates vote for one name of k of the
    n people, that is k / n.

    >>> dealt(np.array([[0, 1], [1, 1], [5, -1]]), np.array([0, 1, 2]), least=1)
    0.333...
    """
    n = len(voted)
    called = np.bincount(truth, minlength=max(int(voted.max(initial=0)), int(truth.max())) + 1)
    person = np.repeat(np.arange(n), voted.shape[1])
    pairs, count = np.unique(
        np.stack([person, voted.ravel()], axis=1)[voted.ravel() >= 0], axis=0, return_counts=True
    )
    return float(called[pairs[count >= least, 1]].sum() / n**2)


def tails(right: np.ndarray, templates: int, weights: np.ndarray) -> np.ndarray:
    """Return the share of people with at least k right templates, k = 0 ... templates + 1.

    right: int (people,); weights: float (draws, people), how often each counts. float64 (draws,
    templates + 2): the last, more than there are templates, is nobody.

    >>> tails(np.array([0, 2, 2, 1]), 2, np.ones((1, 4)))
    array([[1.  , 0.75, 0.5 , 0.  ]])
    """
    has = right[:, None] >= np.arange(templates + 2)
    return weights.astype(float) @ has / weights.sum(axis=1, keepdims=True)


def least_templates(wrong: np.ndarray, fpr: float) -> np.ndarray:
    """Return from how many right templates on at most the share `fpr` is inferred: int64 (draws,).

    wrong: of those who aren't members, as of `tails`. As many as there are templates and one where
    even all of them let too many pass: nobody is inferred then.

    >>> least_templates(np.array([[1.0, 0.3, 0.1, 0.0]]), fpr=0.1)
    array([2])
    """
    return np.argmax(wrong <= fpr * (1 + 1e-9), axis=1)


def distances(names: np.ndarray, invented: np.ndarray) -> np.ndarray:
    """Return how far names lie from invented ones, by their texts alone: float64 (names,).

    One less the inner product with the invented names' mean, scaled to unit length: 0 to 2.
    names, invented: float (n, d) and (m, d), unit rows.

    >>> distances(np.array([[0.0, 1.0], [1.0, 0.0]]), np.array([[1.0, 0.0]]))
    array([1., 0.])
    """
    mean = invented.astype(float).mean(axis=0, keepdims=True)
    return 1 - scores(names, mean / max(float(np.linalg.norm(mean)), 1e-12))[:, 0]
