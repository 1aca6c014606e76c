"""The service's HTTP API over the embedded directory. HTTP only: what a directory allows stands in `directory/`.

app           an ASGI application: one request in, one answer out
operations    which paths there are, who may use them, what they answer
call          a request and an answer as operations see them
workers       threads with a directory each
tokens clients signing key_file oauth    who is asking
api/          records: pools, schemas, groups, users, organizations, links, dumps, the promotion API
flows/        what people do: register, activate, sign in, reset, change
"""
