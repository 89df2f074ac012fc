"""Which addresses events may be sent to: never into the bank's own network, whoever names it and however.

A name is resolved again at each delivery, and the connection goes to the very address that was judged: a name that
points elsewhere tomorrow, or between two questions, reaches nothing.
"""

import ipaddress
import socket
from collections.abc import Callable
from typing import Final, TypeAlias
from urllib.parse import SplitResult, urlsplit

import msgspec

from yinhe.feed.refusals import FeedRefusal
from yinhe.kernel.refusals import Refusal

URL_MAX: Final = 2_000
"""Most characters of an address."""

IpAddress: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
IpNetwork: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolve: TypeAlias = Callable[[str, int], list[str]]
"""All addresses of a name and port; raises OSError where there is none."""

_TUNNELS: Final = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))
"""Addresses of IPv6 that stand for one of IPv4."""


class Rules(msgspec.Struct, frozen=True):
    """What beside the public internet may be reached."""

    loopback: bool = True
    """This machine itself, then also by http://."""
    networks: tuple[IpNetwork, ...] = ()
    """Networks within the bank that the configuration allows."""


class Target(msgspec.Struct, frozen=True):
    """Where a delivery goes: the address, and the one of its machine that was judged."""

    url: str
    host: str
    """As the URL names it, for the certificate and the header `Host`."""
    port: int
    address: str


def resolve(host: str, port: int) -> list[str]:
    """All addresses of a name, by the machine's resolver."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def judge(url: str, rules: Rules, look_up: Resolve = resolve) -> Target | Refusal:
    """Where a URL leads, or why nothing is sent there. One forbidden address of a name forbids the name."""
    read = _read(url)
    if isinstance(read, Refusal):
        return read
    parts, port = read
    host = parts.hostname or ""
    try:
        addresses = [ipaddress.ip_address(one.partition("%")[0]) for one in look_up(host, port)]
    except (OSError, UnicodeError, ValueError):
        return Refusal(FeedRefusal.ADDRESS_UNKNOWN)
    if not addresses:
        return Refusal(FeedRefusal.ADDRESS_UNKNOWN)
    if not all(is_allowed(address, rules) for address in addresses):
        return Refusal(FeedRefusal.ADDRESS_FORBIDDEN)
    if parts.scheme == "http" and not all(_plain(address).is_loopback for address in addresses):
        return Refusal(FeedRefusal.URL_NOT_HTTPS)
    return Target(url, host, port, str(addresses[0]))


def is_allowed(address: IpAddress, rules: Rules) -> bool:
    """Whether an address may be connected to."""
    plain = _plain(address)
    if any(plain in network for network in rules.networks if network.version == plain.version):
        return True
    if plain.is_loopback:
        return rules.loopback
    if isinstance(plain, ipaddress.IPv6Address) and (
        plain.sixtofour is not None or plain.teredo is not None or any(plain in tunnel for tunnel in _TUNNELS)
    ):
        return False
    return plain.is_global and not plain.is_multicast and not plain.is_reserved


def _plain(address: IpAddress) -> IpAddress:
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _read(url: str) -> tuple[SplitResult, int] | Refusal:
    # Programs read a backslash differently: what one takes for a path, another takes for the host.
    strange = any(letter.isspace() or not letter.isprintable() or letter == "\\" for letter in url)
    if len(url) > URL_MAX or not url.isascii() or strange:
        return Refusal(FeedRefusal.URL_MALFORMED)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return Refusal(FeedRefusal.URL_MALFORMED)
    if parts.username is not None or parts.password is not None or parts.fragment:
        return Refusal(FeedRefusal.URL_WITH_SECRET)
    if parts.scheme not in ("http", "https"):
        return Refusal(FeedRefusal.URL_NOT_HTTPS)
    if not parts.hostname or port == 0:
        return Refusal(FeedRefusal.URL_MALFORMED)
    return parts, port or (443 if parts.scheme == "https" else 80)
