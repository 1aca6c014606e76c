"""For every rule what it complains about and what it leaves alone. `Example(rule, bad, good)`: each bad text has exactly one breach
of the rule at `path`, each good text none."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Example:
    """`options` configure the rule, `protected` says that the environment is."""

    rule: str
    path: Path
    bad: tuple[str, ...]
    good: tuple[str, ...]
    options: dict[str, Any] = field(default_factory=dict)
    protected: bool = False


def pool(spec: str, metadata: str = "") -> str:
    """A pool's document."""
    return f"{{kind: IdentityPool, metadata: {{name: people{metadata}}}, spec: {{{spec}}}}}\n"


def user(spec: str, metadata: str = "") -> str:
    """A user's document, in that pool."""
    return f"---\n{{kind: User, metadata: {{name: ada, pool: people{metadata}}}, spec: {{{spec}}}}}\n"


def schema(written: str, name: str = "facts") -> str:
    """A schema's document."""
    return f"---\n{{kind: Schema, metadata: {{name: {name}}}, spec: {{schema: {{{written}}}}}}}\n"


def organization(name: str, spec: str, parent: str = "") -> str:
    """An organization's document."""
    above = f", parent: {parent}" if parent else ""
    return f"---\n{{kind: Organization, metadata: {{name: {name}{above}}}, spec: {{{spec}}}}}\n"


def workspace(spec: str = "") -> str:
    """The workspace `desk`."""
    return f"---\n{{kind: Workspace, metadata: {{name: desk}}, spec: {{{spec}}}}}\n"


def factors(first: str, second: str | None = None, more: str = "") -> str:
    """The section signIn."""
    other = f", secondFactor: {{methods: [{second}]}}" if second is not None else ""
    return f"signIn: {{firstFactor: {{methods: [{first}]}}{other}{more}}}"


ADOPTED = ", adopt: true"
ADMIN = ", labels: {purpose: admin}"
SECOND: Path = ("spec", "signIn", "secondFactor")
PASSWORD = factors("password", "totp")
SECRET = "{fromEnv: WORD}"

EXAMPLES = (
    Example(
        "second-factor-missing",
        (*SECOND, "methods"),
        bad=(
            pool(factors("password")),
            pool(factors("password, webauthn", "")),
            pool("signIn: {firstFactor: {methods: null}, secondFactor: {methods: null}}"),
            pool(factors("password", ""), ADOPTED),
        ),
        good=(
            pool(factors("password", "totp")),
            pool(factors("webauthn")),
            pool(factors("")),
            pool("displayName: Records"),
            pool(factors("password"), ADOPTED),
            pool(factors("password"), ", id: p1"),
        ),
    ),
    Example(
        "second-factor-skippable",
        (*SECOND, "skipIfNotEnrolled"),
        bad=(pool("signIn: {secondFactor: {methods: [totp], skipIfNotEnrolled: true}}"),),
        good=(
            pool("signIn: {secondFactor: {methods: [totp], skipIfNotEnrolled: false}}"),
            pool("signIn: {secondFactor: {methods: [totp], skipIfNotEnrolled: null}}"),
            pool("signIn: {secondFactor: {methods: [], skipIfNotEnrolled: true}}"),
            pool(factors("password", "totp")),
        ),
    ),
    Example(
        "second-factor-without-effect",
        (*SECOND, "rememberDeviceFor"),
        bad=(
            pool("signIn: {secondFactor: {methods: [], rememberDeviceFor: 30d}}"),
            pool("signIn: {secondFactor: {rememberDeviceFor: 30d, skipFromAssurance: 60}}"),
        ),
        good=(
            pool("signIn: {secondFactor: {methods: [totp], rememberDeviceFor: 30d}}"),
            pool("signIn: {secondFactor: {rememberDeviceFor: 30d}}", ADOPTED),
            pool("signIn: {secondFactor: {methods: [], rememberDeviceFor: 0s, skipIfNotEnrolled: false}}"),
        ),
    ),
    Example(
        "second-factor-weak",
        (*SECOND, "methods"),
        bad=(pool(factors("password", "sms_otp")), pool(factors("password", "email_otp, sms_otp"))),
        good=(pool(factors("password", "sms_otp, totp")), pool(factors("password", "")), pool(factors("password"))),
    ),
    Example(
        "one-mailbox-both-factors",
        (*SECOND, "methods"),
        bad=(
            pool(factors("password", "email_otp")),
            pool(factors("password", "email_otp") + ", recovery: {selfReset: true}", ADOPTED),
        ),
        good=(
            pool(factors("password", "email_otp") + ", recovery: {selfReset: false}"),
            pool(factors("password", "email_otp, totp")),
            pool(factors("webauthn", "email_otp")),
            pool(factors("password", "email_otp"), ADOPTED),
        ),
    ),
    Example(
        "device-remembered-too-long",
        (*SECOND, "rememberDeviceFor"),
        bad=(pool("signIn: {secondFactor: {methods: [totp], rememberDeviceFor: 31d}}"),),
        good=(
            pool("signIn: {secondFactor: {methods: [totp], rememberDeviceFor: 720h}}"),
            pool(factors("password", "totp")),
        ),
    ),
    Example(
        "identifiers-case-sensitive",
        ("spec", "signIn", "identifiersIgnoreCase"),
        bad=(
            pool(factors("password")),
            pool(factors("password", more=", identifiersIgnoreCase: false")),
            pool(factors("password", more=", identifiersIgnoreCase: false"), ADOPTED),
        ),
        good=(
            pool(factors("password", more=", identifiersIgnoreCase: true")),
            pool(factors("")),
            pool("displayName: Records"),
            pool(factors("password"), ADOPTED),
        ),
    ),
    Example(
        "totp-issuer-missing",
        ("spec", "signIn", "totpIssuer"),
        bad=(pool(factors("password", "totp")), pool(factors("totp", more=", totpIssuer: ''"))),
        good=(
            pool(factors("password", "totp", ", totpIssuer: Shop")),
            pool(factors("password", "webauthn")),
            pool(factors("password", "totp"), ADOPTED),
        ),
    ),
    Example(
        "password-too-short",
        ("spec", "passwordPolicy", "minLength"),
        bad=(
            pool(PASSWORD),
            pool("passwordPolicy: {minLength: 11}"),
            pool("passwordPolicy: {minLength: null}", ADOPTED),
            pool("passwordPolicy: {digits: 1}"),
        ),
        good=(
            pool("passwordPolicy: {minLength: 12}"),
            pool(factors("webauthn") + ", passwordPolicy: {minLength: 4}"),
            pool("passwordPolicy: {digits: 1}", ADOPTED),
            pool("displayName: Records"),
        ),
    ),
    Example(
        "password-guessable",
        ("spec", "passwordPolicy", "strength"),
        bad=(
            pool(PASSWORD),
            pool("passwordPolicy: {strength: weak}"),
            pool("passwordPolicy: {strength: any}", ADOPTED),
        ),
        good=(
            pool("passwordPolicy: {strength: fair}"),
            pool("passwordPolicy: {strength: very_strong}"),
            pool("passwordPolicy: {minLength: 12}", ADOPTED),
            pool(factors("email_otp")),
        ),
    ),
    Example(
        "password-hashing-weak",
        ("spec", "passwordSettings", "hashingMethod"),
        bad=tuple(pool(f"passwordSettings: {{hashingMethod: {word}}}") for word in ("sha", "bcrypt", "pbkdf2")),
        good=(pool("passwordSettings: {hashingMethod: argon2}"), pool(PASSWORD)),
    ),
    Example(
        "password-expires",
        ("spec", "passwordSettings", "expiresAfter"),
        bad=(pool("passwordSettings: {expiresAfter: 90d}"),),
        good=(
            pool("passwordSettings: {expiresAfter: 365d}"),
            pool("passwordSettings: {expiresAfter: 0s}"),
            pool("passwordSettings: {expiresAfter: null}"),
            pool(PASSWORD),
        ),
    ),
    Example(
        "imported-hash-weak",
        ("spec", "password"),
        bad=(
            pool("") + user("password: {hash: '{SSHA}MTIzNDU2Nzg5MDEyMzQ1Njc4OTBzYWx0'}"),
            pool("") + user("password: {hash: '{MD5}X03MO1qnZdYdgyfeuILPmQ=='}"),
        ),
        good=(
            pool("") + user("password: {hash: '{MD5}X03MO1qnZdYdgyfeuILPmQ==', mustReset: true}"),
            pool("") + user("password: {hash: '{MD5}X03MO1qnZdYdgyfeuILPmQ==', mustChange: true}"),
            pool("") + user("password: {hash: {fromEnv: STORED}}"),
            pool("") + user(f"password: {{initial: {SECRET}}}"),
            pool("") + user("password: {hash: '$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy'}"),
        ),
    ),
    Example(
        "forced-reset-in-future",
        ("spec", "recovery", "forceReset", "totpSetBefore"),
        bad=(pool("recovery: {forceReset: {totpSetBefore: '2026-06-02T00:00:00Z'}}"),),
        good=(
            pool("recovery: {forceReset: {totpSetBefore: '2026-05-31T00:00:00Z'}}"),
            pool("recovery: {forceReset: {totpSetBefore: null}}"),
        ),
    ),
    Example(
        "code-lives-too-long",
        ("spec", "codes", "resetPassword", "ttl"),
        bad=(pool("codes: {resetPassword: {ttl: 2h}}"), pool("codes: {resetPassword: {length: 6, ttl: 61m}}")),
        good=(
            pool("codes: {resetPassword: {ttl: 1h}, activation: {ttl: 7d}, verifyAddress: {ttl: 24h}}"),
            pool("codes: {authentication: {ttl: 15m}, confirmBeforeSend: true}"),
        ),
    ),
    Example(
        "code-too-short",
        ("spec", "codes", "challenge", "length"),
        bad=(pool("codes: {challenge: {length: 4}}"),),
        good=(pool("codes: {challenge: {length: 6}, activation: {ttl: 1h}}"),),
    ),
    Example(
        "relying-party-missing",
        ("spec", "passkeySettings", "relyingPartyId"),
        bad=(pool(factors("webauthn")), pool(factors("password", "webauthn") + ", passkeySettings: {origins: []}")),
        good=(
            pool(factors("webauthn") + ", passkeySettings: {relyingPartyId: example.com}"),
            pool(factors("password")),
            pool(factors("webauthn"), ADOPTED),
        ),
    ),
    Example(
        "origin-outside-relying-party",
        ("spec", "passkeySettings", "origins", 1),
        bad=(
            pool("passkeySettings: {relyingPartyId: a.example, origins: ['https://a.example', 'https://b.example']}"),
            pool(
                "passkeySettings: {relyingPartyId: a.example, origins: ['https://x.a.example', 'https://xa.example']}"
            ),
            pool(
                "passkeySettings: {relyingPartyId: x.a.example, origins: ['https://x.a.example', 'https://a.example']}"
            ),
        ),
        good=(
            pool("passkeySettings: {relyingPartyId: a.example, origins: ['https://a.example:8443']}"),
            pool("passkeySettings: {relyingPartyId: a.example, origins: ['android:apk-key-hash:abc']}"),
            pool("passkeySettings: {origins: ['https://b.example']}"),
            pool("passkeySettings: {relyingPartyId: a.example, origins: ['https://[broken']}"),
            pool("passkeySettings: {relyingPartyId: localhost, origins: ['http://localhost:3000']}"),
        ),
    ),
    Example(
        "development-origin",
        ("spec", "passkeySettings", "origins", 0),
        bad=(pool("passkeySettings: {origins: ['http://localhost:3000']}"),),
        good=(pool("passkeySettings: {origins: ['https://a.example']}"),),
        protected=True,
    ),
    Example(
        "too-few-passkeys",
        ("spec", "poolLimits", "passkeysPerUser"),
        bad=tuple(pool(factors("webauthn") + f", poolLimits: {{passkeysPerUser: {count}}}") for count in (0, 1)),
        good=(
            pool(factors("webauthn") + ", poolLimits: {passkeysPerUser: 2}"),
            pool(factors("password") + ", poolLimits: {passkeysPerUser: 0}"),
            pool(factors("webauthn")),
        ),
    ),
    Example(
        "open-beside-administrators",
        ("spec", "registrationModes", "selfRegistration"),
        bad=(pool("registrationModes: {selfRegistration: true}") + user("status: active", ADMIN),),
        good=(
            pool("registrationModes: {selfRegistration: false}") + user("status: active", ADMIN),
            pool("registrationModes: {selfRegistration: true}") + user("status: active"),
            pool("displayName: Staff") + user("status: active", ADMIN),
        ),
    ),
    Example(
        "open-profile",
        ("spec", "schemas", "profile"),
        bad=(
            pool("registrationModes: {selfRegistration: true}, schemas: {profile: facts}")
            + schema("type: object, properties: {name: {type: string}}"),
        ),
        good=(
            pool("registrationModes: {selfRegistration: true}, schemas: {profile: facts}")
            + schema("type: object, additionalProperties: false"),
            pool("registrationModes: {selfRegistration: false}, schemas: {profile: facts}") + schema("type: object"),
            pool("registrationModes: {selfRegistration: true}, schemas: {profile: $default}"),
        ),
    ),
    Example(
        "administrator-password-stays",
        ("spec", "password", "mustChange"),
        bad=(pool("") + user(f"password: {{initial: {SECRET}}}", ADMIN),),
        good=(
            pool("") + user(f"password: {{initial: {SECRET}, mustChange: true}}", ADMIN),
            pool("") + user(f"password: {{initial: {SECRET}, mustReset: true}}", ADMIN),
            pool("") + user(f"password: {{initial: {SECRET}}}", ", labels: {purpose: test}"),
            pool("") + user("status: active", ADMIN),
        ),
    ),
    Example(
        "credentials-without-identifier",
        ("spec", "identifiers"),
        bad=(
            pool("") + user(f"status: active, password: {{initial: {SECRET}}}"),
            pool("") + user(f"status: active, identifiers: [], totp: {{secret: {SECRET}}}"),
        ),
        good=(
            pool("") + user(f"status: active, identifiers: [{{uid: ada}}], password: {{initial: {SECRET}}}"),
            pool("") + user(f"status: inactive, password: {{initial: {SECRET}}}"),
            pool("") + user("status: active"),
            pool("") + user(f"status: active, password: {{initial: {SECRET}}}", ADOPTED),
        ),
    ),
    Example(
        "domain-shared",
        ("spec", "domains", 0),
        bad=(organization("acme", "domains: [acme.example]") + organization("other", "domains: [ACME.example]"),),
        good=(
            organization("acme", "domains: [acme.example]") + organization("other", "domains: [other.example]"),
            organization("acme", "domains: [acme.example, www.acme.example]"),
        ),
    ),
    Example(
        "domain-of-everybody",
        ("spec", "domains", 1),
        bad=(organization("acme", "domains: [acme.example, Gmail.com]"),),
        good=(organization("acme", "domains: [gmail.com.acme.example]"), organization("acme", "displayName: Acme")),
    ),
    Example(
        "method-not-allowed-above",
        ("spec", "allowedMethods", 1),
        bad=(
            workspace("allowedMethods: [password]")
            + organization("acme", "allowedMethods: [password, totp]", parent="desk"),
            organization("group", "allowedMethods: [password]")
            + organization("acme", "allowedMethods: [password, totp]", parent="group"),
        ),
        good=(
            workspace("allowedMethods: [password, totp]")
            + organization("acme", "allowedMethods: [password]", parent="desk"),
            workspace() + organization("acme", "allowedMethods: [totp]", parent="desk"),
            workspace("allowedMethods: [password]") + organization("acme", "displayName: Acme", parent="desk"),
        ),
    ),
    Example(
        "template-with-users",
        ("spec", "template"),
        bad=(
            organization("base", "template: true") + "---\n" + pool("", ", organization: base") + user("status: new"),
        ),
        good=(
            organization("base", "template: true") + "---\n" + pool("", ", organization: base"),
            organization("base", "template: false") + "---\n" + pool("", ", organization: base") + user("status: new"),
            organization("base", "template: true") + "---\n" + pool("") + user("status: new"),
        ),
    ),
    Example(
        "schema-unused",
        ("metadata", "name"),
        bad=(schema("type: object"), pool("schemas: {profile: $default}") + schema("type: object")),
        good=(
            pool("schemas: {delegated: facts}") + schema("type: object"),
            pool("") + user("schemas: {profile: facts}") + schema("type: object"),
            pool("schemas: {profile: '$id:facts'}") + schema("type: object"),
        ),
    ),
    Example(
        "required-not-allowed",
        ("spec", "schema", "required", 1),
        bad=(
            schema(
                "type: object, properties: {name: {type: string}}, required: [name, nmae], additionalProperties: false"
            ),
        ),
        good=(
            schema("type: object, properties: {name: {type: string}}, required: [name], additionalProperties: false"),
            schema("type: object, properties: {name: {type: string}}, required: [name, nick]"),
            schema(
                "type: object, patternProperties: {'^x': {type: string}}, required: [xy], additionalProperties: false"
            ),
        ),
    ),
    Example(
        "keyword-without-effect",
        ("spec", "schema", "properties", "on", "minLength"),
        bad=(
            schema("type: object, properties: {'on': {type: boolean, minLength: 1}}"),
            schema("type: object, properties: {'on': {type: integer, minLength: 1}}"),
        ),
        good=(
            schema("type: object, properties: {'on': {type: string, minLength: 1}, of: {type: integer, minimum: 1}}"),
            schema("type: object, properties: {'on': {minLength: 1}}"),
        ),
    ),
    Example(
        "pattern-not-anchored",
        ("spec", "schema", "properties", "zip", "pattern"),
        bad=(schema("type: object, properties: {zip: {type: string, pattern: '[0-9]{5}'}}"),),
        good=(
            schema("type: object, properties: {zip: {type: string, pattern: '^[0-9]{5}$'}}"),
            schema("type: object, properties: {zip: {type: string, pattern: '@example.com$'}}"),
            schema("type: object, properties: {zip: {type: string, pattern: '^(a|b)'}}"),
            schema("type: object, properties: {zip: {type: string, pattern: '(^a|^b)'}}"),
            schema("type: object, properties: {zip: {type: string, pattern: '[A-Z]'}}"),
            schema("type: object, properties: {zip: {type: string, pattern: '\\S'}}"),
            schema("type: object, properties: {zip: {type: string, not: {pattern: '[<>]{2}'}}}"),
        ),
    ),
    Example(
        "attribute-visible",
        ("spec", "schema", "properties", "risk_level", "hidden"),
        bad=(
            pool("schemas: {administrative: facts}") + schema("type: object, properties: {risk_level: {type: string}}"),
        ),
        good=(
            pool("schemas: {administrative: facts}")
            + schema("type: object, properties: {risk_level: {type: string, hidden: true}, tier: {type: string}}"),
            pool("schemas: {profile: facts}") + schema("type: object, properties: {risk_level: {type: string}}"),
            pool("schemas: {administrative: facts}")
            + schema("type: object, properties: {notebook: {type: string}, asterisk: {type: string}}"),
        ),
    ),
    Example(
        "pool-not-protected",
        ("metadata", "protect"),
        bad=(pool(""), pool("", ", protect: false")),
        good=(pool("", ", protect: true"),),
        protected=True,
    ),
    Example(
        "display-name-shared",
        ("spec", "displayName"),
        bad=(
            pool("displayName: People")
            + "---\n{kind: IdentityPool, metadata: {name: others}, spec: {displayName: people}}",
            pool("")
            + "---\n{kind: Group, metadata: {name: a, pool: people}, spec: {displayName: Desk}}"
            + "\n---\n{kind: Group, metadata: {name: b, pool: people}, spec: {displayName: Desk}}",
        ),
        good=(
            workspace()
            + "---\n"
            + pool("displayName: People", ", workspace: desk")
            + "---\n{kind: IdentityPool, metadata: {name: others}, spec: {displayName: People}}",
            pool("") + "---\n{kind: IdentityPool, metadata: {name: others}, spec: {}}",
        ),
    ),
    Example(
        "name-convention",
        ("metadata", "name"),
        bad=(pool(""), schema("type: object")),
        good=("{kind: IdentityPool, metadata: {name: shop-people}, spec: {}}\n",),
        options={"pattern": "^shop-"},
    ),
    Example(
        "label-missing",
        ("metadata", "labels"),
        bad=(pool(""), pool("", ", labels: {owner: ''}")),
        good=(pool("", ", labels: {owner: team-a}"), schema("type: object")),
        options={"labels": ["owner"]},
    ),
)
