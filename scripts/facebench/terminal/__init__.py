"""The terminal of a run: a line a finished step, and at the end what went wrong."""

from facebench.terminal.ending import answers, brief, look, what_next
from facebench.terminal.handler import plans, take_over

__all__ = ["answers", "brief", "look", "plans", "take_over", "what_next"]
