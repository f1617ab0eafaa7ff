"""A real name server on this machine, with the records a test gives it."""

import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

from breachdesk.mail.name_servers import NameServers

# By name and kind: the records as a zone file has them; None: no answer comes.
Records = Mapping[tuple[str, str], Sequence[str] | None]
SERVFAIL = ("SERVFAIL",)


class NameServer:
    """Answers over UDP, and cuts long answers so that they are asked for again over TCP.

    `asked` keeps every question that came, by any way.
    """

    def __init__(self, records: Records) -> None:
        self.records = records
        self.asked: list[tuple[str, str]] = []
        self._udp, self._tcp = _doors()
        self.port: int = self._udp.getsockname()[1]

    def start(self) -> None:
        """Answer, in the background."""
        for work in (self._serve_udp, self._serve_tcp):
            threading.Thread(target=work, daemon=True).start()

    def stop(self) -> None:
        """Free the port."""
        for door in (self._udp, self._tcp):
            with suppress(OSError):
                door.shutdown(socket.SHUT_RDWR)
            door.close()

    def _serve_udp(self) -> None:
        while True:
            try:
                raw, visitor = self._udp.recvfrom(4096)
            except OSError:
                return
            # What a socket gives that is being closed.
            if not raw:
                return
            answer = self._answer(raw)
            if answer is not None:
                self._udp.sendto(_fitting(answer), visitor)

    def _serve_tcp(self) -> None:
        while True:
            try:
                visitor, _ = self._tcp.accept()
            except OSError:
                return
            with visitor:
                length = int.from_bytes(visitor.recv(2), "big")
                answer = self._answer(visitor.recv(length))
                if answer is not None:
                    raw = answer.to_wire()
                    visitor.sendall(len(raw).to_bytes(2, "big") + raw)

    def _answer(self, raw: bytes) -> dns.message.Message | None:
        question = dns.message.from_wire(raw)
        name = question.question[0].name
        kind = dns.rdatatype.to_text(question.question[0].rdtype)
        key = (name.to_text(omit_final_dot=True).lower(), kind)
        self.asked.append(key)
        found = self.records.get(key, ())
        if found is None:
            return None
        answer = dns.message.make_response(question)
        answer.flags |= dns.flags.RA
        if found == SERVFAIL:
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif found:
            answer.answer.append(dns.rrset.from_text_list(name, 60, "IN", kind, found))
        elif not any(known == key[0] for known, _ in self.records):
            answer.set_rcode(dns.rcode.NXDOMAIN)
        return answer


def _doors() -> tuple[socket.socket, socket.socket]:
    """Both kinds of socket at one free port; one free for the one may be taken for the other."""
    while True:
        tcp = socket.create_server(("127.0.0.1", 0))
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            udp.bind(tcp.getsockname())
        except OSError:
            udp.close()
            tcp.close()
        else:
            return udp, tcp


def _fitting(answer: dns.message.Message) -> bytes:
    try:
        return answer.to_wire(max_size=512)
    except dns.exception.TooBig:
        answer.answer.clear()
        answer.flags |= dns.flags.TC
        return answer.to_wire()


@contextmanager
def serving_dns(records: Records) -> Iterator[tuple[NameServers, NameServer]]:
    """A running name server, and how the desk asks it."""
    server = NameServer(records)
    server.start()
    try:
        yield NameServers(("127.0.0.1",), server.port, answer_within=1.0), server
    finally:
        server.stop()
