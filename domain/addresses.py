"""To which addresses of the network the hub sends something because somebody asked it to.

Only to the public internet: a request into the hub's own network, to its own machine or to a cloud's metadata would
be made in the hub's name. An administrator can allow networks of their own.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network

_PUBLIC_V6 = IPv6Network("2000::/3")
# Addresses that carry an IPv4 address within them, which would be reached: Teredo, 6to4 and its relays, AS112.
_CARRIERS: tuple[Network, ...] = tuple(map(ip_network, ("2001::/23", "2002::/16", "192.88.99.0/24")))


def is_allowed(address: str, networks: tuple[Network, ...] = ()) -> bool:
    """Whether something may be sent to the address: it is public, or in one of these networks."""
    found = _plain(ip_address(address))
    if any(found in network for network in networks if network.version == found.version):
        return True
    if isinstance(found, IPv6Address) and found not in _PUBLIC_V6:
        return False
    carried = any(found in network for network in _CARRIERS if network.version == found.version)
    return found.is_global and not found.is_multicast and not carried


def networks_from(text: str) -> tuple[Network, ...]:
    """The networks of a list with spaces, such as `10.0.0.0/8 fd00::/8`; raises ValueError."""
    return tuple(ip_network(one) for one in text.split())


def _plain(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address behind `::ffff:10.0.0.1`."""
    return getattr(address, "ipv4_mapped", None) or address
