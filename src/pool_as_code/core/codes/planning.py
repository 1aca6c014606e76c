"""Codes of plans and applies: matching, options, saved plans, secrets, stores."""

from __future__ import annotations

from .doc import CodeDoc

PLAN_CODES: tuple[CodeDoc, ...] = (
    CodeDoc(
        "PAC300",
        "Two live objects answer to one declared object, or two declared ones to one live object",
        "metadata.id, the ownership record and previousNames point at different objects.",
        "Remove metadata.id or previousNames, or release the object that is not meant (metadata.state: released).",
    ),
    CodeDoc(
        "PAC301",
        "The identifiers of one declared user belong to different live users",
        "Identifiers were moved between accounts live, or two people were merged in the manifest.",
        "Remove the identifiers of the others, or set metadata.id to the user that is meant.",
    ),
    CodeDoc(
        "PAC302",
        "`adopt: builtIn` finds no single directory to take over",
        "The workspace or organization has several directories.",
        "Set metadata.id to the one that is meant.",
    ),
    CodeDoc(
        "PAC303",
        "A binding and metadata.id name different objects",
        "The project file binds the address to one live object in this environment, and its document says another id.",
        "Remove metadata.id, or correct the binding.",
    ),
    CodeDoc(
        "PAC304",
        "A binding without its object",
        "Bindings name objects that are there already. The store holds none of this kind with this id, or, for groups and "
        "users, not in this pool: another store, a typing mistake, or somebody deleted it.",
        "Correct the binding in the project file, or remove it: then a declared object is created.",
    ),
    CodeDoc(
        "PAC310",
        "A file is not a plan",
        "It is another file, it was cut off, or it was written by a version with another format.",
        "Make a plan: pac plan --out FILE.",
    ),
    CodeDoc(
        "PAC311",
        "A plan file was changed after it was made",
        "Its digest does not fit its content.",
        "Make it again: pac plan --out FILE.",
    ),
    CodeDoc(
        "PAC312",
        "A plan file can not be read",
        "It is not there, or its permissions forbid it.",
        "Check the path; plan files are readable by the user who made them alone.",
    ),
    CodeDoc(
        "PAC320",
        "A secret can not be resolved",
        "The variable is not set, the file is not there, or the command failed.",
        "Set it and repeat. Nothing was written.",
    ),
    CodeDoc(
        "PAC321",
        "A password does not fit the password policy of its pool",
        "The policy of the pool, as this plan leaves it, asks for more.",
        "Choose another password. Nothing was written.",
    ),
    CodeDoc(
        "PAC330",
        "A target matches nothing",
        "No declared or owned object has such an address.",
        "Write it like pool/customers or user/customers/*.",
    ),
    CodeDoc(
        "PAC331",
        "Deleting needs the whole project",
        "--prune and destroy do not go with paths, standard input or --target: what a part does not declare may stand in "
        "another part.",
        "Repeat without them, in the project folder.",
    ),
    CodeDoc(
        "PAC332",
        "The value of an option is wrong",
        "It names an unknown finding, kind or address.",
        "Follow the hint; pac COMMAND --help shows an example.",
    ),
    CodeDoc(
        "PAC333",
        "There is no such run",
        "No run's id, or more than one, begins with what was given.",
        "pac history lists the runs.",
    ),
    CodeDoc("PAC334", "An argument names no user", "It is not of the form POOL/USER.", "Write it like customers/ada."),
    CodeDoc(
        "PAC335",
        "The store does not verify passwords",
        "Only our own directories hold the hashes.",
        "Choose one with --store sqlite:///...",
    ),
    CodeDoc(
        "PAC340",
        "A plan is stale",
        "A live value that the plan changes is neither what it was nor what the plan makes of it.",
        "Make and review a new plan. Nothing was written.",
    ),
    CodeDoc(
        "PAC341",
        "A plan belongs to another project or environment",
        "It was made in another folder, or for another --env.",
        "Apply it where it was made.",
    ),
    CodeDoc(
        "PAC342",
        "A plan belongs to another store",
        "The store has another fingerprint, or it is not as empty as it was.",
        "Choose the store with --store, or make a new plan.",
    ),
    CodeDoc(
        "PAC343",
        "A plan is not the one that was reviewed",
        "Its digest differs from --expect: manifests or store have changed since.",
        "Review the new plan.",
    ),
    CodeDoc(
        "PAC344",
        "The report file can not be written",
        "Its folder is not there, or its permissions forbid it.",
        "Choose another path. Nothing was written.",
    ),
)
