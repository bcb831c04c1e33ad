"""What a person sees while the workflow runs: a line a finished step, and what went wrong last."""

from facebench.terminal.handler import take_over
from facebench.terminal.run import what_next

__all__ = ["take_over", "what_next"]
