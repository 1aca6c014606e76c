"""PAC223-259: objects and what they are among each other: references, names, users, schemas."""

from __future__ import annotations

from .doc import CodeDoc

OBJECT_CODES: tuple[CodeDoc, ...] = (
    CodeDoc(
        "PAC223",
        "Its own parent",
        "A group or organization names itself as its parent.",
        "Remove parent, or name another one.",
    ),
    CodeDoc(
        "PAC224",
        "Declared twice",
        "Two documents have the same kind and name (and pool).",
        "Delete one, or choose another name.",
    ),
    CodeDoc(
        "PAC225",
        "A name that is not declared",
        "A reference names an object that no document of the project declares.",
        "Correct the name, or declare the object; $id:ID refers to a schema or workspace by its live id.",
    ),
    CodeDoc(
        "PAC226",
        "A reference to something declared absent",
        "The object has metadata.state: absent, so apply would delete what is referred to.",
        "Refer to another object, or keep this one.",
    ),
    CodeDoc(
        "PAC227",
        "A ring of parents",
        "Groups or organizations stand in each other in a circle.",
        "Remove parent from one of them.",
    ),
    CodeDoc(
        "PAC228",
        "An identifier held twice",
        "Two users of a pool have the same identifier. The directory takes each once in a pool, "
        "whatever its type; upper and lower case are the same where identifiersIgnoreCase is true.",
        "Correct it, or remove it from one of the two.",
    ),
    CodeDoc(
        "PAC229",
        "A verified address held twice",
        "Two users of a pool have the same address, verified. The directory takes each once.",
        "Correct it, or remove verified from one of the two.",
    ),
    CodeDoc(
        "PAC230",
        "A pool with two owners",
        "The pool names a workspace and an organization.",
        "Remove one of the two.",
    ),
    CodeDoc(
        "PAC231",
        "A reserved key",
        "The key pool-as-code of the free map holds ownership records.",
        "Use another key.",
    ),
    CodeDoc(
        "PAC232",
        "Unknown sign-in method",
        "This version does not know the method; most often it is spelled wrong.",
        "Correct it, or set signIn.allowUnknownMethods: true for a method that is newer than this version.",
    ),
    CodeDoc(
        "PAC233",
        "Twice in one list",
        "The list holds the same member twice.",
        "Remove one.",
    ),
    CodeDoc(
        "PAC234",
        "One method for both factors",
        "A second factor must differ from the first.",
        "Remove the method from one of the two lists.",
    ),
    CodeDoc(
        "PAC235",
        "The preferred method is not offered",
        "`preferred` names a method that is not among the methods of its factor.",
        "Choose one of them, or add it.",
    ),
    CodeDoc(
        "PAC236",
        "A former name that is in use",
        "previousNames tells which live object was renamed; a name that another document has now, or has had too, does not.",
        "Remove it from previousNames.",
    ),
    CodeDoc(
        "PAC237",
        "Two objects with one id",
        "Two documents claim the same live object by metadata.id, or one by its id and the other by its name.",
        "Correct or remove metadata.id.",
    ),
    CodeDoc(
        "PAC238",
        "A method that the workspace does not allow",
        "The pool's workspace or organization does not have it among its allowedMethods, so nobody can use it.",
        "Remove the method, or allow it there.",
    ),
    CodeDoc(
        "PAC240",
        "Not exactly one type",
        "An identifier or address names its type by its key: {email: ...}. This one has none or several.",
        "Write one member for each.",
    ),
    CodeDoc(
        "PAC241",
        "Not a valid identifier or address",
        "The value does not have the form of its type. It is not shown: it may be personal.",
        "Write it in the form that the message names.",
    ),
    CodeDoc(
        "PAC242",
        "A password declared in two ways",
        "initial and hash, or mustChange and mustReset, exclude each other; one of initial and hash is needed.",
        "Keep one of the two.",
    ),
    CodeDoc(
        "PAC243",
        "Not exactly one source of a secret",
        "A secret comes from fromEnv, fromFile or fromCommand: one of them.",
        "Keep one.",
    ),
    CodeDoc(
        "PAC244",
        "An invitation for an account that is active already",
        "Activation messages go to users of status new.",
        "Set status: new, or invitation.send: never.",
    ),
    CodeDoc(
        "PAC245",
        "The tool's own credentials as a secret",
        "Variables that begin with POOL_AS_CODE_ hold the credentials for stores; a manifest may not read them.",
        "Use a variable of another name.",
    ),
    CodeDoc(
        "PAC246",
        "Commands are switched off",
        "fromCommand starts a program. Whoever can change a manifest could run anything, so it must be switched on outside the repository.",
        "Use fromEnv or fromFile, or set POOL_AS_CODE_ALLOW_COMMANDS=1 where apply runs.",
    ),
    CodeDoc(
        "PAC247",
        "A hash that can not be used",
        "The password hash is incomplete, too costly to verify, or of a system that can not be carried over. It is not shown.",
        "Copy it unshortened, or declare the user without a password, so that it must be reset.",
    ),
    CodeDoc(
        "PAC248",
        "Not the name of a variable",
        "fromEnv takes the name of an environment variable. What stands there is not shown: it might be the secret itself.",
        "Write a name of letters, digits and _; change the secret if it was committed.",
    ),
    CodeDoc(
        "PAC249",
        "A secret's file outside the project",
        "fromFile takes a path below the project (or the secrets folder), without .. and without a root.",
        "Put the file there, or use fromEnv.",
    ),
    CodeDoc(
        "PAC250",
        "A keyword outside the supported subset",
        "The service supports a part of JSON Schema only and refuses other keywords.",
        "Use the word that the message names, or remove it.",
    ),
    CodeDoc(
        "PAC251",
        "A keyword with a wrong value",
        "A keyword of the schema has a value that JSON Schema, or the supported subset of it, does not allow.",
        "Write what the message expects.",
    ),
    CodeDoc(
        "PAC252",
        "A pattern that is no regular expression",
        "The pattern can not be compiled.",
        "Correct it.",
    ),
    CodeDoc(
        "PAC253",
        "A schema that can not be used",
        "Every keyword is allowed, but the schema as a whole can not be compiled; mostly a pattern is the reason.",
        "Simplify its patterns.",
    ),
    CodeDoc(
        "PAC254",
        "Attributes that do not fit their schema",
        "profile, administrative or delegated of a user does not fit the schema that the pool, or the user, names for it.",
        "Correct the attributes, or the schema.",
    ),
    CodeDoc(
        "PAC255",
        "An invitation that leads nowhere good",
        "invitation.returnTo is where people go after they have activated their account: a whole address that everybody reads"
        " in the same way, with https, or with http on the machine itself.",
        "Write https://HOST/PATH, without user names and fragments.",
    ),
)
