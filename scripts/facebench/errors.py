"""The one exception meant to be read by the person who runs a study."""


class UserError(Exception):
    """Something the user can mend: one plain sentence on what is wrong and what to do.

    `facebench.logs.log_to` prints it without a traceback.
    """
