"""Whether a store may be met at all: its host is one that whoever runs the tool has allowed, outside the repository.

Asked before a store is opened and before any secret is looked at, so that a pull request which changes a URL gets nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..core.diagnostics import Diagnostic, Severity
from ..core.errors import Refused
from ..core.hosts import USUAL_PORTS, AllowedHosts, Host, hosts_of, is_clear_text
from ..core.urls import shown_url
from ..stores.registry import scheme_of

VARIABLE = "POOL_AS_CODE_ALLOWED_HOSTS"


def refuse_strange_hosts(url: str, environ: Mapping[str, str]) -> None:
    """Raise Refused unless every host of a store's URL is allowed. Without the variable all are, except where `CI` is set.

    A host that is reached without encryption needs an entry with `http://`, everywhere; the machine itself needs none."""
    try:
        hosts = [host for host in hosts_of(url) if not host.is_loopback]
    except ValueError as error:
        hint = "write SCHEME://HOST/TENANT, with the host as it is"
        raise _refused("PAC353", f"nobody can say which host {shown_url(url)} leads to", str(error), hint) from None
    if not hosts:
        return
    text, clear_text = environ.get(VARIABLE), is_clear_text(url)
    try:
        allowed = AllowedHosts.parse(text or "")
    except ValueError as error:
        hint = f"write hosts with commas between: {VARIABLE}=id.example.com,*.dev.example.com"
        raise _refused("PAC352", f"{VARIABLE} can not be read", str(error), hint) from None
    for host in hosts:
        if clear_text and not allowed.allow(host, clear_text=True):
            raise _in_clear_text(url, host)
        if text is None and environ.get("CI"):
            raise _unsaid(url, host)
        if text is not None and not allowed.allow(host, clear_text=clear_text):
            raise _not_allowed(url, host, text)


def _unsaid(url: str, host: Host) -> Refused:
    summary = f"the store is on {host.name}, and nobody allowed a host"
    detail = f"where CI is set, credentials go only to the hosts in {VARIABLE}"
    hint = (
        f"if that is your store, set this in the settings of the pipeline, not in the repository:\n{_line(url, host)}"
    )
    return _refused("PAC351", summary, detail, hint)


def _not_allowed(url: str, host: Host, text: str) -> Refused:
    detail = f"{VARIABLE} allows {text.strip() or 'none'}"
    hint = f"if that is your store, set this outside the repository:\n{_line(url, host, text)}"
    return _refused("PAC350", f"the store is on {host}, which is not allowed", detail, hint)


def _in_clear_text(url: str, host: Host) -> Refused:
    detail = "credentials and people's data would go over the network readable by everybody on the way"
    hint = f"use https, or, where the network is yours, set this outside the repository:\n{_line(url, host)}"
    return _refused("PAC354", f"{host} would be reached without encryption", detail, hint)


def _line(url: str, host: Host, before: str = "") -> str:
    """The exact line that allows a host."""
    usual = host.port in (0, USUAL_PORTS.get(scheme_of(url), 0))
    entry = str(host._replace(port=0) if usual else host)
    entries = [*(part.strip() for part in before.split(",") if part.strip()), entry]
    if is_clear_text(url):
        entries[-1] = f"http://{entry}"
    return f"{VARIABLE}={','.join(entries)}"


def _refused(code: str, summary: str, detail: str, hint: str) -> Refused:
    return Refused("the store is not met; nothing was sent", [Diagnostic(code, summary, Severity.BLOCK, detail, hint)])


__all__ = ["VARIABLE", "refuse_strange_hosts"]
