"""Servers on this machine that answer badly: at socket level, with or without TLS."""

import datetime as dt
import ipaddress
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Speak = Callable[[socket.socket, Event], None]


@dataclass
class Server:
    """A server: its port, and how often somebody connected."""

    port: int
    visits: list[int] = field(default_factory=list)


@contextmanager
def answering(speak: Speak | bytes, tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    """Listen on a free port; each visitor is given to `speak`, or the bytes, in a thread."""
    over = Event()
    listener = socket.create_server(("127.0.0.1", 0))
    server = Server(listener.getsockname()[1])
    say = speak if callable(speak) else _saying(speak)
    thread = Thread(target=_listen, args=(listener, say, tls, server, over))
    thread.start()
    try:
        yield server
    finally:
        over.set()
        # A listener that waits is woken by a last visitor.
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", server.port), timeout=1).close()
        thread.join()
        listener.close()


def _listen(listener, say, tls, server, over) -> None:
    while True:
        visitor, _ = listener.accept()
        if over.is_set():
            visitor.close()
            break
        server.visits.append(1)
        _serve(visitor, say, tls, over)


def _serve(visitor: socket.socket, say: Speak, tls: ssl.SSLContext | None, over: Event) -> None:
    visitor.settimeout(10)
    try:
        spoken = tls.wrap_socket(visitor, server_side=True) if tls else visitor
    except OSError:
        visitor.close()
        return
    with spoken, suppress(OSError):
        say(spoken, over)


def _saying(answer: bytes) -> Speak:
    def say(visitor: socket.socket, over: Event) -> None:
        visitor.recv(65536)
        visitor.sendall(answer)

    return say


def answer(status: str, body: bytes, *headers: str) -> bytes:
    """A whole HTTP answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def dripping(first: bytes, drop: bytes) -> Speak:
    """Say something, then a drop every tenth of a second for ever."""

    def say(visitor: socket.socket, over: Event) -> None:
        visitor.recv(65536)
        visitor.sendall(first)
        while not over.wait(0.1):
            visitor.sendall(drop)

    return say


def certificate(folder: Path, *names: str) -> tuple[ssl.SSLContext, Path]:
    """A server's TLS for these names and addresses, and the file of who signed: itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "desk test")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([_name(each) for each in names]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "certificate.pem"
    file.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(file)
    return tls, file


def _name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
