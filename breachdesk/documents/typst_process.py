"""The child process that compiles: a request on standard input, the PDF out.

The request is one line of JSON, then the bytes of each file it names, one after the other.
Run as a file, by path, it imports the compiler and nothing of breachdesk, so that it starts
in a twentieth of a second. The parent is `documents.typesetting`.
"""

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import typst

# Open files by their number: what the template may read, and nothing besides.
_OPEN_FILES = "/proc/self/fd" if Path("/proc/self/fd").exists() else "/dev/fd"
_MAIN = "main.typ"


def main() -> int:
    """Compile the request; on failure say why on standard error and return 1."""
    stream = sys.stdin.buffer
    request = json.loads(stream.readline())
    _hold_within(request["memory"])
    held = {name: _hold(stream.read(size)) for name, size in request["files"]}
    # The package takes a set of files in memory; its type stubs do not know it yet.
    template: Any = {_MAIN: request["template"].encode()}
    try:
        pdf = typst.compile(
            template,
            root=_OPEN_FILES,
            sys_inputs={name: f"/{file.fileno()}" for name, file in held.items()},
            font_paths=[request["fonts"]],
            ignore_system_fonts=True,
            # ISO 19005-3 level A (with attachments) and ISO 14289-1: Typst checks both.
            pdf_standards=["a-3a", "ua-1"],
            timestamp=request["timestamp"],
        )
    except typst.TypstError as error:
        print(error, file=sys.stderr)  # noqa: T201 - its way to answer
        return 1
    sys.stdout.buffer.write(pdf)
    return 0


def _hold_within(memory: int) -> None:
    """Take no more memory than that, in bytes; and leave none behind on the disk in a crash."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _hold(content: bytes) -> Any:
    """An open file without a name: in memory where the system can, never left behind.

    The package would parse each file of its set in memory as a source text: it refuses bytes
    that are no text, and takes long over large ones.
    """
    if hasattr(os, "memfd_create"):
        file: Any = os.fdopen(os.memfd_create("dossier"), "w+b")
    else:
        file = tempfile.TemporaryFile()  # noqa: SIM115 - open until the process ends
    file.write(content)
    file.seek(0)
    return file


if __name__ == "__main__":
    sys.exit(main())
