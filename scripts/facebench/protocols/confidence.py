"""How sure a model is of a name: a softmax over names, and how far that can be believed."""

from typing import NamedTuple

import numpy as np

from facebench.protocols.scores import scores

#: Scores held at a time, float64: 64 MB.
CELLS = 2**23


class Called(NamedTuple):
    """What n pictures are called, among some names."""

    #: The most likely name, and how sure the model is of it: int64 and float64 (n,)
    name: np.ndarray
    confidence: np.ndarray
    #: The place of the true name, from 1, and how sure the model is of it; inf and -inf for a
    #: picture whose name isn't among them. float64 (n,)
    rank: np.ndarray
    true: np.ndarray
    #: The most likely name but for the true one: int64 and float64 (n,)
    other: np.ndarray
    other_confidence: np.ndarray


def softmax(logits: np.ndarray) -> np.ndarray:
    """Return the softmax of each row: float64, as `logits`.

    >>> softmax(np.log([[1.0, 3.0]]))
    array([[0.25, 0.75]])
    """
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)


def called(vectors: np.ndarray, texts: np.ndarray, truth: np.ndarray, scale: float) -> Called:
    """Return what pictures are called, and how surely: a softmax of `scale` x inner product.

    vectors: float32 (n, d); texts: float32 (m, d), m >= 2; both unit rows. truth: int (n,), the
    place of the true name, -1 for one that isn't there. Of equal scores the first comes first.

    >>> texts = np.eye(2, dtype=np.float32)
    >>> found = called(texts[:1], texts, np.array([1]), scale=np.log(3))
    >>> found.name, found.confidence, found.rank, found.true
    (array([0]), array([0.75]), array([2.]), array([0.25]))
    """
    step = max(1, CELLS // max(len(texts), 1))
    parts = [
        _called(scores(vectors[i : i + step], texts), truth[i : i + step], scale)
        for i in range(0, len(vectors), step)
    ]
    nothing = Called(*(np.zeros(0, kind) for kind in (int, float, float, float, int, float)))
    return Called(*(np.concatenate(column) for column in zip(nothing, *parts, strict=True)))


def _called(found: np.ndarray, truth: np.ndarray, scale: float) -> Called:
    sure, n = softmax(scale * found), np.arange(len(found))
    best, there = found.argmax(axis=1), truth >= 0
    score = np.where(there, found[n, truth], np.inf)[:, None]
    before = (found == score) & (np.arange(found.shape[1]) < truth[:, None])
    rank = 1.0 + np.count_nonzero((found > score) | before, axis=1)
    rest = found.copy()
    rest[n[there], truth[there]] = -np.inf
    other = rest.argmax(axis=1)
    return Called(
        best,
        sure[n, best],
        np.where(there, rank, np.inf),
        np.where(there, sure[n, truth], -np.inf),
        other,
        sure[n, other],
    )


def equal_bins(confidence: np.ndarray, bins: int) -> np.ndarray:
    """Return in which of `bins` of equally many each is, by its confidence: int64 (n,).

    >>> equal_bins(np.array([0.9, 0.1, 0.5, 0.4]), bins=2)
    array([1, 0, 1, 0])
    """
    place = np.empty(len(confidence), np.int64)
    place[np.argsort(confidence, kind="stable")] = np.arange(len(confidence))
    return ((place + 0.5) * bins / max(len(confidence), 1)).astype(np.int64)


def calibration_error(
    confidence: np.ndarray, right: np.ndarray, bins: int, weights: np.ndarray
) -> np.ndarray:
    """Return the expected calibration error with these weights: float64 (draws,).

    confidence, right: float (n,), right in [0, 1]; weights: float (draws, n). In each of `bins` of
    equally many (adaptive bins: Nguyen and O'Connor, "Posterior calibration and exploratory
    analysis for natural language processing models", 2015), the mean confidence less the share that
    is right; the mean of its size, weighted by how many are in a bin (Naeini, Cooper, Hauskrecht,
    "Obtaining well calibrated probabilities using Bayesian binning", 2015).

    >>> sure, right = np.array([0.5, 0.5, 0.9, 0.9]), np.array([0.0, 1, 1, 1])
    >>> calibration_error(sure, right, 2, np.ones((1, 4)))
    array([0.05])
    """
    order = np.argsort(confidence, kind="stable")
    weights, gap = weights[:, order].astype(float), (confidence - right)[order]
    total = weights.sum(axis=1, keepdims=True)
    # Bins of equally many of each draw, not of the sample.
    middle = np.cumsum(weights, axis=1) - weights / 2
    place = np.minimum((middle * bins / total).astype(np.int64), bins - 1)
    place += bins * np.arange(len(weights))[:, None]
    summed = np.bincount(
        place.ravel(), weights=(weights * gap).ravel(), minlength=bins * len(weights)
    )
    return np.abs(summed.reshape(len(weights), bins)).sum(axis=1) / total[:, 0]
