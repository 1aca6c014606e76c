"""The table of rules, in the order of their codes."""

from __future__ import annotations

from .rule import Rule, Table
from .rules import codes, customers, house, passwords, people, schemas, sign_in

RULES = Table(
    (
        Rule("PAC410", "second-factor-missing", "warn", sign_in.missing),
        Rule("PAC411", "second-factor-skippable", "warn", sign_in.skippable),
        Rule("PAC412", "second-factor-without-effect", "warn", sign_in.without_effect),
        Rule("PAC413", "second-factor-weak", "info", sign_in.weak, (sign_in.WEAK,)),
        Rule("PAC414", "one-mailbox-both-factors", "warn", sign_in.one_mailbox),
        Rule("PAC415", "device-remembered-too-long", "warn", sign_in.remembered, (sign_in.REMEMBERED,)),
        Rule("PAC416", "identifiers-case-sensitive", "warn", sign_in.case_sensitive),
        Rule("PAC417", "totp-issuer-missing", "info", sign_in.no_issuer),
        Rule("PAC418", "password-too-short", "warn", passwords.short, (passwords.SHORT,)),
        Rule("PAC419", "password-guessable", "warn", passwords.guessable, (passwords.GUESSABLE,)),
        Rule("PAC420", "password-hashing-weak", "warn", passwords.hashing, (passwords.HASHING,)),
        Rule("PAC421", "password-expires", "info", passwords.expiring, (passwords.EXPIRING,)),
        Rule("PAC422", "imported-hash-weak", "warn", passwords.imported),
        Rule("PAC423", "forced-reset-in-future", "warn", passwords.reset_in_future),
        Rule("PAC424", "code-lives-too-long", "warn", codes.long_lived, codes.LONG_LIVED),
        Rule("PAC425", "code-too-short", "warn", codes.short, (codes.SHORT,)),
        Rule("PAC426", "relying-party-missing", "warn", codes.no_relying_party),
        Rule("PAC427", "origin-outside-relying-party", "warn", codes.origins),
        Rule("PAC428", "development-origin", "warn", codes.development_origin),
        Rule("PAC429", "too-few-passkeys", "warn", codes.few_passkeys, (codes.FEW_PASSKEYS,)),
        Rule("PAC430", "open-beside-administrators", "warn", people.beside_administrators, (people.ADMINISTRATORS,)),
        Rule("PAC431", "open-profile", "info", people.open_profile),
        Rule("PAC432", "administrator-password-stays", "warn", people.lasting_password, (people.ADMINISTRATORS,)),
        Rule("PAC433", "credentials-without-identifier", "warn", people.no_name),
        Rule("PAC435", "domain-shared", "warn", customers.shared_domain),
        Rule("PAC436", "domain-of-everybody", "warn", customers.public_domain, (customers.PUBLIC,)),
        Rule("PAC437", "method-not-allowed-above", "warn", customers.wider),
        Rule("PAC438", "template-with-users", "warn", customers.template_with_users),
        Rule("PAC439", "schema-unused", "warn", schemas.unused, everywhere=True),
        Rule("PAC440", "required-not-allowed", "error", schemas.unknown_required),
        Rule("PAC441", "keyword-without-effect", "warn", schemas.without_effect),
        Rule("PAC442", "pattern-not-anchored", "info", schemas.unanchored),
        Rule("PAC443", "attribute-visible", "info", schemas.visible, (schemas.NAMES,)),
        Rule("PAC444", "pool-not-protected", "warn", house.unprotected),
        Rule("PAC445", "display-name-shared", "info", house.shared_name),
        Rule("PAC446", "name-convention", "warn", house.naming, (house.PATTERN, house.KINDS)),
        Rule("PAC447", "label-missing", "warn", house.labels, (house.LABELS, house.LABELLED)),
    )
)
