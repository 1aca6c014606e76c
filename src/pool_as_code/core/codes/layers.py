"""PAC150-199: layers - rows, patches, inheritance, placeholders, variables."""

from __future__ import annotations

from .doc import CodeDoc

LAYER_CODES: tuple[CodeDoc, ...] = (
    CodeDoc(
        "PAC150",
        "A file of rows can not be read",
        "The file that a ForEach names does not exist, can not be read, or has an ending that is no .csv, .tsv, .yaml, "
        ".yml or .json.",
        "Correct source.file; it is relative to the document's own file.",
    ),
    CodeDoc(
        "PAC151",
        "A row has another number of cells than the header",
        "A comma too many or too few, or a text with a comma or a line break in it that is not quoted.",
        "Correct the row; put texts with commas into double quotes.",
    ),
    CodeDoc(
        "PAC152",
        "Rows have the wrong form",
        "A CSV file begins with a line of column names, each once, of letters, digits and _. A YAML or JSON file of rows is "
        "one list of maps.",
        "Correct the header or the list.",
    ),
    CodeDoc(
        "PAC153",
        "There is no such column",
        "A placeholder ${row.COLUMN}, or a type under columns, names a column that the rows do not have.",
        "Correct the name, or add the column.",
    ),
    CodeDoc(
        "PAC154",
        "A cell has another type",
        "The column is declared as integer, number, boolean or list under columns, and the cell can not be read as one.",
        "Correct the cell, or the column's type.",
    ),
    CodeDoc(
        "PAC155",
        "A ForEach needs one source of rows",
        "It has both source and rows, or neither.",
        "Keep one of the two.",
    ),
    CodeDoc(
        "PAC156",
        "A file of rows outside of the project",
        "Manifests read plain files of rows of their own project only: a link or .. leads out of it, or to what is no file of "
        "rows and may hold secrets.",
        "Copy the file into the project.",
    ),
    CodeDoc(
        "PAC157",
        "There are no rows",
        "The source of a ForEach has a header and nothing else.",
        "Add rows, or remove it.",
    ),
    CodeDoc(
        "PAC158",
        "A row makes a document without a name",
        "A column that the documents' metadata.name or metadata.pool is made of is empty in this row, or holds no text.",
        "Fill the cell, write a number in quotes, or remove the row.",
    ),
    CodeDoc(
        "PAC160",
        "A patch without targets",
        "A patch has neither targets nor a selector, so nobody knows which documents it is for.",
        "Add targets (addresses or globs) or a selector (labels).",
    ),
    CodeDoc("PAC161", "A patch changes nothing", "Its merge is empty.", "Fill merge, or remove the patch."),
    CodeDoc(
        "PAC162",
        "A patch can not change that",
        "A patch says which documents it is for by their names, so it can change neither names nor pools, nor what a "
        "document is made of (extends, abstract).",
        "Write it in the document itself.",
    ),
    CodeDoc(
        "PAC163",
        "A patch that patches nothing",
        "No document answers to the targets and the selector: a typing mistake, or the document was renamed or removed.",
        "Correct the targets, or remove the patch.",
    ),
    CodeDoc(
        "PAC164",
        "$unset takes out what is not there",
        "The path is in neither the document nor what it extends.",
        "Correct the path, or remove it from the list.",
    ),
    CodeDoc(
        "PAC165",
        "$unset has the wrong form or place",
        "$unset is a list of field paths, in a map of a patch or of a document that extends another one.",
        "Write $unset: [passwordPolicy.minLength], or remove it.",
    ),
    CodeDoc(
        "PAC170",
        "There is no such base",
        "metadata.extends names no document of the same kind.",
        "Correct the name; a base in another pool is POOL/NAME, an abstract one may stand in no pool.",
    ),
    CodeDoc(
        "PAC171",
        "Documents extend each other in a ring",
        "Following metadata.extends leads back to the document itself.",
        "Remove extends from one of them.",
    ),
    CodeDoc(
        "PAC172",
        "Too many documents extend each other in a row",
        "A base extends a base, and so on, more than 64 times.",
        "Shorten the chain: nobody can see what comes out of it.",
    ),
    CodeDoc(
        "PAC175",
        "An unknown placeholder",
        "A text holds ${...} that is neither ${var.NAME} nor, in the documents of a ForEach, ${row.COLUMN}.",
        "Correct it; a literal ${ is written $${.",
    ),
    CodeDoc(
        "PAC176",
        "A placeholder can not stand there",
        "Variables make up no names, pools, kinds, labels or bases, and no keys: what an object is called is the same in "
        "every environment. Rows can, but make up no kind and no key.",
        "Write it out.",
    ),
    CodeDoc(
        "PAC177",
        "A list or map in the middle of a text",
        "A placeholder for a list or map has to be the whole value.",
        "Write it alone, without text around it.",
    ),
    CodeDoc(
        "PAC180",
        "A variable has no value",
        "A document uses a variable that the project does not declare, or that nobody says the value of.",
        "Declare it under variables in the project file, or say its value: in the environment, with PAC_VAR_NAME or --var.",
    ),
    CodeDoc(
        "PAC181",
        "There is no such variable",
        "An environment or --var says the value of a variable that the project file does not declare.",
        "Correct the name, or declare the variable.",
    ),
    CodeDoc(
        "PAC182",
        "A variable's value has another type",
        "The type of a variable is that of its default, or the one it is declared with; values are read strictly.",
        "Write a value of that type.",
    ),
)
