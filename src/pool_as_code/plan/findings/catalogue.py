"""Every finding code, what it means and what to do: the source of documentation and of `--allow`."""

from __future__ import annotations

from dataclasses import dataclass

from ...core.diagnostics import Severity


@dataclass(frozen=True, slots=True)
class FindingDoc:
    """`allowable`: `--allow CODE[@ADDRESS]` lifts it; the others have a way of their own."""

    code: str
    severity: Severity
    title: str
    next_step: str
    allowable: bool = False


CATALOGUE: tuple[FindingDoc, ...] = (
    FindingDoc(
        "admitted-nowhere",
        Severity.WARN,
        "A pool is created that belongs to no workspace and that none admits: nobody can sign in with it.",
        "Declare signInAt: [WORKSPACE], or metadata.workspace; ignore it for pools that hold records, not people.",
    ),
    FindingDoc(
        "adopts-credentials",
        Severity.WARN,
        "A user found by an identifier alone is adopted; it holds credentials that this project did not set.",
        "Make sure whose account it is; set password.mustReset by hand if in doubt.",
    ),
    FindingDoc(
        "changed-by-user",
        Severity.INFO,
        "Fields that people own differ from what the manifest gave them at the start.",
        "Nothing; metadata.manage: always would enforce profile and preferences.",
    ),
    FindingDoc(
        "delete-limit",
        Severity.BLOCK,
        "More objects of a kind would be deleted than is permitted without saying so.",
        "Repeat with --max-deletes KIND=N, or raise maxDeletes in the project file.",
    ),
    FindingDoc(
        "foreign-owner",
        Severity.BLOCK,
        "The live object belongs to another project or another environment of this one.",
        "Choose another name or id, or take it over: metadata.adopt: {from: PROJECT}.",
    ),
    FindingDoc(
        "guard-loosened",
        Severity.BLOCK,
        "A guard is looser than at the commit of --base, or credentials come from or go elsewhere. What only wants a second "
        "look warns.",
        "If it is meant and was reviewed: --allow guard-loosened@ADDRESS, on the command line alone.",
        allowable=True,
    ),
    FindingDoc(
        "guard-tightened",
        Severity.INFO,
        "A guard is stricter than at the commit of --base.",
        "Nothing.",
    ),
    FindingDoc(
        "identifier-taken",
        Severity.BLOCK,
        "An identifier that is to be added belongs to another live user of the pool.",
        "Remove it there first, or leave it out here.",
    ),
    FindingDoc(
        "immutable-field",
        Severity.BLOCK,
        "A field that can not change after creation differs from the live object.",
        "Declare the live value, or make a new object under another name.",
    ),
    FindingDoc(
        "left-out",
        Severity.BLOCK,
        "An object needs another one that is not there and that this plan does not make, since it looks at a part only.",
        "Plan the other object, too: --target with its address, or the whole project.",
    ),
    FindingDoc(
        "looks-like-rename",
        Severity.WARN,
        "An object is created while an equal one of ours is no longer declared.",
        "If it is the same one: metadata.previousNames: [OLD-NAME].",
    ),
    FindingDoc(
        "method-not-allowed",
        Severity.WARN,
        "A pool has a sign-in method that its workspace or organization does not allow, so it has no effect.",
        "Allow it there (allowedMethods), or remove it from the pool.",
    ),
    FindingDoc(
        "missing-precondition",
        Severity.BLOCK,
        "Something has to be there that this store does not make: on the service, a workspace.",
        "Make it in the console of the service, or correct its name; metadata.id or a binding says which one is meant.",
    ),
    FindingDoc(
        "missing-right",
        Severity.BLOCK,
        "The client lacks a right that carrying out the plan needs. Whoever applies a saved plan is judged anew.",
        "Give the client the scope or role that the finding names, or plan and apply with another one; --allow "
        "missing-right@ADDRESS if the service is known to let it pass.",
        allowable=True,
    ),
    FindingDoc(
        "needs-adoption",
        Severity.BLOCK,
        "A live object that nobody owns has the id or an identifier of a declared one.",
        "If it is meant: metadata.adopt: true. If not: choose another name.",
    ),
    FindingDoc(
        "not-expressible",
        Severity.INFO,
        "A declared field has no place in this store: it is kept in the manifest and not sent. The finding says what follows.",
        "Nothing; set it where the finding says, if it matters.",
    ),
    FindingDoc(
        "not-ours",
        Severity.INFO,
        "An object declared absent or released is not owned by this project, so nothing happens.",
        "Remove the document.",
    ),
    FindingDoc(
        "not-read",
        Severity.WARN,
        "A declared object is there, and the client that planned may not look at it: nothing about it is planned.",
        "Plan with a client that may: on the service, one of the System workspace with the scope manage_configuration.",
    ),
    FindingDoc(
        "ownership-full",
        Severity.BLOCK,
        "The ownership records of a pool, its groups and its declared users would not fit into its metadata (256 KiB).",
        "Declare fewer users of it one by one, or spread them over several pools.",
    ),
    FindingDoc(
        "password-set-once",
        Severity.INFO,
        "A declared password or authenticator secret changed; it is set at creation only.",
        "Have the user reset it, or set it through the directory.",
    ),
    FindingDoc(
        "pool-with-users",
        Severity.BLOCK,
        "A pool would be deleted with the users in it.",
        "Repeat with --confirm pool/NAME.",
    ),
    FindingDoc(
        "protected",
        Severity.BLOCK,
        "A protected object would be deleted.",
        "Declare it with metadata.protect: false and apply that first.",
    ),
    FindingDoc(
        "reactivates-user",
        Severity.BLOCK,
        "A user who was suspended or deleted live would be able to sign in again.",
        "If that is meant: --allow reactivates-user@ADDRESS. If not: status: inactive.",
        allowable=True,
    ),
    FindingDoc(
        "reverts-live-change",
        Severity.WARN,
        "A value that somebody changed live would be overwritten; this blocks where the live change made things stricter.",
        "Put the live value into the manifest, or --allow reverts-live-change@ADDRESS.",
        allowable=True,
    ),
    FindingDoc(
        "second-directory",
        Severity.BLOCK,
        "A pool would be created where its workspace or organization already has one.",
        "If that one is meant: metadata.adopt: builtIn. If not: --allow second-directory@ADDRESS.",
        allowable=True,
    ),
    FindingDoc(
        "test-in-protected",
        Severity.BLOCK,
        "An object labelled purpose: test is declared in a protected environment.",
        "Declare it in the folders of other environments only, or remove the label.",
    ),
    FindingDoc(
        "weakens-security",
        Severity.WARN,
        "A change makes sign-in, passwords or registration weaker.",
        "Read it twice.",
    ),
)
