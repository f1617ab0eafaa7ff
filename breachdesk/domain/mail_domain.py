"""What the DNS says of mail in our name, what is wrong with it, and what to publish instead.

A receiver that finds these records missing or broken may take our letters for forgeries,
at the very moment when people must believe them.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import ip_address
from typing import Any

from breachdesk.domain import spf
from breachdesk.domain.dkim_dmarc import (
    ADVICE_ONLY,
    COMMON_SELECTORS,
    DmarcPolicy,
    DmarcRecord,
    dmarc_names,
    is_dmarc,
    looks_like_dkim,
    read_dkim,
    read_dmarc,
)
from breachdesk.domain.spf import Address, LookupFailed, Zone

# An address of the documentation (RFC 5737): nobody ever sends from it.
STRANGER = ip_address("192.0.2.1")
# Who sends from other machines than the one that takes the letters in, by the end of its
# host name, and what such a sender asks to have included.
PROVIDERS = {
    "gmail.com": "_spf.google.com",
    "google.com": "_spf.google.com",
    "office365.com": "spf.protection.outlook.com",
    "outlook.com": "spf.protection.outlook.com",
    "ovh.net": "mx.ovh.com",
    "gandi.net": "_mailcust.gandi.net",
    "infomaniak.com": "spf.infomaniak.ch",
}


class Kind(StrEnum):
    """Which of the three records."""

    SPF = "spf"
    DKIM = "dkim"
    DMARC = "dmarc"


class Standing(StrEnum):
    """How a record stands: as it should, could be better, must be mended, nobody answers."""

    GOOD = "good"
    ADVICE = "advice"
    FAULT = "fault"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Finding:
    """What was found of one record.

    Args:
        code: the sentence that says it, filled with `parameters`.
        name, record: the TXT record to publish, where we know it whole; else empty.
        found: the record as it stands.
    """

    kind: Kind
    standing: Standing
    code: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""
    record: str = ""
    found: str = ""

    def as_record(self) -> dict[str, Any]:
        """As it is kept."""
        return {
            "kind": self.kind.value,
            "standing": self.standing.value,
            "code": self.code,
            "parameters": dict(self.parameters),
            "name": self.name,
            "record": self.record,
            "found": self.found,
        }

    @classmethod
    def from_record(cls, kept: Mapping[str, Any]) -> "Finding":
        """As it was kept."""
        return cls(
            **{**kept, "kind": Kind(kept["kind"]), "standing": Standing(kept["standing"])},
        )


def check_mail_domain(
    zone: Zone, *, sender: str, host: str, addresses: Sequence[Address], selector: str = ""
) -> list[Finding]:
    """SPF, DKIM and DMARC of a sender's domain, in this order.

    Args:
        sender: the address that letters come from, its domain in punycode.
        host: the mail server that takes them, which has these addresses.
        selector: names the key they are signed with; empty: the common ones are tried.
    """
    domain = sender.rpartition("@")[2].lower()
    return [
        _or_unknown(Kind.SPF, lambda: _spf(zone, sender, domain, host, addresses)),
        _or_unknown(Kind.DKIM, lambda: _dkim(zone, domain, selector)),
        _or_unknown(Kind.DMARC, lambda: _dmarc(zone, domain)),
    ]


def _or_unknown(kind: Kind, check: Callable[[], Finding]) -> Finding:
    try:
        return check()
    except LookupFailed as failure:
        return Finding(kind, Standing.UNKNOWN, "dns_silent", {"shown": str(failure)})


# --- SPF -------------------------------------------------------------------------------------


def _spf(zone: Zone, sender: str, domain: str, host: str, addresses: Sequence[Address]) -> Finding:
    found = [text for text in zone.texts(domain) if spf.is_spf(text)]
    if not found:
        record = f"v=spf1 {_permission(host)} -all"
        return Finding(Kind.SPF, Standing.FAULT, "spf_missing", {}, domain, record)
    if len(found) > 1:
        return Finding(
            Kind.SPF,
            Standing.FAULT,
            "spf_several",
            {"count": len(found)},
            domain,
            _merged(found, host),
        )
    for_strangers = spf.check_host(zone, STRANGER, sender)
    if for_strangers.fault is not None:
        return _spf_fault(for_strangers, found[0])
    return _spf_judged(zone, sender, domain, host, addresses, found[0], for_strangers)


def _spf_fault(verdict: spf.Verdict, found: str) -> Finding:
    standing = Standing.UNKNOWN if verdict.fault is spf.Fault.DNS else Standing.FAULT
    # Ours is one: the one with several is one that it includes.
    own = {spf.Fault.DNS: "dns_silent", spf.Fault.SEVERAL: "spf_included_several"}
    code = own.get(verdict.fault, str(verdict.fault)) if verdict.fault else ""
    return Finding(Kind.SPF, standing, code, {"shown": verdict.shown}, found=found)


def _spf_judged(
    zone: Zone,
    sender: str,
    domain: str,
    host: str,
    addresses: Sequence[Address],
    found: str,
    for_strangers: spf.Verdict,
) -> Finding:
    def finding(standing: Standing, code: str, record: str = "", **more: object) -> Finding:
        name = domain if record else ""
        return Finding(Kind.SPF, standing, code, {"host": host, **more}, name, record, found)

    if for_strangers.result is spf.Result.PASS:
        return finding(Standing.FAULT, "spf_lets_everyone", _ending_in(found, "-all"))
    if not _lets_host(zone, sender, host, addresses, found):
        if not addresses:
            return finding(Standing.UNKNOWN, "spf_host_without_address")
        code = "spf_without_provider" if _provider(host) else "spf_without_host"
        return finding(Standing.FAULT, code, _with(found, _permission(host)))
    if for_strangers.result is spf.Result.NEUTRAL:
        return finding(Standing.ADVICE, "spf_forbids_nothing", _ending_in(found, "~all"))
    return finding(Standing.GOOD, "spf_good", lookups=for_strangers.lookups)


def _lets_host(
    zone: Zone, sender: str, host: str, addresses: Sequence[Address], found: str
) -> bool:
    """Whether the record has what the provider asks for, or lets every address of the host."""
    provider = _provider(host)
    record = spf.parse(found)
    named = {term.value.lower() for term in record.terms if term.name == "include"}
    if provider and provider in named | {record.redirect.lower()}:
        return True
    passes = (spf.check_host(zone, each, sender).result is spf.Result.PASS for each in addresses)
    return bool(addresses) and all(passes)


def _provider(host: str) -> str:
    name = host.lower().rstrip(".")
    ends = (end for end in PROVIDERS if name == end or name.endswith(f".{end}"))
    return PROVIDERS.get(next(ends, ""), "")


def _permission(host: str) -> str:
    """The term that lets this host send."""
    provider = _provider(host)
    if provider:
        return f"include:{provider}"
    try:
        address = ip_address(host)
    except ValueError:
        return f"a:{host.rstrip('.')}"
    return f"ip{address.version}:{address}"


def _merged(found: Iterable[str], host: str) -> str:
    """One record of the terms of several, each once, with the last word of the first.

    One that cannot be read gives nothing; where none can, the record is made anew.
    """
    words = [word for text in found if _is_readable(text) for word in text.split()[1:]]
    own = [word for word in words if not _is_last_word(word) and "=" not in word]
    ends = [word for word in words if _is_last_word(word)]
    return " ".join(
        ["v=spf1", *(dict.fromkeys(own) or [_permission(host)]), *(ends[:1] or ["~all"])]
    )


def _is_readable(text: str) -> bool:
    try:
        spf.parse(text)
    except ValueError:
        return False
    return True


def _with(found: str, term: str) -> str:
    """A record with one more term, before what it says of everybody else."""
    words = found.split()
    place = next((n for n, word in enumerate(words) if _is_last_word(word)), len(words))
    return " ".join([*words[:place], term, *words[place:]])


def _ending_in(found: str, end: str) -> str:
    """A record that says this of everybody else."""
    return " ".join([*(word for word in found.split() if not _is_last_word(word)), end])


def _is_last_word(word: str) -> bool:
    return word.lower().lstrip("+-~?") == "all" or word.lower().startswith("redirect=")


# --- DKIM ------------------------------------------------------------------------------------


def _dkim(zone: Zone, domain: str, selector: str) -> Finding:
    tried = (selector,) if selector else COMMON_SELECTORS
    for each in tried:
        text = _first(zone.texts(f"{each}._domainkey.{domain}"), looks_like_dkim)
        if text:
            return _dkim_judged(text, each)
    if selector:
        shown = f"{selector}._domainkey.{domain}"
        return Finding(Kind.DKIM, Standing.FAULT, "dkim_missing", {"shown": shown})
    return Finding(Kind.DKIM, Standing.UNKNOWN, "dkim_none_found", {"shown": domain})


def _dkim_judged(text: str, selector: str) -> Finding:
    key = read_dkim(text)
    shown = {"selector": selector, "bits": key.bits}
    if key.fault is None:
        return Finding(Kind.DKIM, Standing.GOOD, "dkim_good", shown, found=text)
    standing = Standing.ADVICE if key.fault in ADVICE_ONLY else Standing.FAULT
    return Finding(Kind.DKIM, standing, key.fault.value, shown, found=text)


def _first(texts: Sequence[str], wanted: Callable[[str], bool]) -> str:
    return next(filter(wanted, texts), "")


# --- DMARC -----------------------------------------------------------------------------------


def _dmarc(zone: Zone, domain: str) -> Finding:
    names = dmarc_names(domain)
    for name in names:
        found = [text for text in zone.texts(name) if is_dmarc(text)]
        if len(found) > 1:
            return Finding(Kind.DMARC, Standing.FAULT, "dmarc_several", {"shown": name})
        if found:
            return _dmarc_judged(found[0], name, is_own=name == names[0])
    record = f"v=DMARC1; p=none; rua=mailto:postmaster@{domain}"
    return Finding(Kind.DMARC, Standing.FAULT, "dmarc_missing", {}, f"_dmarc.{domain}", record)


def _dmarc_judged(text: str, name: str, *, is_own: bool) -> Finding:
    try:
        record = read_dmarc(text)
    except ValueError:
        again = f"v=DMARC1; p=none; rua=mailto:postmaster@{name.removeprefix('_dmarc.')}"
        return Finding(Kind.DMARC, Standing.FAULT, "dmarc_syntax", {}, name, again, text)
    policy = record.policy if is_own else record.below
    if policy is DmarcPolicy.NONE:
        stricter = _quarantining(record)
        return Finding(Kind.DMARC, Standing.ADVICE, "dmarc_only_watches", {}, name, stricter, text)
    shown = {"policy": policy.value, "percent": record.percent, "shown": name}
    if record.percent < 100:
        return Finding(Kind.DMARC, Standing.ADVICE, "dmarc_in_part", shown, found=text)
    return Finding(Kind.DMARC, Standing.GOOD, "dmarc_good", shown, found=text)


def _quarantining(record: DmarcRecord) -> str:
    reports = f"; rua={record.reports_to}" if record.reports_to else ""
    return f"v=DMARC1; p={DmarcPolicy.QUARANTINE}{reports}"
