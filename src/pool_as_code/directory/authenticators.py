"""How a user's authenticator app comes to be another one: set for the first time, changed with a code of the old one, or reset
with a code that was sent."""

from __future__ import annotations

from ..core.errors import InvalidInput, Rejected
from ..core.values import canonical
from . import changing, codes, credentials, messages, rows, sign_in, users
from .codes import NotAdmitted
from .credentials import Credential
from .directory import Directory
from .rows import Row
from .starting import totp_context


def set_first(directory: Directory, row: Row, secret: str) -> None:
    """An authenticator for a user who has none. Raises Rejected when there is one, or the secret is none."""
    if credentials.find(directory.db, row.id, "totp") is not None:
        raise Rejected("the user has an authenticator already", hint="change it or reset it")
    _replace(directory, row, secret)


def change(directory: Directory, pool_id: str, user_id: str, code: str, secret: str) -> None:
    """A user's own change. Raises NotAdmitted unless the code is one of the present authenticator."""
    with directory.change():
        row = rows.require(directory.db, "user", user_id, pool_id=pool_id)
        if not sign_in.verify_totp(directory, pool_id, user_id, code):
            raise NotAdmitted("the code is not one of the present authenticator")
        _replace(directory, row, secret)


def request_reset(
    directory: Directory, pool_id: str, *, address: str, user_id: str = "", via: str = "link", workspace: str = ""
) -> None:
    """Send a code to a verified address of an active user; where there is none nothing happens and nothing is told. Raises
    Rejected when users of the pool do not reset their own credentials."""
    pool_spec = rows.require(directory.db, "pool", pool_id).spec
    changing.check_self_reset(pool_spec)
    row = users.find(directory, pool_id, address=address)
    if row is None or (user_id and row.id != user_id) or row.spec.get("status") != "active":
        return
    draft = messages.Draft(pool_id, row.id, "totp_reset", changing.spelled(row, address), via, workspace)
    messages.send_code(directory, draft, pool_spec, directory.moment())


def complete_reset(directory: Directory, pool_id: str, code: str, secret: str, *, user_id: str = "") -> None:
    """Set a new authenticator with a code. Raises NotAdmitted for a wrong code, Rejected for a secret that is none."""
    with directory.change():
        redeemed = codes.redeem(directory, pool_id, "resetTotp", code, user_id)
        row = rows.require(directory.db, "user", redeemed.user_id, pool_id=pool_id)
        if row.spec.get("status") != "active":
            raise NotAdmitted("only active users reset their authenticator")
        _replace(directory, row, secret)


def _replace(directory: Directory, row: Row, text: str) -> None:
    from .totp import parse_totp_secret

    try:
        secret = parse_totp_secret(text)
    except InvalidInput as error:
        raise Rejected(error.message, hint=error.hint) from error
    sealed = directory.keys(make=True).vault.seal(secret, totp_context(row.id))
    with directory.change() as moment:
        payload = canonical({"sealed": sealed}).decode()
        credentials.put(directory.db, [Credential(row.id, "totp", "", payload, "valid", moment, moment)])
        rows.touch(directory.db, "user", row.id, moment)
