"""The child process that compiles: a request as JSON on standard input, the PDF out.

Run as a file, by path, it imports the compiler and nothing of breachdesk, so that it starts
in a twentieth of a second. The parent is `documents.typesetting`.
"""

import json
import sys
import tempfile
from typing import Any

import typst


def main() -> int:
    """Compile the request; on failure say why on standard error and return 1."""
    request = json.load(sys.stdin.buffer)
    # The package takes a set of files in memory; its type stubs do not know it yet.
    files: Any = {name: text.encode() for name, text in request["files"].items()}
    # File reads are held inside the root: an empty folder holds nothing to read.
    with tempfile.TemporaryDirectory() as empty:
        try:
            pdf = typst.compile(
                files,
                root=empty,
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


if __name__ == "__main__":
    sys.exit(main())
