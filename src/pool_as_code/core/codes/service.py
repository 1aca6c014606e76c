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
    CodeDoc(
        "PAC543",
        "An activation message of which nobody knows",
        "The process ended, or no answer came, while a message to a new user was sent. A message is sent at most once.",
        "Ask the user; if it did not come, send it from the console of the service.",
    ),
    CodeDoc(
        "PAC544",
        "An activation message was not sent",
        "The user was made, and the service refused to send the message: no address, a wrong one, or a status other than new. Or "
        "the run ended before it was sent; then the next apply that writes sends it at its end.",
        "Mend the cause and send the message from the console of the service.",
    ),
    CodeDoc(
        "PAC545",
        "Organizations that could not be read",
        "Everything of a tenant was asked for with a client that may not see organizations: they are missing from the result, and "
        "a pool of one looks like a pool of a workspace.",
        "Ask with a client of the System workspace that has the scope `manage_configuration`.",
    ),
    CodeDoc(
        "PAC546",
        "Ownership records that are about another object",
        "The metadata of a pool or organization hold ownership records of another one: it was copied with its metadata, or whoever may "
        "write them wants to speak for an object that is not theirs. The records count for nothing.",
        "Take the key `pool-as-code` out of its metadata in the console.",
    ),
    CodeDoc(
        "PAC547",
        "A limit of requests that is no number",
        "`POOL_AS_CODE_REQUESTS_PER_SECOND` holds something else than a number, so nobody knows which limit is meant.",
        "Write a number of requests a second, as `5` or `0.5`; without the variable there is no limit until the service sets one.",
    ),
    CodeDoc(
        "PAC548",
        "Records of runs can not be kept",
        "`--audit-dir` or `POOL_AS_CODE_AUDIT_DIR` names a folder that can not be written or read, or the disk is full.",
        "Name a folder that you may write. What a run has written stands in its `--report` and on standard error as well.",
    ),
)
