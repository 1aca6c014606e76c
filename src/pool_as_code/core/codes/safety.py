"""PAC350-369: what keeps a repository, or a pull request to it, from choosing where credentials go and which guards hold."""

from __future__ import annotations

from .doc import CodeDoc

SAFETY_CODES: tuple[CodeDoc, ...] = (
    CodeDoc(
        "PAC350",
        "A store on a host that is not allowed",
        "The URL of the store leads to a host that POOL_AS_CODE_ALLOWED_HOSTS does not have. Nothing was connected and no "
        "secret was looked at.",
        "If it is your store, allow it with the line that the message prints, outside the repository. If not, somebody "
        "changed the URL.",
    ),
    CodeDoc(
        "PAC351",
        "No host is allowed yet",
        "CI is set, the store is on the network, and POOL_AS_CODE_ALLOWED_HOSTS is not set.",
        "Set it in the settings of the pipeline, where pull requests can not change it.",
    ),
    CodeDoc(
        "PAC352",
        "POOL_AS_CODE_ALLOWED_HOSTS can not be read",
        "An entry is neither HOST, nor HOST:PORT, nor *.DOMAIN. What can not be read allows nothing.",
        "Write hosts with commas between: id.example.com,*.dev.example.com,[2001:db8::1]:8443.",
    ),
    CodeDoc(
        "PAC353",
        "A store's URL that can be read in two ways",
        "Two programs would find two hosts in it: two @, a backslash, blanks, %, an address such as 127.1, a name that is "
        "not ASCII.",
        "Write SCHEME://HOST/TENANT plainly; an international name in its xn-- form.",
    ),
    CodeDoc(
        "PAC354",
        "A store without encryption",
        "The scheme sends credentials over the network readable by everybody on the way. To this machine itself it may.",
        "Use https, or an entry with http:// in POOL_AS_CODE_ALLOWED_HOSTS.",
    ),
    CodeDoc(
        "PAC355",
        "Git is not there",
        "--base asks Git how the project was, and no program of that name is in PATH.",
        "Install it, or leave out --base.",
    ),
    CodeDoc(
        "PAC356",
        "Not a Git repository",
        "--base was given, and the project is in no Git repository, or in one that Git refuses to read.",
        "Follow Git's own words in the message: its hint names the command.",
    ),
    CodeDoc(
        "PAC357",
        "There is no such commit",
        "The name given with --base is no branch, tag or commit of this clone. Pipelines often fetch one commit alone.",
        "Fetch it first, as the hint shows, or name another one.",
    ),
    CodeDoc(
        "PAC358",
        "The base can not be read",
        "Git has the commit, but not its files (a partial clone), or they are too many.",
        "Fetch them first; the message holds Git's words.",
    ),
    CodeDoc(
        "PAC359",
        "--base needs a project file",
        "Guards stand in the project file, and there is none here or above.",
        "Go to a folder of the project, or leave out --base.",
    ),
    CodeDoc(
        "PAC360",
        "A secret out of a closed folder",
        "fromFile leads into .git or .pool-as-code, which hold tokens of pipelines and keys of directories.",
        "Put the secret into a file of its own, best in --secrets-dir.",
    ),
    CodeDoc(
        "PAC361",
        "A base with two meanings",
        "The name given with --base is that of two different commits, such as a branch and a tag. Whoever names a branch like the "
        "base would be compared with themselves.",
        "Write it in full, as the hint shows: refs/heads/main, refs/remotes/origin/main.",
    ),
    CodeDoc(
        "PAC365",
        "A protected environment takes reviewed plans only",
        "An environment with protected: true applies a saved plan, or what --expect names; destroy needs --expect.",
        "Run the command that the message prints, read its plan, and apply that.",
    ),
    CodeDoc(
        "PAC366",
        "A protected environment takes whole plans only",
        "Paths, --target and --selector look at a part of the project, and so did the saved plan.",
        "Plan and apply without them.",
    ),
    CodeDoc(
        "PAC367",
        "A protected environment is not loaded into",
        "load writes without a plan that somebody could have read.",
        "Load into another environment's store, pull from it, and apply a plan.",
    ),
)
