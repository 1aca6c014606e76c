"""PAC540-559: the service over HTTP, its credentials, what it can not express."""

from __future__ import annotations

from .doc import CodeDoc

SERVICE_CODES: tuple[CodeDoc, ...] = (
    CodeDoc(
        "PAC540",
        "The URL names no tenant of the service",
        "The store's URL has another form than `secureauth+https://HOST/TENANT`, or holds credentials.",
        "Write host and tenant of your console's address; with a vanity domain add `?vanity=tenant`. Credentials stand in "
        "environment variables.",
    ),
    CodeDoc(
        "PAC541",
        "Credentials of the service are missing",
        "The service is met as one of its clients, and the environment does not say as which.",
        "Set `POOL_AS_CODE_CLIENT_ID` and `POOL_AS_CODE_CLIENT_SECRET`, a private key, or a certificate.",
    ),
    CodeDoc(
        "PAC542",
        "A key or certificate can not be used",
        "A file that the environment names for the connection to the service is missing, unreadable or not in PEM form.",
        "Correct the variable, or the file.",
    ),
)
