"""PAC130-149: the project file, environments, and the paths that manifests are read from."""

from __future__ import annotations

from .doc import CodeDoc

PATH_CODES: tuple[CodeDoc, ...] = (
    CodeDoc(
        "PAC130",
        "The project file can not be read",
        "The system refuses to read pool-as-code.yaml: its rights, a folder of that name, a broken disk.",
        "Look at the file's rights; the message holds the system's words.",
    ),
    CodeDoc(
        "PAC131",
        "Not a project file",
        "pool-as-code.yaml is empty, has several documents, or its kind is not Project.",
        "Write one document with apiVersion: pool-as-code/v1 and kind: Project; manifests go into other files.",
    ),
    CodeDoc(
        "PAC132",
        "maxDeletes names no kind",
        "The keys of maxDeletes are the short words of kinds as they stand in addresses: pool, user, group.",
        "Use one of the words that the message lists.",
    ),
    CodeDoc(
        "PAC133",
        "The name of an environment is not allowed",
        "Names of environments stand in commands and ownership records, so they hold letters, digits, - and _ only.",
        "Choose another name. Objects that were applied under the old name belong to that one.",
    ),
    CodeDoc(
        "PAC134",
        "There is no such environment",
        "--env or defaultEnvironment names an environment that the project file does not declare.",
        "Correct the name, or declare the environment in pool-as-code.yaml.",
    ),
    CodeDoc(
        "PAC135",
        "No environment is chosen",
        "The project has environments, and a store is about to be met.",
        "Add --env NAME, or set defaultEnvironment in the project file.",
    ),
    CodeDoc(
        "PAC140",
        "There is no such path",
        "A path on the command line, or a folder that the project file names, does not exist.",
        "Correct the path; those in the project file are relative to it.",
    ),
    CodeDoc(
        "PAC141",
        "No manifests there",
        "A folder holds no *.yaml, *.yml or *.json (hidden files, other environments' folders "
        "and nested projects are left out), or the files hold no document.",
        "Name the right folder. To delete everything that a project owns, use destroy.",
    ),
    CodeDoc(
        "PAC142",
        "A file or folder can not be read",
        "It is refused: its rights, a broken link, a link to what is no manifest, a pipe in a folder, or it vanished meanwhile.",
        "Look at its rights; the message holds the system's words.",
    ),
    CodeDoc(
        "PAC143",
        "No path and no project",
        "No path was named, and no pool-as-code.yaml stands in this folder or one above it (up to the top of the Git repository).",
        "Name a path, or go to a folder of the project.",
    ),
    CodeDoc(
        "PAC144",
        "No project file",
        "The command writes, or asks for what was written, and there is no pool-as-code.yaml here or above to own it.",
        "Put the lines that the message prints into pool-as-code.yaml; the id in them is random and yours from then on.",
    ),
    CodeDoc(
        "PAC146",
        "A project among the manifests",
        "A document of kind Project stands in a file that is not called pool-as-code.yaml.",
        "Move it to pool-as-code.yaml at the top of the project.",
    ),
    CodeDoc(
        "PAC147",
        "A binding has no address",
        "The keys of bindings are addresses: the short word of a kind and the name, below its pool for groups and users.",
        "Write it like pool/customers or group/customers/support.",
    ),
    CodeDoc(
        "PAC148",
        "Two bindings to the same object",
        "An environment binds two addresses of a kind to one live object, and an object has one address.",
        "Keep the one that is meant.",
    ),
    CodeDoc(
        "PAC149",
        "A binding that nothing uses",
        "The address is neither declared nor referred to by any document of the environment.",
        "Correct the address, or remove the binding.",
    ),
)
