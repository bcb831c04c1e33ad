"""What pages say in the place of results that they cannot show."""

from collections.abc import Mapping


class Missing(Exception):
    """Results that are missing, damaged or of another version: a sentence, and what to do.

    command: what to run; empty where running something doesn't help; None: the study again.
    see: a choice (data set, crop) that has these results.
    """

    def __init__(
        self, sentence: str, command: str | None = None, see: Mapping[str, str] | None = None
    ):
        super().__init__(sentence)
        self.sentence = sentence
        self.command = command
        self.see = dict(see or {})
