"""The child process that checks one file: bytes in, findings out as JSON, little memory.

Run as a module with two arguments: the most bytes of address space, and what the reader
trusts, as JSON. The parent is `services.verification`, which also bounds the time.
"""

import json
import resource
import sys

from breachdesk.sealing.check_dossier import check_dossier


def main() -> int:
    """Check standard input; a file that takes too much memory ends us by an exception."""
    most = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    checked = check_dossier(sys.stdin.buffer.read(), **json.loads(sys.argv[2]))
    sys.stdout.write(json.dumps(checked.as_json()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
