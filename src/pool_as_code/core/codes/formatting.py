"""PAC450-459: canonical form (`pac fmt`) and starter projects (`pac init`)."""

from __future__ import annotations

from .doc import CodeDoc

FORMAT_CODES: tuple[CodeDoc, ...] = (
    CodeDoc(
        "PAC450",
        "The canonical form would say something else",
        "Before a file is rewritten its new text is read again; its values or its comments would not be those of the file. "
        "That is a fault of pool-as-code.",
        "Nothing to do: the file was left as it is. Please report the smallest part of it that gives this message.",
    ),
    CodeDoc(
        "PAC451",
        "A .json file that is no JSON",
        "The file's name ends in .json, so its canonical form is JSON, and it holds YAML: comments, several documents, "
        "texts without quotes.",
        "Rename it to .yaml, or write JSON.",
    ),
    CodeDoc(
        "PAC452",
        "A file can not be rewritten",
        "The system refuses it: the rights of the folder, a full disk, a device in the place of a file.",
        "Look at the rights of the file and its folder. The file is as it was; the others were rewritten.",
    ),
    CodeDoc(
        "PAC455",
        "A starter project would overwrite something",
        "pac init writes new files only, and what the message names is there already.",
        "Choose another folder, or move the files away; nothing was written.",
    ),
)
