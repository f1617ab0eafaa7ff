"""A time-stamping authority on this machine: `openssl ts` behind HTTP, of several makes."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

_CONFIG = """
[ca]
basicConstraints = critical, CA:true
[tsa]
extendedKeyUsage = critical, timeStamping
[req]
distinguished_name = name
prompt = no
utf8 = yes
string_mask = utf8only
[name]
CN = Horodatage d’essai
[tsa_config]
default_tsa = authority
[authority]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
certs = {folder}/ca.pem
signer_key = {folder}/tsa.key
signer_digest = {digest}
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
accuracy = secs:1, millisecs:500
ordering = yes
tsa_name = yes
ess_cert_id_chain = {chain}
ess_cert_id_alg = {named_by}
"""


@dataclass
class Authority:
    """What answers a request, and every request it was asked."""

    folder: Path
    asked: list[bytes] = field(default_factory=list)

    def answer(self, request: bytes) -> bytes:
        """The reply to a request (DER)."""
        self.asked.append(request)
        query, reply = self.folder / "query", self.folder / "reply"
        query.write_bytes(request)
        _openssl(
            "ts", "-reply", "-config", self.folder / "tsa.cnf", "-section", "authority",
            "-queryfile", query, "-out", reply,
        )  # fmt: skip
        return reply.read_bytes()


def make_authority(
    folder: Path,
    *,
    key: str = "rsa",
    digest: str = "sha256",
    named_by: str = "sha256",
    chain: str = "no",
) -> Authority:
    """An authority with a certificate of its own, below a root.

    Args:
        key: "rsa", or "ec".
        named_by: "sha1": its signed attributes name its certificate in the older way.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "serial").write_text("01")
    (folder / "tsa.cnf").write_text(
        _CONFIG.format(folder=folder, digest=digest, named_by=named_by, chain=chain)
    )
    config = ("-config", folder / "tsa.cnf")
    kind = ("rsa:2048",) if key == "rsa" else ("ec", "-pkeyopt", "ec_paramgen_curve:P-256")
    for name, extension, issuer in (
        ("ca", "ca", ()),
        ("tsa", "tsa", ("-CA", folder / "ca.pem", "-CAkey", folder / "ca.key")),
    ):
        _openssl(
            "req", "-x509", "-newkey", *kind, "-nodes", "-days", "3650", *config,
            "-extensions", extension, "-keyout", folder / f"{name}.key",
            "-out", folder / f"{name}.pem", *issuer,
        )  # fmt: skip
    return Authority(folder)


def _openssl(*arguments: object) -> None:
    done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()


@contextmanager
def served(answer) -> Iterator[str]:
    """The address at which each POST is answered with what `answer(request)` gives.

    Bytes are a reply; a number is a status without one.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = self.rfile.read(int(self.headers["Content-Length"]))
            said = answer(request)
            self.send_response(said if isinstance(said, int) else 200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.end_headers()
            if isinstance(said, bytes):
                self.wfile.write(said)

        def log_message(self, *_arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/tsr"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
