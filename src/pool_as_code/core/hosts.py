"""Which network hosts a store's URL leads to, and whether a list of allowed hosts has them. Pure: nothing is looked up.

A URL that two programs could read in two ways (`https://good@evil@x/`, `https://good\\@evil/`, `http://0x7f.1/`) is no URL
of a store: what is judged here and what is connected to later must be the same host.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import NamedTuple
from urllib.parse import parse_qsl

USUAL_PORTS = {
    "secureauth+https": 443,
    "secureauth+http": 80,
    "https": 443,
    "http": 80,
    "postgresql": 5432,
    "postgres": 5432,
}
CLEAR_TEXT = frozenset({"secureauth+http", "http"})  # schemes that send credentials readable by everybody on the way
_POSTGRES = frozenset({"postgresql", "postgres"})
_PERHAPS_IN_CLEAR = frozenset(
    {"disable", "allow", "prefer"}
)  # modes of libpq in which a server may do without encryption
_NETWORKED = frozenset(USUAL_PORTS)  # schemes that mean nothing without a host
_LOCAL = frozenset({"sqlite", "dump", "memory"})  # schemes that have no host

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_AFTER_SCHEME = re.compile(r"//([^/?]*)(/[^?]*)?(\?.*)?", re.DOTALL)
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\Z")
_NUMBERLIKE = re.compile(r"(0x[0-9a-f]*|[0-9]+)\Z")
_UNREADABLE = re.compile(r"[\x00-\x20\x7f-\xa0\\\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff#]")


class Host(NamedTuple):
    """A host in its one form: lower case, without a final dot, addresses as they are written shortest. `port` 0: not said, and
    the scheme has no usual one."""

    name: str
    port: int

    def __str__(self) -> str:
        name = f"[{self.name}]" if ":" in self.name else self.name
        return f"{name}:{self.port}" if self.port else name

    @property
    def is_loopback(self) -> bool:
        """Whether it is this machine, whatever a name server says."""
        if self.name == "localhost":
            return True
        address = _address(self.name)
        return address is not None and address.is_loopback


def hosts_of(url: str) -> tuple[Host, ...]:
    """Every network host that a store's URL leads to; none for a file, a dump or a store in memory.

    Raises ValueError, with a reason that shows no credentials, where that can not be said without doubt."""
    match = _SCHEME.match(url)
    scheme = match[1].lower() if match is not None else ""
    if match is None or scheme in _LOCAL:
        return ()
    parts = _AFTER_SCHEME.match(url, match.end())
    if parts is None:
        if scheme in _NETWORKED:
            raise ValueError(f"{scheme}: is followed by //HOST")
        return ()
    authority, path, query = parts.groups("")
    if not authority and scheme not in _NETWORKED:
        return ()
    if _UNREADABLE.search(url):
        raise ValueError("it holds blanks, control characters, a backslash or #")
    if query and not path and scheme not in _POSTGRES:
        raise ValueError("its host is not followed by / and a tenant")
    named, _, hosts = authority.rpartition("@")
    if not named.isascii() or any(sign in named for sign in "@[]"):
        raise ValueError("it has more than one @ before its path, or other signs in front of it than names need")
    port = USUAL_PORTS.get(scheme, 0)
    if scheme in _POSTGRES:
        return tuple(_postgres_hosts(hosts, query, port))
    if not hosts:
        raise ValueError("it names no host")
    return (_host(hosts, port),)


def is_clear_text(url: str) -> bool:
    """Whether what is sent to this store can be read on the way. PostgreSQL is met with encryption unless the URL says that it
    need not be."""
    match = _SCHEME.match(url)
    if match is None:
        return False
    if match[1].lower() in _POSTGRES:
        query = parse_qsl(url.partition("?")[2], keep_blank_values=True)
        return any(key == "sslmode" and value in _PERHAPS_IN_CLEAR for key, value in query)
    return match[1].lower() in CLEAR_TEXT


def _postgres_hosts(authority: str, query: str, usual: int) -> Iterable[Host]:
    """Hosts of a libpq URL (PostgreSQL manual, 34.1.1.2): several with commas, more of them in the query, sockets none."""
    for part in authority.split(",") if authority else ():
        if part and not part.lower().startswith("%2f"):  # a socket's folder
            yield _host(part, usual)
    for key, value in parse_qsl(query.removeprefix("?"), keep_blank_values=True):
        word = key.strip().lower()
        if word in ("service", "servicefile"):
            raise ValueError("a service of PostgreSQL says the host somewhere else")
        if word == "port":
            raise ValueError("a port stands behind its host")
        if word in ("host", "hostaddr"):
            for part in value.split(","):
                if part and not part.startswith(("/", "@")):
                    yield _host(f"[{part}]" if ":" in part else part, usual)


def _host(text: str, usual: int) -> Host:
    """Host and port of an authority without user information; raises ValueError."""
    if text.startswith("["):
        inner, bracket, rest = text[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":")):
            raise ValueError("an IPv6 address stands in brackets")
        return Host(_ipv6(inner), _port(rest[1:] if rest else None, usual))
    name, colon, port = text.partition(":")
    if ":" in port:
        raise ValueError("an IPv6 address stands in brackets")
    return Host(_name(name), _port(port if colon else None, usual))


def _ipv6(text: str) -> str:
    try:
        address = IPv6Address(text)
    except AddressValueError:
        raise ValueError("what stands in brackets is no IPv6 address") from None
    if address.scope_id is not None:
        raise ValueError("an IPv6 address with a zone is good on one machine only")
    mapped = address.ipv4_mapped
    return str(mapped) if mapped is not None else address.compressed


def _name(text: str) -> str:
    """A name or IPv4 address in its one form; raises ValueError."""
    if not text.isascii():
        raise ValueError(f"a host's name is written in ASCII{_ascii_hint(text)}")
    if "%" in text:
        raise ValueError("a host's name holds no %")
    name = text.lower().removesuffix(".")
    labels = name.split(".")
    if _NUMBERLIKE.match(labels[-1]):  # programs read 127.1 and 0x7f000001 as addresses, each in its own way
        try:
            return str(IPv4Address(name))
        except AddressValueError:
            raise ValueError("an IPv4 address is four numbers from 0 to 255 without leading zeros") from None
    if not name or len(name) > 253 or not all(map(_LABEL.match, labels)):
        raise ValueError("a host's name has letters, digits, - and dots only")
    return name


def _ascii_hint(text: str) -> str:
    """The ASCII form of an international name, where all who make one agree on it."""
    try:
        found = text.encode("idna").decode()
        return f": {found}" if found.encode().decode("idna") == text.lower() else ""
    except UnicodeError:
        return ""


def _port(text: str | None, usual: int) -> int:
    if text is None:
        return usual
    if not (text.isascii() and text.isdigit() and len(text) <= 5 and 0 < int(text) < 65536):
        raise ValueError("a port is a number from 1 to 65535")
    return int(text)


def _address(name: str) -> IPv4Address | IPv6Address | None:
    for form in (IPv4Address, IPv6Address):
        try:
            return form(name)
        except AddressValueError:
            pass
    return None


@dataclass(frozen=True, slots=True)
class AllowedHost:
    """One entry: a host, or with `below` every name under it. `port` None: any. `clear_text`: without encryption, too."""

    name: str
    below: bool = False
    port: int | None = None
    clear_text: bool = False

    def has(self, host: Host) -> bool:
        """Whether a host is meant by it."""
        if self.port is not None and self.port != host.port:
            return False
        return host.name.endswith(f".{self.name}") if self.below else host.name == self.name


@dataclass(frozen=True, slots=True)
class AllowedHosts:
    """The hosts that stores may be on. The machine itself always is."""

    entries: tuple[AllowedHost, ...] = ()

    @classmethod
    def parse(cls, text: str) -> AllowedHosts:
        """`id.example.com, *.dev.example.com, db.internal:5433, http://proxy.internal`; nothing allows none.

        Raises ValueError with the entry that can not be read: an allowance that is guessed is none."""
        return cls(tuple(_entry(part.strip()) for part in text.split(",") if part.strip()))

    def allow(self, host: Host, *, clear_text: bool = False) -> bool:
        """Whether credentials may go there."""
        return host.is_loopback or self.names(host, clear_text=clear_text)

    def names(self, host: Host, *, clear_text: bool = False) -> bool:
        """Whether an entry is about it: the machine itself is not enough where a server, and not a person, says where to go."""
        return any(entry.has(host) and (entry.clear_text or not clear_text) for entry in self.entries)


def _entry(text: str) -> AllowedHost:
    clear_text = text.lower().startswith("http://")
    named = text[len("http://") :] if clear_text else text
    below = named.startswith("*.")
    try:
        host = _host(named[2:] if below else named, 0)
    except ValueError as error:
        raise ValueError(f"{text}: {error}") from None
    if below and _address(host.name) is not None:
        raise ValueError(f"{text}: an address has nothing below it")
    return AllowedHost(host.name, below, host.port or None, clear_text)
