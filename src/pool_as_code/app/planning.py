"""Planning: manifests and a store in, a plan out. Nothing is written, no store is created."""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass, replace
from pathlib import Path

from .. import __version__
from ..core.address import Address
from ..core.diagnostics import Diagnostic, has_errors
from ..core.errors import InvalidInput
from ..core.urls import shown_url
from ..manifest.load import Loaded
from ..plan import codec
from ..plan.build import build_plan
from ..plan.findings import CATALOGUE_BY_CODE
from ..plan.findings.users import added_identifiers
from ..plan.model import Action, Finding, Plan, Target
from ..plan.world import Permissions, World
from ..resources.live import Owner
from ..resources.registry import by_word
from ..resources.state import State
from ..resources.suggest import nearest
from ..stores.base import IdentifierKey, Scope, Store
from .bindings import at_their_bindings
from .foreseeing import foreseen
from .guarding import found_against_base, told_first
from .reading import no_cyclic_collection, read_matching
from .request import PlanOptions, Request, Tell
from .session import Session, open_directory, open_session, read_manifests, without_errors
from .targeting import in_target_of


@dataclass(frozen=True)
class Planned:
    """A plan, the warnings of the manifests, and the unmanaged objects (ids by kind word) when they were asked for.
    `protected`: only what was reviewed is applied in its environment."""

    plan: Plan
    diagnostics: tuple[Diagnostic, ...] = ()
    unmanaged: tuple[str, ...] = ()
    protected: bool = False


def make_plan(request: Request, options: PlanOptions, tell: Tell) -> Planned:
    """Compare and judge. Raises InvalidInput for wrong manifests, a StoreError when the store does not answer."""
    session = open_session(request)
    tell(session.headline)
    with no_cyclic_collection():
        loaded = read_manifests(session)
        beforehand = found_against_base(request, session.project, [(session.environment, loaded)], options.allow)
        with told_first(beforehand):
            without_errors(loaded)
            store = open_directory(session, read_only=True)
            try:
                world = read_world(session, loaded, store, options, beforehand=beforehand)
                plan = planned(world, store)
                unmanaged = _unmanaged(world, store) if options.unmanaged else ()
                told = (*loaded.diagnostics, *getattr(store, "diagnostics", ()))
            finally:
                store.close()
    return Planned(plan, told, unmanaged, session.environment.protected)


def planned(world: World, store: Store) -> Plan:
    """The plan of a world, with what the store foresees about it."""
    owner = Owner(world.target.project, world.target.environment)
    return foreseen(_compared(world, store), store, owner, world.permissions.allowed)


def _compared(world: World, store: Store) -> Plan:
    """The bare plan. Where it adds identifiers to live users, their present holders are looked up as well."""
    plan = build_plan(world)
    wanted = {
        IdentifierKey(change.pool_id, value)
        for change in plan.changes
        if change.address.kind == "user" and change.action is not Action.CREATE
        for value in added_identifiers(change)
    }
    if not wanted:
        return plan
    known = {user.id for user in world.observed.get("user", ())}
    pools = frozenset(key.pool_id for key in wanted)
    holders = store.read(Scope("user", pools, identifiers=frozenset(wanted)))
    strangers = [user for user in holders if user.id not in known]
    if not strangers:
        return plan
    return build_plan(replace(world, observed={**world.observed, "user": [*world.observed["user"], *strangers]}))


def read_world(
    session: Session,
    loaded: Loaded,
    store: Store,
    options: PlanOptions,
    *,
    verb: str = "apply",
    beforehand: tuple[Finding, ...] = (),
) -> World:
    """Everything the planner looks at; raises InvalidInput where matching found a contradiction. `beforehand` are findings
    about the manifests themselves."""
    check_options(options)
    desired = State() if options.destroy else State({**loaded.around.resources, **loaded.state.resources})
    bindings = {} if options.destroy else session.environment.bindings
    matches, observed, records = read_matching(store, desired, session.owner, bindings)
    if has_errors(matches.problems):
        problems = at_their_bindings(matches.problems, session)
        raise InvalidInput("live objects do not answer clearly to the manifests", problems)
    whole = loaded.whole_project and not options.targets and not options.selector
    if (options.prune or options.destroy) and not whole:
        raise InvalidInput(
            "deleting needs the whole project",
            [
                Diagnostic(
                    "PAC331",
                    f"{'destroy' if options.destroy else '--prune'} does not go with paths, standard input, --target "
                    "or --selector",
                    detail="what a part of the project does not declare may stand in another part",
                    hint="repeat without them, in the project folder",
                )
            ],
        )
    in_target = in_target_of(loaded, options, desired, records)
    project = session.project
    of_project = project.max_deletes if project else {}
    permitted = {**of_project, **session.environment.max_deletes, **options.max_deletes}
    return World(
        desired=desired,
        matches=matches,
        records=records,
        observed=observed,
        target=Target(
            store=shown_url(session.store_url),
            fingerprint=store.fingerprint(),
            project=session.owner.project,
            project_name=project.name if project else "",
            environment=session.environment.name,
        ),
        capabilities=store.capabilities,
        counts={word: store.count(word) for word in by_word()},
        members=store.members,
        permissions=Permissions(permitted, frozenset(options.confirm), frozenset(options.allow)),
        in_target=in_target,
        whole_project=whole,
        prune=options.prune,
        destroy=options.destroy,
        protected=session.environment.protected,
        beforehand=beforehand,
        command=_command(session, options, verb),
        tool_version=__version__,
    )


def _command(session: Session, options: PlanOptions, verb: str) -> str:
    """How to say the same again, for the next steps in findings."""
    words = ["pac", "destroy" if options.destroy else verb, *session.request.paths]
    if session.request.env:
        words += ["--env", session.request.env]
    if session.request.store:
        words += ["--store", shown_url(session.request.store)]
    for name, text in session.request.variables.items():
        words += ["--var", f"{name}={text}"]
    if session.request.base:
        words += ["--base", session.request.base]
    for text in options.selector:
        words += ["--selector", text]
    if options.prune:
        words.append("--prune")
    for word, number in sorted(options.max_deletes.items()):
        words += ["--max-deletes", f"{word}={number}"]
    for address in options.confirm:
        words += ["--confirm", address]
    for code in options.allow:
        words += ["--allow", code]
    return shlex.join(words)


def check_options(options: PlanOptions) -> None:
    """Raise InvalidInput where `allow`, `max_deletes` or `confirm` name what there is not."""
    problems = []
    for text in options.allow:
        code, _, address = text.partition("@")
        doc = CATALOGUE_BY_CODE.get(code)
        if doc is None or not doc.allowable:
            near = nearest(code, [d.code for d in CATALOGUE_BY_CODE.values() if d.allowable])
            problems.append(
                Diagnostic(
                    "PAC332",
                    f"--allow {text}: " + ("that finding has a way of its own" if doc else "no such finding"),
                    detail=doc.next_step if doc else "",
                    hint=f"did you mean {near!r}?" if near and not doc else "",
                )
            )
        elif address:
            problems += _bad_address("--allow", address)
    for word in options.max_deletes:
        if word not in by_word():
            near = nearest(word, by_word())
            problems.append(
                Diagnostic(
                    "PAC332",
                    f"--max-deletes {word}=...: no such kind",
                    detail=f"kinds: {', '.join(by_word())}",
                    hint=f"did you mean {near!r}?" if near else "",
                )
            )
    for text in options.confirm:
        problems += _bad_address("--confirm", text)
    if problems:
        raise InvalidInput("the options have errors", problems)


def _bad_address(option: str, text: str) -> list[Diagnostic]:
    try:
        Address.parse(text)
    except ValueError as error:
        return [Diagnostic("PAC332", f"{option} {text}: not an address", detail=str(error))]
    return []


def _unmanaged(world: World, store: Store) -> tuple[str, ...]:
    """Ids of the live objects of the kinds that were read whole and that nobody declared or owns here."""
    ours = {(a.kind, r.remote_id) for a, r in world.records.items()} | set(world.matches.taken)
    found: list[str] = []
    for word in by_word():
        for live in store.read(Scope(word, everything=True)):
            key = (live.kind, live.id)
            if key not in ours and key not in world.system:
                found.append(f"{word}/{live.pool_id + '/' if live.pool_id else ''}{live.id}")
    return tuple(sorted(found))


def save_plan(plan: Plan, path: Path) -> None:
    """Write a plan file, whole or not at all, readable by its owner alone."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    except OSError as error:
        error.filename = str(path)  # the file that somebody named
        raise
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(codec.dumps(plan))
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def read_plan(path: Path) -> Plan:
    """A saved plan; raises InvalidInput for a file that is none, or that somebody changed."""
    try:
        text = path.read_bytes()
    except OSError as error:
        raise InvalidInput(
            f"the plan file {path} can not be read",
            [Diagnostic("PAC312", f"the plan file {path} can not be read", detail=str(error.strerror))],
        ) from None
    with no_cyclic_collection():
        return codec.loads(text, str(path))
