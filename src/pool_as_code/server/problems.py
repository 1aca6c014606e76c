"""Errors as the service answers them: `{status_code, error, error_code, details}`. The one place where our errors become
statuses. No text holds a value that was sent."""

from __future__ import annotations

from http import HTTPStatus

from ..core.errors import Conflict, NotFound, PoolAsCodeError, Rejected, Unauthorised, Unavailable
from ..core.values import JsonMap

_CODES = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    412: "precondition_failed",
    413: "payload_too_large",
    422: "unprocessable_entity",
    429: "too_many_requests",
    500: "internal_server_error",
    501: "not_implemented",
    503: "service_unavailable",
}


class Problem(Exception):
    """When a request is answered with an error. `headers` go with it."""

    def __init__(
        self, status: int, error: str, *, code: str = "", hint: str = "", headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(error)
        self.status = status
        self.error = error
        self.code = code or _CODES.get(status, "error")
        self.hint = hint
        self.headers = headers or {}

    def body(self) -> JsonMap:
        """The service's shape."""
        body: JsonMap = {"status_code": self.status, "error": self.error, "error_code": self.code}
        if self.hint:
            body["details"] = {"hint": self.hint}
        return body


def no_token(error: str = "the access token is missing, expired or not valid here") -> Problem:
    """401 in the form that makes a client fetch a new token."""
    headers = {"www-authenticate": 'Bearer error="invalid_token"'}
    return Problem(401, error, code="invalid_access_token", headers=headers)


def refused_credentials() -> Problem:
    """The one answer to a wrong password, code, user or state: nobody learns which."""
    return Problem(401, "the credentials are not valid", code="invalid_credentials")


def of(error: PoolAsCodeError) -> Problem:
    """What a directory says, as an answer."""
    match error:
        case NotFound():
            return Problem(404, error.message, hint=error.hint)
        case Conflict():
            return Problem(409, error.message, hint=error.hint)
        case Rejected():
            return Problem(422, error.message, hint=error.hint)
        case Unavailable():
            seconds = str(max(1, int(error.retry_after or 1)))
            return Problem(503, "the directory is busy or can not be reached", headers={"retry-after": seconds})
        case Unauthorised():
            return Problem(403, error.message, hint=error.hint)
        case _:
            return Problem(500, "the server failed; its log says more")


def of_status(status: int) -> Problem:
    """A bare status."""
    return Problem(status, HTTPStatus(status).phrase)
