"""The starter project of `pac init`: its files as texts, commented, in canonical form, valid, ready to be applied without a
variable, a secret or a network. Nothing is written here."""

from __future__ import annotations

from ..core.yaml import dump

IGNORED = "/.pool-as-code/"

_PROJECT = """\
# yaml-language-server: $schema=.schemas/project.schema.json
# The project: who owns what is applied from this folder, and where its manifests lie.
apiVersion: pool-as-code/v1
kind: Project
# Random, and yours from now on: the store remembers under it what belongs to this project. Never change it.
id: {id}
{name}
manifests: [manifests]
# One apply deletes no more than this, whatever is missing in the manifests.
maxDeletes: {{group: 5, user: 10}}

# Without environments everything goes to the embedded directory, one file below .pool-as-code/. Later, for example:
#
# defaultEnvironment: dev
# environments:
#   dev: {{}}
#   prod: {{store: "sqlite:////var/lib/pool-as-code/prod.db", protected: true}}
"""

_WORKSPACE = """\
# yaml-language-server: $schema=../.schemas/pool-as-code.schema.json
# An authorization server. On the real service it is there already; in an embedded directory apply creates it.
apiVersion: pool-as-code/v1
kind: Workspace
metadata: {name: shop}
spec: {displayName: Shop}
"""

_SCHEMA = """\
# yaml-language-server: $schema=../.schemas/pool-as-code.schema.json
# What is known of a customer. The pool in customers.yaml refers to it by its name.
apiVersion: pool-as-code/v1
kind: Schema
metadata: {name: customer-profile}
spec:
  displayName: Customer profile
  schema:
    type: object
    properties:
      first_name: {type: string, minLength: 1}
      last_name: {type: string, minLength: 1}
      phone: {type: string, pattern: '^\\+[1-9][0-9]{6,14}$'}
    required: [first_name, last_name]
    additionalProperties: false
"""

_POOL = """\
# yaml-language-server: $schema=../.schemas/pool-as-code.schema.json
# The pool: how customers sign in, and what their passwords must be. Only what is written here is managed; everything
# else is left as the store has it. All fields: pac explain IdentityPool
apiVersion: pool-as-code/v1
kind: IdentityPool
metadata:
  name: customers # other documents refer to it by this name
  workspace: shop # whose applications its users may use
  protect: true # refuses deletion; take it out first
spec:
  displayName: Customers
  signIn:
    firstFactor: {methods: [password, email_otp], preferred: password}
    secondFactor: {methods: [totp], preferred: totp}
    identifiersIgnoreCase: true
    totpIssuer: Shop # what authenticator apps show beside the codes
  registrationModes: {selfRegistration: true, adminInitiated: true}
  recovery: {selfReset: true}
  passwordPolicy: {minLength: 12, history: 5, strength: strong}
  passwordSettings: {hashingMethod: argon2}
  schemas: {profile: customer-profile}
---
# A group. Its users name it in their `groups`.
apiVersion: pool-as-code/v1
kind: Group
metadata: {name: support, pool: customers}
spec: {displayName: Support, description: May see orders}
"""

_USERS = """\
# yaml-language-server: $schema=../.schemas/pool-as-code.schema.json
# A first user. Profiles, passwords and addresses are written once; from then on they are the user's own.
apiVersion: pool-as-code/v1
kind: User
metadata: {name: ada, pool: customers}
spec:
  status: active
  identifiers: [{email: ada@example.com}]
  addresses: [{email: ada@example.com, verified: true}]
  profile: {first_name: Ada, last_name: Lovelace}
  groups: [support]
  # No password is ever written in a manifest. With this line apply reads it from the environment, once, when it
  # creates the user:
  #
  # password: {initial: {fromEnv: ADA_PASSWORD}}
"""


def starter_files(name: str, project_id: str) -> dict[str, str]:
    """Relative path -> text. `name` is what people will call the project."""
    from .jsonschema import manifest_schema, schema_named, schema_text

    return {
        "pool-as-code.yaml": _PROJECT.format(id=project_id, name=dump([{"name": name}]).rstrip("\n")),
        "manifests/workspace.yaml": _WORKSPACE,
        "manifests/schemas.yaml": _SCHEMA,
        "manifests/customers.yaml": _POOL,
        "manifests/users.yaml": _USERS,
        ".schemas/pool-as-code.schema.json": schema_text(manifest_schema()),
        ".schemas/project.schema.json": schema_text(schema_named("Project")),
        ".gitignore": f"# The embedded directory: users and their password hashes.\n{IGNORED}\n",
    }
