"""The one exception meant to be read by the person who runs a study."""

from facebench.secrets import without_secrets


class UserError(Exception):
    """A mistake that the user can fix: one plain sentence on what is wrong and what to do.

    `facebench.logs.log_to` prints it without a traceback. Passwords and tokens are left out.
    """

    def __init__(self, message: str) -> None:
        super().__init__(without_secrets(message))


class Unreachable(UserError):
    """A server or a file that a result needs is away, in use, or refuses: running helps nothing."""
