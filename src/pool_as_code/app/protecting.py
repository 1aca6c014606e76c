"""Protected environments: what is applied there was reviewed, whole, and by its digest or as a saved plan."""

from __future__ import annotations

import shlex

from ..core.diagnostics import Diagnostic, Severity
from ..core.errors import Refused
from ..core.urls import shown_url
from ..plan.model import Plan
from .request import ApplyOptions
from .session import Session


def refuse_parts(session: Session, options: ApplyOptions, *, whole: bool, saved: bool) -> None:
    """Raise Refused where a part of the project is to be applied in a protected environment. `whole`: the manifests that were
    read, or those of the `saved` plan, are all of the project's."""
    if not session.environment.protected:
        return
    parts = [] if whole else ["the saved plan"] if saved else ["a path"]
    parts += ["--target"] if options.targets else []
    parts += ["--selector"] if options.selector else []
    if parts:
        name = session.environment.name
        summary = f"environment {name} is protected: only whole plans are applied there"
        detail = f"{', '.join(parts)} looks at a part of the project"
        inside = session.request.cwd.resolve().is_relative_to(session.root.resolve())
        where = "" if inside else "in the project folder: "
        hint = f"{where}{again_as(session, 'plan')} --out {name}.plan, and then pac apply {name}.plan --env {name}"
        raise _refused(name, Diagnostic("PAC366", summary, Severity.BLOCK, detail, hint))


def refuse_unreviewed(session: Session, options: ApplyOptions, plan: Plan) -> None:
    """Raise Refused where a plan that was just made is to be applied in a protected environment. Its digest is in the hint."""
    if not session.environment.protected or options.expect:
        return
    name = session.environment.name
    summary = f"environment {name} is protected: only a plan that was reviewed is applied there"
    detail = "a plan that was saved, or one whose digest you name"
    saved = "" if options.destroy else f"{again_as(session, 'plan', options)} --out {shlex.quote(name)}.plan saves it"
    why = Diagnostic("PAC365", summary, Severity.BLOCK, detail, saved)
    again = again_as(session, "destroy" if options.destroy else "apply", options)
    raise _refused(name, why, f"once it is reviewed: {again} --expect {plan.digest}")


def refuse_loading(session: Session) -> None:
    """Raise Refused where a dump is to be loaded into the store of a protected environment."""
    if session.environment.protected:
        name = session.environment.name
        summary = f"environment {name} is protected: nothing is loaded into its store"
        hint = "load into another store (pac load DUMP --env OTHER), pull from it, and apply a plan here"
        raise _refused(name, Diagnostic("PAC367", summary, Severity.BLOCK, "load writes without a plan", hint))


def _refused(name: str, why: Diagnostic, hint: str = "") -> Refused:
    return Refused(f"environment {name} is protected; nothing was written", [why], hint=hint)


def again_as(session: Session, verb: str, options: ApplyOptions | None = None) -> str:
    """This command as another one: what was chosen stays, and with options all that was permitted, too."""
    request = session.request
    words = ["pac", verb]
    words += ["--env", request.env] if request.env else []
    words += ["--store", shown_url(request.store)] if request.store else []
    words += ["--base", request.base] if request.base else []
    for name, text in request.variables.items():
        words += ["--var", f"{name}={text}"]
    if options is not None:
        words[2:2] = request.paths
        words += ["--prune"] if options.prune else []
        words += [
            word for kind, number in options.max_deletes.items() for word in ("--max-deletes", f"{kind}={number}")
        ]
        words += [word for address in options.confirm for word in ("--confirm", address)]
        words += [word for code in options.allow for word in ("--allow", code)]
    return shlex.join(words)
