"""The bodies that go in and out, in a short notation: `name`, `name*` (required), `name:type`, `name:[Definition]`.

Records that have a kind are made of the kind's own fields, so that a new setting stands here by itself.
"""

from __future__ import annotations

import re

from ...core.values import JsonMap, JsonValue
from ...stores.secureauth.routes import Route, routes
from ..scim.words import CUSTOM, MESSAGES, USER

_FIELD = re.compile(r"(?P<name>.+?)(?P<required>\*?)(?::(?P<type>\[?\w+\]?))?\Z")
_PLAIN = {"text": "string", "boolean": "boolean", "integer": "integer", "object": "object"}
_RECORD = "id tenant_id user_pool_id user_id created_at:time updated_at:time"
_USER = "id* tenant_id* user_pool_id* status* user_type created_at:time updated_at:time preferences:object"
_SCIM_USER = (
    "externalId name:ScimName emails:[ScimAddress] phoneNumbers:[ScimAddress] additionalIdentifiers:[ScimIdentifier]"
)
_SCIM_LIST = "schemas*:[text] totalResults*:integer startIndex*:integer itemsPerPage*:integer"

SHAPES: dict[str, str] = {
    "Error": "status_code:integer error error_code details:object",
    "OAuthError": "error* error_description status_code:integer",
    "OpenApiDocument": "openapi* info*:object paths*:object components*:object",
    "Health": "status*",
    "Discovery": "issuer* token_endpoint* introspection_endpoint* jwks_uri* authorization_endpoint userinfo_endpoint"
    " revocation_endpoint* end_session_endpoint",
    "Keys": "keys*:[object]",
    "TokenRequest": "grant_type* scope client_id client_secret client_assertion client_assertion_type username password"
    " code redirect_uri code_verifier",
    "Token": "access_token* token_type* expires_in*:integer scope id_token",
    "RevocationRequest": "token* token_type_hint client_id client_secret client_assertion client_assertion_type",
    "UserInfo": "sub* name given_name family_name email email_verified:boolean updated_at:integer",
    "IntrospectionRequest": "token* client_id client_secret client_assertion client_assertion_type",
    "Introspection": "active*:boolean scope client_id sub aid tid iss exp:integer iat:integer",
    "Pools": "pools*:[Pool]",
    "UserPools": "pools*:[Pool] cursor",
    "Permissions": "get_identity_pool:boolean update_identity_pool:boolean delete_identity_pool:boolean",
    "Schemas": "schemas*:[Schema]",
    "Users": "users*:[ListedUser]",
    "User": f"{_USER} identifiers*:[Identifier] verifiable_addresses*:[Address] credentials*:[Credential]",
    "ListedUser": f"{_USER} identifiers*:[text] identifiers_with_details:[object] addresses:[object] verified\u0020addresses:[text]",
    "NewUser": "id status identifiers:[NewIdentifier] verifiable_addresses:[NewAddress] credentials:[NewCredential] user_type",
    "UserUpdate": "status preferences:object",
    "UserKey": "identifier address",
    "NewIdentifier": "identifier* type* metadata:object",
    "IdentifierKey": "identifier*",
    "Identifier": f"{_RECORD} identifier* identifier_lc* type* metadata:object",
    "NewAddress": "address* type* status verified:boolean preferred_contact_method allowed_for_2fa:boolean metadata:object",
    "AddressUpdate": "address* status verified:boolean preferred_contact_method allowed_for_2fa:boolean metadata:object",
    "AddressKey": "address*",
    "AddressOrIdentifier": "address identifier",
    "Address": f"{_RECORD} address* address_lc* type* status* verified*:boolean verified_at:time metadata:object",
    "NewCredential": "type* password must_be_changed:boolean must_be_reset:boolean totp_secret webauthn_credentials:[object]",
    "Credential": f"{_RECORD} type* state expires_at:time payload:object",
    "PasswordState": "state*",
    "Metadata": "metadata*:object schema_id",
    "MetadataUpdate": "metadata*:object",
    "Organizations": "organizations*:[Organization]",
    "Workspaces": "servers*:[Workspace]",
    "Link": "id identity_pool_id* workspace_id name method disabled:boolean",
    "Links": "idps*:[Link]",
    "Role": "type* identity_pool_user_id idp_id identity_pool_id workspace_id role",
    "Roles": "subjects*:[object]",
    "UserRoles": "resources*:[object]",
    "Dump": "pools:[object] schemas:[object] users:[object] user_identifiers:[object] user_verifiable_addresses:[object]"
    " user_credentials:[object] codes:[object] groups:[object] group_members:[object]",
    "TenantDump": "tenant:object tenants:[object] servers:[object] idps:[object] clients:[object] services:[object]",
    "KeyRotation": "cron* enabled*:boolean",
    "Tree": "name pools:object schemas:object servers:object idps:object",
    "SignUp": "identifier* otp_address password totp_secret payload:object webauthn_credentials:[object]",
    "Activation": "code* otp_address password totp_secret webauthn:[object]",
    "UserId": "id*",
    "CodeId": "code_id*",
    "PasswordCheck": "password* identifier userID id",
    "PasswordGood": "id* state*",
    "PasswordResult": "id* state* result*",
    "CodeWanted": "address identifier userID",
    "CodeCheck": "code* identifier userID id",
    "CodeOnly": "code*",
    "CodeAbout": "user_id* password_set*:boolean code_type*",
    "CodeRequest": "type* address identifier userID metadata:object",
    "Codes": "code* extended_code*",
    "ResetWanted": "address* identifier userID",
    "PasswordReset": "code* new_password* address identifier userID",
    "TotpReset": "code* new_totp_secret* address identifier userID",
    "PasswordChange": "old_password* new_password*",
    "PasswordSet": "new_password*",
    "TotpChange": "totp* new_totp_secret*",
    "TotpSet": "new_totp_secret*",
    "AddressCode": "address* code*",
    "Profile": "id* identifiers:[object] verifiable_addresses:[object] payload:object metadata:object credentials:[object]",
    "ProfileUpdate": "payload:object preferences:object",
    "PageForm": "code* password",
    "RegistrationForm": "identifier*",
    "Login": "login_id* client_id* server_id* requested_scopes*:[text] login_hint",
    "LoginAccepted": "login_state* subject auth_time authentication_context:object",
    "LoginRejected": "login_state* error error_description",
    "LoginGoesOn": "redirect_to*",
    "LogoutForm": "id_token_hint client_id post_logout_redirect_uri state",
    "SignInForm": "sign_in* step* method name password code old new",
    "Sessions": "sessions*:[object]",
    "Outbox": "messages*:[object]",
    "ScimError": "schemas*:[text] status* scimType detail* status_code*:integer error* error_code* details:object",
    "ScimMeta": "resourceType* location* created:time lastModified:time version",
    "ScimName": "givenName familyName",
    "ScimAddress": "value* type primary:boolean verified:boolean",
    "ScimIdentifier": "value* type",
    "ScimUser": f"schemas*:[text] id* meta:ScimMeta active:boolean userName {_SCIM_USER}",
    "ScimUserSent": f"schemas:[text] active:boolean password userName* {_SCIM_USER}",
    "ScimUsers": f"{_SCIM_LIST} Resources*:[ScimUser]",
    "ScimOperation": "op* path value:any",
    "ScimPatch": "schemas:[text] Operations*:[ScimOperation]",
    "ScimList": f"{_SCIM_LIST} Resources*:[object]",
    "ScimConfig": "schemas*:[text] meta*:ScimMeta patch*:object bulk*:object filter*:object changePassword*:object sort*:object"
    " etag*:object xmlDataFormat*:object authenticationSchemes*:[object]",
    "ScimResourceType": "schemas*:[text] meta*:ScimMeta id* name* description endpoint* schema* schemaExtensions:[object]",
    "ScimSchema": "schemas*:[text] meta*:ScimMeta id* name* description attributes*:[object]",
}
_BESIDE = {
    "pool": "id tenant_id name* workspace_id number_of_users:integer",
    "schema": "id tenant_id name* schema*:object system:boolean created_at:time updated_at:time",
    "group": "id tenant_id user_pool_id name* parent_id",
    "organization": "id name* parent_id template_id issuer_url number_of_child_organizations:integer",
    "workspace": "id name* issuer_url type",
}


EXAMPLES: dict[str, JsonMap] = {
    "Pool": {"id": "customers", "name": "Customers", "authentication_mechanisms": ["password"]},
    "Schema": {
        "id": "customer",
        "name": "Customer",
        "schema": {"type": "object", "properties": {"name": {"type": "string"}}},
    },
    "Group": {"id": "staff", "name": "Staff"},
    "NewUser": {
        "status": "active",
        "identifiers": [{"identifier": "ada@example.com", "type": "email"}],
        "payload": {"name": "Ada"},
        "credentials": [{"type": "password", "password": "correct horse battery"}],
    },
    "UserUpdate": {"payload": {"name": "Countess Ada"}},
    "UserKey": {"identifier": "ada@example.com"},
    "PasswordCheck": {"identifier": "ada@example.com", "password": "correct horse battery"},
    "SignUp": {"identifier": "ada@example.com", "payload": {"name": "Ada"}},
    "Tree": {"name": "default", "pools": {"customers": {"name": "Customers"}}, "schemas": {}, "servers": {}},
    "TokenRequest": {"grant_type": "client_credentials", "scope": "identity"},
    "ScimUserSent": {
        "schemas": [USER],
        "userName": "ada@example.com",
        "name": {"givenName": "Ada", "familyName": "Lovelace"},
        "emails": [{"value": "ada@example.com", "type": "work", "primary": True}],
        "active": True,
    },
    "ScimPatch": {
        "schemas": [f"{MESSAGES}PatchOp"],
        "Operations": [{"op": "replace", "path": "active", "value": False}],
    },
    "Error": {"status_code": 404, "error": "user 'x' does not exist", "error_code": "not_found"},
}
"""One value of a definition that is accepted as it stands."""


def definitions() -> dict[str, JsonValue]:
    """Name -> JSON Schema of every body."""
    found: dict[str, JsonValue] = {name: _shape(text) for name, text in SHAPES.items()}
    for word, beside in _BESIDE.items():
        found[word.capitalize()] = _merged(_kind(word), _shape(beside))
    attributes = {"user": ("User", "ListedUser", "NewUser", "UserUpdate")}
    for name in attributes["user"]:
        found[name] = _merged(_kind("user", only=("payload", "metadata", "business_metadata")), found[name])
    operation: JsonMap = {
        "type": "object",
        "required": ["op", "path"],
        "properties": {"op": {"type": "string"}, "path": {"type": "string"}, "value": {}},
    }
    for name in ("ScimUser", "ScimUserSent"):
        custom: JsonMap = {"properties": {CUSTOM: {"type": "object"}}}
        found[name] = _merged(custom, found[name])
    found["PatchOperations"] = {"type": "array", "items": operation}
    found["Patch"] = {"anyOf": [{"type": "object"}, _ref("PatchOperations")]}
    found["Groups"] = {"type": "array", "items": _ref("Group")}
    for name, example in EXAMPLES.items():
        shown = found[name]
        assert isinstance(shown, dict)
        shown["examples"] = [example]
    return found


def _shape(text: str) -> JsonMap:
    properties: JsonMap = {}
    required: list[JsonValue] = []
    for field in re.split(r"(?<!verified) ", text):
        match = _FIELD.match(field)
        assert match is not None
        properties[match["name"]] = _type(match["type"] or "text")
        if match["required"]:
            required.append(match["name"])
    return {"type": "object", "properties": properties, **({"required": required} if required else {})}


def _type(word: str) -> JsonValue:
    if word.startswith("["):
        return {"type": "array", "items": _type(word[1:-1])}
    if word == "time":
        return {"type": "string", "format": "date-time"}
    if word == "any":
        return {}
    return {"type": _PLAIN[word]} if word in _PLAIN else _ref(word)


def _kind(word: str, only: tuple[str, ...] = ()) -> JsonMap:
    """The fields of a kind by the service's names."""
    body: JsonMap = {"type": "object", "properties": {}}
    for route in routes(word):
        if route.part != "spec" or (only and not route.wire[0].startswith(only)):
            continue
        here = body
        for step in route.wire[:-1]:
            inner = _properties(here).setdefault(step, {"type": "object", "properties": {}})
            assert isinstance(inner, dict)
            here = inner
        _properties(here)[route.wire[-1]] = _leaf(route)
    return body


def _leaf(route: Route) -> JsonMap:
    field, default = route.field, route.field.default if route.field.has_default else None
    about: JsonMap = {"description": field.doc} if field.doc else {}
    if route.form == "duration":
        return {"type": "string", "pattern": "^([0-9.]+(ms|h|m|s))+$", **about}
    for type_, word in ((bool, "boolean"), (int, "number"), (list, "array"), (dict, "object"), (str, "string")):
        if isinstance(default, type_):
            return {"type": word, **about}
    return about


def _properties(schema: JsonMap) -> JsonMap:
    properties = schema.setdefault("properties", {})
    assert isinstance(properties, dict)
    return properties


def _merged(one: JsonMap, other: JsonValue) -> JsonMap:
    assert isinstance(other, dict)
    both: JsonMap = {**one, **other, "properties": {**_properties(one), **_properties(other)}}
    return both


def _ref(name: str) -> JsonMap:
    return {"$ref": f"#/components/schemas/{name}"}
