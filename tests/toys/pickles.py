"""Files that want to do harm when they are read."""

import os


class Bomb:
    """An object whose pickle makes a folder when it is read."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return os.mkdir, (self.path,)
