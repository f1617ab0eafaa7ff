"""The lock on the instance folder: one process of this machine holds it."""

import fcntl
from pathlib import Path
from typing import IO


class InstanceLock:
    """Held by who works alone (SQLite), and by who runs the mail catcher; gone with its process."""

    def __init__(self, instance: Path) -> None:
        self._path = instance / "worker.lock"
        self._file: IO[str] | None = None

    def take(self) -> bool:
        """Take it if nobody else has it; whether it is ours."""
        if self._file is not None:
            return True
        file = self._path.open("w")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            return False
        self._file = file
        return True

    def let_go(self) -> None:
        """Let another take it."""
        if self._file is not None:
            self._file.close()
            self._file = None
