"""The DNS as a table, for the rules that read it."""

from collections.abc import Mapping, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address

from breachdesk.domain.spf import LookupFailed


class TableZone:
    """Records by name: a text is a TXT record, an address stands as one, `mx` names hosts.

    A name with None does not answer. `asked` keeps every question.
    """

    def __init__(
        self,
        texts: Mapping[str, str | Sequence[str] | None] | None = None,
        hosts: Mapping[str, str | Sequence[str] | None] | None = None,
        mx: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self._texts, self._hosts, self._mx = texts or {}, hosts or {}, mx or {}
        self.asked: list[str] = []

    def _find(self, table: Mapping[str, str | Sequence[str] | None], name: str) -> list[str]:
        self.asked.append(name)
        found = table.get(name, ())
        if found is None:
            raise LookupFailed(name)
        return [found] if isinstance(found, str) else list(found)

    def texts(self, name: str) -> list[str]:
        return self._find(self._texts, name)

    def addresses(self, name: str, version: int) -> list[IPv4Address | IPv6Address]:
        found = map(ip_address, self._find(self._hosts, name))
        return [address for address in found if address.version == version]

    def mail_hosts(self, name: str) -> list[str]:
        return self._find(self._mx, name)
