"""Asking the DNS what it says of a domain's mail."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from breachdesk.domain.spf import Address, LookupFailed

if TYPE_CHECKING:
    from dns.resolver import Resolver

# How long one answer may take, and all answers to one check together, in seconds.
ANSWER_WITHIN = 3.0
CHECK_WITHIN = 15.0


@dataclass(frozen=True)
class NameServers:
    """Whom to ask; no address means those of the system."""

    addresses: tuple[str, ...] = ()
    port: int = 53
    answer_within: float = ANSWER_WITHIN

    def zone(self) -> "DnsZone":
        """The DNS as they see it, each name asked for once."""
        return DnsZone(self)


class DnsZone:
    """A `domain.spf.Zone` whose records come from name servers.

    All questions of one zone share `CHECK_WITHIN`: what an attacker publishes to be asked
    for cannot keep us asking.
    """

    def __init__(self, servers: NameServers) -> None:
        self._servers = servers
        self._resolver: Resolver | None = None
        self._known: dict[tuple[str, str], list[Any]] = {}
        self._silent: set[tuple[str, str]] = set()
        self._seconds_left = CHECK_WITHIN

    def texts(self, name: str) -> Sequence[str]:
        """The TXT records of a name, each with its parts joined."""
        return [
            b"".join(record.strings).decode("utf-8", "replace") for record in self._ask(name, "TXT")
        ]

    def addresses(self, name: str, version: int) -> Sequence[Address]:
        """Its addresses, of IP version 4 or 6."""
        found = self._ask(name, "A" if version == 4 else "AAAA")
        return [ip_address(record.address) for record in found]

    def mail_hosts(self, name: str) -> Sequence[str]:
        """The names in its MX records, the preferred first."""
        found = sorted(self._ask(name, "MX"), key=lambda record: record.preference)
        # A lone dot says that the domain takes no mail (RFC 7505).
        names = [record.exchange.to_text(omit_final_dot=True) for record in found]
        return [name for name in names if name not in ("", ".", "@")]

    def _ask(self, name: str, kind: str) -> list[Any]:
        key = (name.lower().rstrip("."), kind)
        if key in self._silent:
            raise LookupFailed(name)
        if key not in self._known:
            self._known[key] = self._asked(*key)
        return self._known[key]

    def _asked(self, name: str, kind: str) -> list[Any]:
        # 0.1 s to import: only who asks pays for it.
        import dns.exception
        import dns.name
        import dns.resolver

        try:
            return self._resolve(name, kind)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except (dns.name.LabelTooLong, dns.name.NameTooLong, dns.name.EmptyLabel, UnicodeError):
            # No such name can exist.
            return []
        except (dns.exception.DNSException, OSError) as fault:
            self._silent.add((name, kind))
            raise LookupFailed(name) from fault

    def _resolve(self, name: str, kind: str) -> list[Any]:
        if self._resolver is None:
            self._resolver = self._made()
        if self._seconds_left <= 0:
            raise OSError("The time for this check is over.")
        began = time.monotonic()
        try:
            patience = min(self._servers.answer_within, self._seconds_left)
            return list(self._resolver.resolve(name, kind, lifetime=patience, search=False))
        finally:
            self._seconds_left -= time.monotonic() - began

    def _made(self) -> "Resolver":
        import dns.resolver

        resolver = dns.resolver.Resolver(configure=not self._servers.addresses)
        if self._servers.addresses:
            resolver.nameservers = list(self._servers.addresses)
            resolver.port = self._servers.port
        resolver.timeout = self._servers.answer_within / 2
        return resolver
