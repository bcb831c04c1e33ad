"""The terminal of a run: a line a finished step, and at the end what went wrong."""

from facebench.terminal.handler import take_over
from facebench.terminal.lines import answers, look, what_next

__all__ = ["answers", "look", "take_over", "what_next"]
