"""Whether a domain lets a machine send mail in its name: the Sender Policy Framework.

Pure: whoever asks hands in the `Zone` where records are looked up.
Source: RFC 7208 (sections in the comments).
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, ip_network
from typing import Protocol, TypeVar

Address = IPv4Address | IPv6Address
Found = TypeVar("Found")

# RFC 7208, 4.6.4: terms that ask the DNS, names of one MX answer, answers with nothing in them.
MOST_LOOKUPS = 10
MOST_MAIL_HOSTS = 10
MOST_VOID_LOOKUPS = 2

_VERSION = re.compile(r"v=spf1(?: |$)", re.I)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")
_LABELS = re.compile(r"[!-~]+")
_MACRO = re.compile(r"%\{([slodiphcrtvSLODIPHCRTV])(\d*)(r?)([.\-+,/_=]*)\}|%([%_-])|%", re.I)
_QUALIFIERS = "+-~?"
_ASKING = frozenset({"include", "a", "mx", "ptr", "exists"})


class LookupFailed(Exception):
    """The DNS did not say whether there is such a record."""


class Zone(Protocol):
    """Where records are looked up; an empty answer means that there is none.

    Each raises LookupFailed when the servers of a name do not answer.
    """

    def texts(self, name: str) -> Sequence[str]:
        """The TXT records of a name, each with its parts joined."""

    def addresses(self, name: str, version: int) -> Sequence[Address]:
        """Its addresses, of IP version 4 or 6."""

    def mail_hosts(self, name: str) -> Sequence[str]:
        """The names in its MX records, the preferred first."""


class Result(StrEnum):
    """What a check gives. Source: RFC 7208, 2.6."""

    NONE = "none"
    NEUTRAL = "neutral"
    PASS = "pass"  # noqa: S105 - a code
    FAIL = "fail"
    SOFTFAIL = "softfail"
    TEMPERROR = "temperror"
    PERMERROR = "permerror"


RESULT_OF = {
    "+": Result.PASS,
    "-": Result.FAIL,
    "~": Result.SOFTFAIL,
    "?": Result.NEUTRAL,
}


class Fault(StrEnum):
    """Why a record cannot be used."""

    SEVERAL = "spf_several"
    SYNTAX = "spf_syntax"
    TOO_MANY_LOOKUPS = "spf_too_many_lookups"
    TOO_MANY_VOID = "spf_too_many_void"
    INCLUDES_NOTHING = "spf_includes_nothing"
    DNS = "spf_dns"


@dataclass(frozen=True)
class Verdict:
    """What came of a check.

    Args:
        fault: why, with an error.
        shown: the term or the name at fault.
        lookups: how many terms asked the DNS until the verdict stood.
    """

    result: Result
    fault: Fault | None = None
    shown: str = ""
    lookups: int = 0


@dataclass(frozen=True)
class Term:
    """One mechanism: `-ip4:192.0.2.0/24` is qualifier "-", name "ip4", value "192.0.2.0/24"."""

    qualifier: str
    name: str
    value: str = ""
    written: str = ""


@dataclass(frozen=True)
class Record:
    """A record taken apart."""

    terms: tuple[Term, ...]
    redirect: str = ""


class _Stop(Exception):
    """The check ends with an error."""

    def __init__(self, fault: Fault, shown: str = "") -> None:
        super().__init__(fault)
        self.fault, self.shown = fault, shown


def is_spf(text: str) -> bool:
    """Whether a TXT record is one of these (4.5)."""
    return bool(_VERSION.match(text))


def parse(text: str) -> Record:
    """Take a record apart.

    Raises:
        ValueError: it breaks the syntax of section 12; the text is the term at fault.
    """
    terms: list[Term] = []
    modifiers: dict[str, str] = {}
    for word in text.split(" ")[1:]:
        if not word:
            continue
        name, equals, value = word.partition("=")
        if equals and _NAME.fullmatch(name):
            _keep_modifier(modifiers, name.lower(), value, word)
        else:
            terms.append(_mechanism(word))
    return Record(tuple(terms), modifiers.get("redirect", ""))


def _keep_modifier(modifiers: dict[str, str], name: str, value: str, word: str) -> None:
    known = name in ("redirect", "exp")
    if known and (name in modifiers or not _is_domain_spec(value)):
        raise ValueError(word)
    modifiers[name] = value


def _mechanism(word: str) -> Term:
    qualifier, rest = (word[0], word[1:]) if word[0] in _QUALIFIERS else ("+", word)
    match = re.fullmatch(r"([A-Za-z0-9]+)([:/].*)?", rest)
    if not match:
        raise ValueError(word)
    name, value = match[1].lower(), match[2] or ""
    check = _SYNTAX.get(name)
    if check is None or not check(value):
        raise ValueError(word)
    return Term(qualifier, name, value.removeprefix(":"), word)


def _is_network(version: int) -> Callable[[str], bool]:
    def check(value: str) -> bool:
        text = value.removeprefix(":")
        digits = text.partition("/")[2] if "/" in text else "0"
        try:
            network = ip_network(text, strict=False)
        except ValueError:
            return False
        return value.startswith(":") and digits.isdecimal() and network.version == version

    return check


def _is_place(value: str) -> bool:
    """Nothing, `:domain`, `/24`, `//64`, or a domain with these."""
    match = re.fullmatch(r"(:[^/].*?)?(/\d{1,2})?(//\d{1,3})?", value)
    if not match:
        return False
    has_domain = match[1] is None or _is_domain_spec(match[1][1:])
    return has_domain and _lengths_hold(match[2], match[3])


def _lengths_hold(four: str | None, six: str | None) -> bool:
    return int((four or "/0")[1:]) <= 32 and int((six or "//0")[2:]) <= 128


def _is_domain_spec(text: str) -> bool:
    if not _LABELS.fullmatch(text):
        return False
    # A stray percent sign is no macro (7.1); without macros, a name ends in a real label.
    if any(found[0] == "%" for found in _MACRO.finditer(text)):
        return False
    return "%" in text or bool(re.search(r"\.[A-Za-z0-9-]*[A-Za-z][A-Za-z0-9-]*\.?$", text))


_SYNTAX: dict[str, Callable[[str], bool]] = {
    "all": lambda value: value == "",
    "include": lambda value: value.startswith(":") and _is_domain_spec(value[1:]),
    "exists": lambda value: value.startswith(":") and _is_domain_spec(value[1:]),
    "a": _is_place,
    "mx": _is_place,
    "ptr": lambda value: value == "" or (value[0] == ":" and _is_domain_spec(value[1:])),
    "ip4": _is_network(4),
    "ip6": _is_network(6),
}


def check_host(zone: Zone, address: Address, sender: str) -> Verdict:
    """Whether the domain of `sender` lets a machine at this address send for it (4).

    The name with which the machine greets is taken to be that of the sender's domain.
    """
    check = _Check(zone, address, sender)
    try:
        result = check.run(sender.rpartition("@")[2])
    except _Stop as stop:
        error = Result.TEMPERROR if stop.fault is Fault.DNS else Result.PERMERROR
        return Verdict(error, stop.fault, stop.shown, check.lookups)
    return Verdict(result, lookups=check.lookups)


@dataclass
class _Check:
    zone: Zone
    address: Address
    sender: str
    lookups: int = 0
    voids: int = 0

    def run(self, domain: str) -> Result:
        found = [text for text in self._texts(domain) if is_spf(text)]
        if not found:
            return Result.NONE
        if len(found) > 1:
            raise _Stop(Fault.SEVERAL, domain)
        try:
            record = parse(found[0])
        except ValueError as fault:
            raise _Stop(Fault.SYNTAX, str(fault)) from None
        return self._evaluate(record, domain)

    def _evaluate(self, record: Record, domain: str) -> Result:
        for term in record.terms:
            if self._matches(term, domain):
                return RESULT_OF[term.qualifier]
        if record.redirect and not any(term.name == "all" for term in record.terms):
            return self._redirect(record.redirect, domain)
        return Result.NEUTRAL

    def _redirect(self, target: str, domain: str) -> Result:
        self._count(target)
        to = self._expanded(target, domain)
        result = self.run(to)
        if result is Result.NONE:
            raise _Stop(Fault.INCLUDES_NOTHING, to)
        return result

    def _matches(self, term: Term, domain: str) -> bool:
        if term.name in _ASKING:
            self._count(term.written)
        match term.name:
            case "all":
                return True
            case "include":
                return self._includes(self._expanded(term.value, domain))
            case "ip4" | "ip6":
                return self.address in ip_network(term.value, strict=False)
            case "exists":
                return bool(self._addresses(self._expanded(term.value, domain), 4))
            case "a" | "mx":
                return self._is_among_hosts(term, domain)
        # "ptr": should not be published (5.5), and cannot be held to anything here.
        return False

    def _includes(self, domain: str) -> bool:
        result = self.run(domain)
        if result is Result.NONE:
            raise _Stop(Fault.INCLUDES_NOTHING, domain)
        return result is Result.PASS

    def _is_among_hosts(self, term: Term, domain: str) -> bool:
        match = re.fullmatch(r"([^/]*)(?:/(\d+))?(?://(\d+))?", term.value)
        assert match is not None
        target = self._expanded(match[1], domain) if match[1] else domain
        length = match[2] if self.address.version == 4 else match[3]
        bits = int(length) if length else self.address.max_prefixlen
        hosts = [target] if term.name == "a" else self._mail_hosts(target)
        return any(
            self.address in ip_network(f"{found}/{bits}", strict=False)
            for host in hosts
            for found in self._addresses(host, self.address.version)
        )

    def _mail_hosts(self, name: str) -> Sequence[str]:
        hosts = self._asked(lambda: self.zone.mail_hosts(name), name)
        if len(hosts) > MOST_MAIL_HOSTS:
            raise _Stop(Fault.TOO_MANY_LOOKUPS, f"mx:{name}")
        return hosts

    def _addresses(self, name: str, version: int) -> Sequence[Address]:
        return self._asked(lambda: self.zone.addresses(name, version), name)

    def _texts(self, name: str) -> Sequence[str]:
        try:
            return self.zone.texts(name)
        except LookupFailed:
            raise _Stop(Fault.DNS, name) from None

    def _asked(self, ask: Callable[[], Sequence[Found]], name: str) -> Sequence[Found]:
        try:
            found = ask()
        except LookupFailed:
            raise _Stop(Fault.DNS, name) from None
        if not found:
            self.voids += 1
            if self.voids > MOST_VOID_LOOKUPS:
                raise _Stop(Fault.TOO_MANY_VOID, name)
        return found

    def _count(self, shown: str) -> None:
        self.lookups += 1
        if self.lookups > MOST_LOOKUPS:
            raise _Stop(Fault.TOO_MANY_LOOKUPS, shown)

    def _expanded(self, text: str, domain: str) -> str:
        return expand(text, domain=domain, sender=self.sender, address=self.address).rstrip(".")


def expand(text: str, *, domain: str, sender: str, address: Address) -> str:
    """A domain-spec with its macros filled in (7)."""
    local_part, _, sender_domain = sender.rpartition("@")
    values = {
        "s": sender,
        "l": local_part or "postmaster",
        "o": sender_domain,
        "d": domain,
        "h": sender_domain,
        "p": "unknown",
        "i": ".".join(_dotted(address)),
        "v": "in-addr" if address.version == 4 else "ip6",
    }

    def fill(found: re.Match[str]) -> str:
        if found[5]:
            return {"%": "%", "_": " ", "-": "%20"}[found[5]]
        if not found[1]:
            return found[0]
        return _transformed(values.get(found[1].lower(), ""), found[2], found[3], found[4])

    return _MACRO.sub(fill, text)


def _transformed(value: str, digits: str, reverse: str, delimiters: str) -> str:
    parts = re.split(f"[{re.escape(delimiters or '.')}]", value)
    if reverse:
        parts.reverse()
    return ".".join(parts[-int(digits) :] if digits and int(digits) else parts)


def _dotted(address: Address) -> Sequence[str]:
    if address.version == 4:
        return str(address).split(".")
    return list(address.exploded.replace(":", ""))
