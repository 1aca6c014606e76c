"""PAC500-529: reading dumps, pulling manifests from a store, loading a dump into a directory."""

from __future__ import annotations

from .doc import CodeDoc

DUMP_CODES: tuple[CodeDoc, ...] = (
    CodeDoc(
        "PAC500",
        "The dump can not be read",
        "There is no file or folder at the path behind `dump:`, or it can not be opened.",
        "Check the path; it is relative to the project, or to the current folder where there is no project.",
    ),
    CodeDoc(
        "PAC501",
        "The dump is empty",
        "The file holds no value at all.",
        "Export it again.",
    ),
    CodeDoc(
        "PAC502",
        "Not a dump",
        "Neither an identity dump (tables of rows), nor a hub tree (pools, schemas and servers by id), nor a folder with "
        "pools/, schemas/ or workspaces/.",
        "Give the file as the service wrote it; manifests are read by validate and plan, not through `dump:`.",
    ),
    CodeDoc(
        "PAC503",
        "A Go template in a dump",
        "The vendor's tool runs its YAML files through Go templates; templates may read files and environment variables, so "
        "they are not run here.",
        "Pull the folder again with the vendor's tool, or write the value in the place of the template.",
    ),
    CodeDoc(
        "PAC504",
        "A row of a dump that can not be used",
        "An object is no map of fields, or has no id.",
        "Export it again, or correct the row.",
    ),
    CodeDoc(
        "PAC505",
        "An id stands twice in a dump",
        "Two objects of one kind have the same id, so it can not be said which one is meant.",
        "Keep one of the two; the message names both places.",
    ),
    CodeDoc(
        "PAC506",
        "A row refers to something that is not in the dump",
        "A user of a pool that was not exported, an identifier of a user that was not, and the like. What hangs in the air "
        "is left out and counted.",
        "Export whole pools, or ignore it where it was left out on purpose.",
    ),
    CodeDoc(
        "PAC507",
        "Fields of a dump without a place",
        "The service has fields for this kind that this version does not know, and the kind has no `extra` to keep them in.",
        "Nothing, where they do not matter; the live objects keep them.",
    ),
    CodeDoc(
        "PAC508",
        "A pool that is marked as deleted",
        "The service keeps deleted pools for a while; they are taken for absent.",
        "Nothing.",
    ),
    CodeDoc(
        "PAC509",
        "A workspace of which only the id is known",
        "Pools or organizations stand below it, and the dump does not describe it.",
        "Nothing; declare its settings yourself where they matter.",
    ),
    CodeDoc(
        "PAC510",
        "A live value that a manifest can not hold",
        "What is live breaks a rule of manifests (an e-mail address of a wrong form, a schema outside the subset), so it was "
        "left out of the pulled file: it is not managed, and stays as it is.",
        "Correct it where it lives, or leave it.",
    ),
    CodeDoc(
        "PAC511",
        "A pulled file would overwrite another one",
        "The file is there with another text.",
        "Pull into an empty folder, or repeat with --force.",
    ),
    CodeDoc(
        "PAC512",
        "Nothing to pull",
        "No live object matches the addresses that were asked for, or the store holds none at all.",
        "Look at the addresses with `pac ids` or `pac plan --unmanaged`.",
    ),
    CodeDoc(
        "PAC513",
        "A store that nothing can be loaded into",
        "`load` takes a dump as it is, with password hashes, into an embedded directory only.",
        "Name one, for example --store sqlite:///directory.db.",
    ),
    CodeDoc(
        "PAC514",
        "An object of the dump that is there already and differs",
        "It was loaded before and changed since, or it belongs to somebody else. It was left as it is.",
        "Load into a new directory, or compare the two by hand.",
    ),
    CodeDoc(
        "PAC515",
        "A credential that can not be loaded",
        "The hash is blurred, of a form that can not be verified, or a credential whose form in dumps is not documented "
        "(passkeys, authenticator apps). The user is loaded without it.",
        "Such users reset their password, or enrol again.",
    ),
    CodeDoc(
        "PAC516",
        "An object of the dump that the directory refuses",
        "It breaks a rule of the directory, so nothing was loaded: a load happens as a whole or not at all.",
        "Correct it in the dump; the message says which rule it is.",
    ),
    CodeDoc(
        "PAC517",
        "A pulled object belongs to another project",
        "Somebody else's manifests manage it, so the pulled file does not ask to adopt it.",
        "Leave it out of your project, or take it over: metadata.adopt: {from: PROJECT}.",
    ),
    CodeDoc(
        "PAC518",
        "Bindings need an environment",
        "`pull --bind` writes ids into an environment of the project file, and there is none.",
        "Name one under environments, and make it the defaultEnvironment or choose it with --env.",
    ),
    CodeDoc(
        "PAC519",
        "A pulled object is declared already",
        "A document of the project declares it, in another file than the one it would be pulled into. One object has one "
        "document.",
        "Pull it without --into and copy what is missing, leave its address out, or delete the other document.",
    ),
    CodeDoc(
        "PAC520",
        "The project file can not take the bindings",
        "The environment stands behind an alias or in a form that no machine can edit safely, or the file changed meanwhile "
        "or can not be written.",
        "Add the lines that the message prints by hand, and repeat the command.",
    ),
    CodeDoc(
        "PAC521",
        "An address is bound to another object",
        "The environment binds the address already, and not to the live object that was pulled under it.",
        "Correct the binding: the object that it names may be gone.",
    ),
    CodeDoc(
        "PAC522",
        "There is no such section",
        "`--only` takes the paths of fields, such as passwordPolicy or signIn.firstFactor, with a kind in front to mean that "
        "one alone (pool.displayName); the service's words are understood.",
        "Follow the hint; the reference of kinds lists every field.",
    ),
    CodeDoc(
        "PAC523",
        "Left out of a pull of sections",
        "The object has none of the fields that `--only` names, or it lives in a pool that nothing here knows.",
        "Nothing; or pull more of it.",
    ),
    CodeDoc(
        "PAC524",
        "A pulled file would lose a document",
        "The file is there and declares another live object as well, one that was not asked for.",
        "Pull the two together, or move the other document into a file of its own.",
    ),
)
