"""What pages say in the place of results that they cannot show."""

RUN = "make run"


class Missing(Exception):
    """Results that are missing, damaged or of another version: a sentence, and what to run."""

    def __init__(self, sentence: str, command: str = RUN):
        super().__init__(sentence)
        self.sentence = sentence
        self.command = command
