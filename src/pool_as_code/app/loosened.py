"""What a branch loosens against its base: guards of the project file and of the manifests, and where credentials come from and
go. Pure: two sides in, findings out, the riskiest first. What lets credentials go elsewhere, or lets more happen unseen, blocks;
what wants a second look warns; what is stricter now is only told."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..core.address import Address
from ..core.diagnostics import Severity
from ..core.hosts import hosts_of
from ..core.secrets import SecretRef
from ..core.urls import shown_url
from ..core.values import as_list, as_map
from ..lint.config import effective
from ..lint.config import loosened as looser_rules
from ..lint.waivers import added as added_waivers
from ..manifest.project import Environment, Project
from ..plan.findings.deletion import FREE
from ..plan.model import Finding
from ..resources.registry import by_word
from ..resources.state import Resource

CODE, STRICTER = "guard-loosened", "guard-tightened"


@dataclass(frozen=True)
class Side:
    """A project at one commit, in one environment (None where it has none of that name). `resources` are its effective
    documents; None where they can not be read: then project files alone are compared."""

    project: Project
    environment: Environment | None
    resources: Mapping[Address, Resource] | None = field(default=None, repr=False)


def compare(before: Side, after: Side, ref: str) -> tuple[Finding, ...]:
    """Everything that `after` loosens against `before`, which is the project at `ref`."""
    found = _Comparison(before, after, ref)
    settings = [*found.ownership(), *found.environments(), *found.stores(), *found.protection(), *found.deletes()]
    rules = [*found.rules(), *found.waivers(), *found.folders(), *found.bindings(), *found.default()]
    declared = [*found.commands(), *found.protected(), *found.adopted(), *found.methods(), *found.references()]
    return tuple(in_order_of_risk([*settings, *rules, *declared]))


def in_order_of_risk(found: list[Finding]) -> list[Finding]:
    """The severest first, otherwise as they came."""
    ranks = {Severity.BLOCK: 0, Severity.WARN: 1}
    return sorted(found, key=lambda finding: ranks.get(finding.severity, 2))


def loosened(address: str, reason: str, detail: str = "", severity: Severity = Severity.BLOCK) -> Finding:
    """A finding, with the option that lifts it where it blocks. `address` is that of an object, or a place in the project
    file with slashes: `project/environments/prod/store`."""
    allow = f"--allow {shlex.quote(f'{CODE}@{address}')}"
    step = f"if it is meant: {allow}" if severity is Severity.BLOCK else ""
    return Finding(CODE, severity, reason, address, step, detail)


def counterpart(before: Project, after: Project, environment: Environment) -> Environment | None:
    """What an environment of `after` was in `before`: of the same name, else the only one with the same store. A project without
    environments has one, whatever it is called."""
    if not before.environments:
        return Environment()
    if environment.name in before.environments:
        return before.environments[environment.name]
    if not after.environments:
        return before.environments.get(before.default_environment) or next(iter(before.environments.values()))
    place = _place(environment.store)
    same = [other for other in before.environments.values() if environment.store and _place(other.store) == place]
    return same[0] if len(same) == 1 else None


class _Comparison:
    def __init__(self, before: Side, after: Side, ref: str) -> None:
        self.before, self.after, self.ref = before, after, ref
        self.old, self.new = before.environment, after.environment

    def was(self, what: object) -> str:
        """How it was, for a finding's detail."""
        return f"(at {self.ref}: {what})"

    @property
    def here(self) -> str:
        """The place of the environment in the project file."""
        environments = self.after.project.environments
        return f"project/environments/{self.new.name}" if self.new and self.new.name in environments else "project"

    # -- the project file

    def ownership(self) -> Iterator[Finding]:
        old, new = self.before.project.id, self.after.project.id
        if old != new:
            reason = (
                f"the project's id is {new}: it owns nothing of what was applied, and guards over that hold no more"
            )
            yield loosened("project/id", reason, self.was(old))

    def environments(self) -> Iterator[Finding]:
        if self.old is not None and self.new is not None and self.old.name != self.new.name:
            reason = f"environment {self.old.name} is called {self.new.name} now, and owns nothing under that name"
            yield loosened(f"project/environments/{self.old.name}", reason)
        for name in self.before.project.environments:
            if self.old is not None and name == self.old.name:
                continue
            if name not in self.after.project.environments:
                reason = f"environment {name} is not there any more; what it owns stays, and nobody guards it"
                yield loosened(f"project/environments/{name}", reason)

    def stores(self) -> Iterator[Finding]:
        if self.old is None or self.new is None or self.old.store == self.new.store:
            return
        old, new = (shown_url(url) if url else "not said" for url in (self.old.store, self.new.store))
        reason = f"the store is {new}" if old != new else "the user or the options in the store's URL differ"
        yield loosened(f"{self.here}/store", reason, self.was(old))

    def protection(self) -> Iterator[Finding]:
        if self.old is None or self.new is None or self.old.protected is self.new.protected:
            return
        address = f"{self.here}/protected"
        if self.old.protected:
            yield loosened(
                address, f"environment {self.new.name} is not protected any more", self.was("protected: true")
            )
        else:
            yield self.stricter(address, f"environment {self.new.name} is protected now")

    def deletes(self) -> Iterator[Finding]:
        if self.old is None or self.new is None:
            return
        before = {**self.before.project.max_deletes, **self.old.max_deletes}
        after = {**self.after.project.max_deletes, **self.new.max_deletes}
        for word in by_word():
            old, new = before.get(word), after.get(word)
            if old == new:
                continue
            usual = FREE.get(word, 0)
            place = self.here if word in self.new.max_deletes or word in self.old.max_deletes else "project"
            address = f"{place}/maxDeletes/{word}"
            if (new if new is not None else usual) > (old if old is not None else 0):
                says = f"{new:,} deletes of kind {word} are permitted" if new is not None else f"no limit for {word}"
                yield loosened(address, says, self.was(f"{old:,}" if old is not None else "the usual limits"))
            else:
                yield self.stricter(address, f"fewer deletes of kind {word} are permitted")

    def rules(self) -> Iterator[Finding]:
        before, after = effective(self.before.project.rules), effective(self.after.project.rules)
        for sentence in looser_rules(before, after):
            name = sentence.removeprefix("rule ").partition(":")[0]
            yield loosened(f"project/rules/{name}", f"lint {sentence}")

    def waivers(self) -> Iterator[Finding]:
        before, after = self.before.project.waivers, self.after.project.waivers
        known = {(w.rule, w.address): w.expires for w in before}
        for waiver in added_waivers(before, after):
            where = f" at {waiver.address}" if waiver.address else " everywhere"
            earlier = known.get((waiver.rule, waiver.address), "")
            reason = f"breaches of {waiver.rule} are accepted{where} until {waiver.expires}"
            yield loosened(
                _of_waiver(waiver.rule, waiver.address), reason, self.was(f"until {earlier}" if earlier else "no")
            )
        for waiver in added_waivers(after, before):
            address = _of_waiver(waiver.rule, waiver.address)
            yield self.stricter(address, f"a waiver of {waiver.rule} is gone or ends earlier")

    def folders(self) -> Iterator[Finding]:
        before, after = self.before.project, self.after.project
        old = {*before.manifests, *(self.old.manifests if self.old else ())}
        for folder in dict.fromkeys((*after.manifests, *(self.new.manifests if self.new else ()))):
            known = folder in old and (_is_outside(before.root, folder) or not (before.root / folder).exists())
            if _is_outside(after.root, folder) and not known:
                reason = f"manifests come from {folder}, outside of the project"
                yield loosened("project/manifests", reason)

    def bindings(self) -> Iterator[Finding]:
        old = self.old.bindings if self.old else {}
        for address, id in (self.new.bindings if self.new else {}).items():
            if address not in old:
                reason = f"it is bound to the live object {id}, which is taken over if it is declared"
                yield loosened(str(address), reason, severity=Severity.WARN)
            elif old[address] != id:
                yield loosened(str(address), f"it is bound to another live object: {id}", self.was(old[address]))

    def default(self) -> Iterator[Finding]:
        old, new = self.before.project.default_environment, self.after.project.default_environment
        if old != new:
            reason = (
                f"without --env commands go to environment {new}" if new else "there is no defaultEnvironment any more"
            )
            yield loosened("project/defaultEnvironment", reason, self.was(old or "none"), Severity.WARN)

    # -- the effective documents

    def pairs(self) -> Iterator[tuple[Resource | None, Resource]]:
        """Every declared object with what it was; a renamed one with what it was under its former name."""
        old, new = self.before.resources, self.after.resources
        if old is None or new is None:
            return
        for address, resource in new.items():
            yield old.get(address) or _under_former_name(resource, old), resource

    def commands(self) -> Iterator[Finding]:
        for old, new in self.pairs():
            before = _references(old)
            for field_name, reference in _references(new).items():
                if reference.source == "fromCommand" and before.get(field_name) != reference:
                    reason = f"{field_name} comes from a command that was not there; it would run where apply runs"
                    yield loosened(str(new.address), reason)

    def protected(self) -> Iterator[Finding]:
        continued: set[Address] = set()
        for old, new in self.pairs():
            if old is None:
                continue
            continued.add(old.address)
            if not old.metadata.get("protect"):
                if new.metadata.get("protect"):
                    yield self.stricter(str(new.address), "it is protected from deletion now")
            elif not new.metadata.get("protect"):
                yield loosened(
                    str(new.address), "it is not protected from deletion any more", self.was("protect: true")
                )
            elif new.metadata.get("state") == "released" != old.metadata.get("state"):
                yield loosened(
                    str(new.address), "it is given up, and its protection with it", self.was("protect: true")
                )
        for address, resource in (self.before.resources or {}).items():
            if self.after.resources is not None and resource.metadata.get("protect") and address not in continued:
                reason = "it is not declared any more; it stays protected, since the store keeps that"
                yield loosened(str(address), reason, severity=Severity.INFO)

    def adopted(self) -> Iterator[Finding]:
        for old, new in self.pairs():
            consent = new.metadata.get("adopt")
            if isinstance(consent, dict) and (old is None or old.metadata.get("adopt") != consent):
                reason = f"it is taken over from another project: {consent.get('from')}"
                yield loosened(str(new.address), reason)

    def methods(self) -> Iterator[Finding]:
        for old, new in self.pairs():
            if _allows_unknown(new) and not _allows_unknown(old):
                reason = "signIn.allowUnknownMethods is on: methods that nobody here knows pass unchecked"
                yield loosened(str(new.address), reason, severity=Severity.WARN)

    def references(self) -> Iterator[Finding]:
        for old, new in self.pairs():
            before = _references(old)
            for field_name, reference in _references(new).items():
                earlier = before.get(field_name)
                if earlier not in (None, reference) and reference.source != "fromCommand":
                    reason = f"{field_name} comes from {reference}"
                    yield loosened(str(new.address), reason, self.was(_shown(earlier)), Severity.WARN)

    def stricter(self, address: str, reason: str) -> Finding:
        return Finding(STRICTER, Severity.INFO, f"{reason} (compared with {self.ref})", address)


def _place(url: str) -> tuple[str, ...]:
    """What two URLs of one place have in common."""
    try:
        hosts = [str(host) for host in hosts_of(url)]
    except ValueError:
        return (url,)
    shown = shown_url(url)
    return (*hosts, shown.partition("://")[2].partition("/")[2].strip("/")) if hosts else (shown,)


def _of_waiver(rule: str, address: str) -> str:
    return f"project/waivers/{rule}" + (f"/{address}" if address else "")


def _is_outside(root: Path, folder: str) -> bool:
    """Whether a folder of manifests lies outside of its project, by its name or by links."""
    if os.path.normpath(folder).startswith("..") or Path(folder).is_absolute():
        return True
    try:
        return not (root / folder).resolve().is_relative_to(root.resolve())
    except (OSError, RuntimeError):
        return True


def _under_former_name(resource: Resource, old: Mapping[Address, Resource]) -> Resource | None:
    for name in as_list(resource.metadata.get("previousNames")):
        container = resource.address.container
        found = old.get(Address(resource.address.kind, f"{container}/{name}" if container else str(name)))
        if found is not None:
            return found
    return None


def _references(resource: Resource | None) -> dict[str, SecretRef]:
    """Field -> where its secret comes from."""
    if resource is None or resource.address.kind != "user":
        return {}
    found: dict[str, SecretRef] = {}
    for section, key in (("password", "initial"), ("password", "hash"), ("totp", "secret")):
        reference = SecretRef.from_json(as_map(resource.spec.get(section)).get(key))
        if reference is not None:
            found[f"{section}.{key}"] = reference
    return found


def _shown(reference: SecretRef | None) -> str:
    return "a command" if reference is not None and reference.source == "fromCommand" else str(reference)


def _allows_unknown(resource: Resource | None) -> bool:
    return resource is not None and as_map(resource.spec.get("signIn")).get("allowUnknownMethods") is True


__all__ = ["CODE", "STRICTER", "Side", "compare", "counterpart", "in_order_of_risk", "loosened"]
