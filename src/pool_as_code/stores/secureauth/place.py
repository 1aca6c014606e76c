"""Where a tenant of the service is: from a store's URL to base URLs and paths. Texts in, texts out; nothing is sent here.

    secureauth+https://HOST[:PORT]/TENANT                 issuer HOST/TENANT/system   APIs HOST/api/identity/TENANT
    secureauth+https://HOST[:PORT]/TENANT?vanity=tenant   issuer HOST/system          APIs HOST/api/identity

With a vanity domain the host stands for the tenant, so its paths do not name it. The vanity domain of a single server (a
workspace) leads to none of the others: neither tokens of the System workspace nor the question whether a workspace is there
have an address at it, so it is refused. The host is taken from the same reading of
the URL that judges whether it is allowed: what is judged and what is connected to are one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from ...core.diagnostics import Diagnostic
from ...core.errors import InvalidInput, Rejected
from ...core.hosts import Host, hosts_of
from ...core.urls import shown_url

SCHEMES = ("secureauth+https", "secureauth+http")
_TENANT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,127}")
_UNSENDABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_STEPS = re.compile(r"[/\\]")


class Api(StrEnum):
    """The service's interfaces. All but the two of administrators take tokens of the System workspace."""

    IDENTITY = "identity"
    CONFIGURATION = "import"
    SYSTEM = "system"
    ADMIN_IDENTITY = "admin identity"
    ADMIN = "admin"

    @property
    def is_admin(self) -> bool:
        """Whether it takes tokens of the Admin workspace."""
        return self in (Api.ADMIN_IDENTITY, Api.ADMIN)


@dataclass(frozen=True, slots=True)
class Place:
    """A tenant. `origin` is scheme, host and port; `vanity`: the host stands for the tenant."""

    origin: str
    host: Host
    tenant: str
    vanity: bool = False

    @property
    def clear_text(self) -> bool:
        """Whether what is sent there can be read on the way."""
        return self.origin.startswith("http:")

    def issuer(self, workspace: str) -> str:
        """The issuer's URL of a workspace's tokens."""
        return self.origin + ("" if self.vanity else f"/{segment(self.tenant)}") + f"/{segment(workspace)}"

    def url(self, api: Api, path: str) -> str:
        """The URL of a path of an interface (`/system/pools`, see `path_of`)."""
        name = "identity" if api in (Api.ADMIN_IDENTITY, Api.CONFIGURATION) else api.value
        return f"{self.origin}/api/{name}" + ("" if self.vanity else f"/{segment(self.tenant)}") + path


def place_of(url: str) -> Place:
    """The tenant that a store's URL names. Raises InvalidInput for one that names none, or more than that."""
    scheme = url.partition(":")[0].lower()
    if scheme not in SCHEMES:
        raise ValueError(f"no scheme of the service: {scheme}")
    try:
        (host,) = hosts_of(url)
    except ValueError as error:
        raise _wrong(url, str(error)) from None
    parts = urlsplit(url)
    if "@" in parts.netloc:
        raise _wrong(
            url, "it holds a user name or a password", "put them into POOL_AS_CODE_CLIENT_ID and _CLIENT_SECRET"
        )
    tenant = parts.path.strip("/")
    if not _TENANT.fullmatch(tenant):
        raise _wrong(url, "its path is not the id of one tenant")
    options = parse_qsl(parts.query, keep_blank_values=True)
    if options == [("vanity", "server")]:
        why = "the vanity domain of a server stands for one workspace, so tokens of the System workspace are not given out there"
        hint = "write the tenant's own host, secureauth+https://HOST/TENANT, or its vanity domain with ?vanity=tenant"
        raise _wrong(url, why, hint)
    if options not in ([], [("vanity", "tenant")]):
        raise _wrong(url, "behind ? only vanity=tenant has a meaning")
    secure = scheme == "secureauth+https"
    name = f"[{host.name}]" if ":" in host.name else host.name
    port = "" if host.port == (443 if secure else 80) else f":{host.port}"
    return Place(f"{'https' if secure else 'http'}://{name}{port}", host, tenant, bool(options))


def path_of(*steps: str) -> str:
    """A path of these steps, each as one segment whatever it holds: `path_of("system", "pools", id)`."""
    return "".join(f"/{segment(step)}" for step in steps)


def segment(text: str) -> str:
    """One segment of a path. Raises Rejected for what can be none, also where somebody on the way takes it apart."""
    if not text or _UNSENDABLE.search(text) or not {".", ".."}.isdisjoint(_STEPS.split(unquote(text))):
        raise Rejected("an id can not be part of a path: it is empty, made of dots or holds control characters")
    return quote(text, safe="")


def _wrong(url: str, why: str, hint: str = "") -> InvalidInput:
    hint = hint or "write secureauth+https://HOST/TENANT, with the host and the tenant of your console's address"
    summary = f"{shown_url(url)} is no URL of a tenant"
    return InvalidInput("the store's URL can not be used", [Diagnostic("PAC540", summary, detail=why, hint=hint)])
