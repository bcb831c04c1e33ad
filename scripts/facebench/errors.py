"""The one exception meant to be read by the person who runs a study."""


class UserError(Exception):
    """A mistake that the user can fix: one plain sentence on what is wrong and what to do.

    `facebench.logs.log_to` prints it without a traceback.
    """
