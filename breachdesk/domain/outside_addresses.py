"""Which network addresses the desk calls when somebody of an organisation names a server.

Whoever administers one organisation must not look around in the network that the desk
stands in: a name they give may lead to any address. Source: OWASP ASVS 4.0.3, V12.6.1;
RFC 6890 (special-purpose addresses); RFC 6052 and 3056 (IPv4 inside IPv6).
"""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

# What a machine of a network with NAT64 reaches an IPv4 address by.
_NAT64 = IPv6Network("64:ff9b::/96")


def may_be_called(address: str, *, private_too: bool) -> bool:
    """Whether the desk connects to an address.

    Args:
        address: an IP address in text.
        private_too: the operator opened this desk's own network and machine. What is
            link-local stays closed all the same: cloud machines tell their secrets there.
    """
    try:
        meant = _meant(ip_address(address.partition("%")[0]))
    except ValueError:
        return False
    if meant.is_link_local or meant.is_multicast or meant.is_unspecified:
        return False
    return private_too or meant.is_global


def is_this_machine(host: str) -> bool:
    """Whether a host name or address is this machine's own, by its looks alone."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _meant(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address inside an IPv6 one, where a network would take it out again."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address
