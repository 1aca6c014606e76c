"""How the pages become a site: Sphinx reads them as plain GitHub Markdown, and nothing is fetched from anywhere.

The repository is the source folder, so that links between docs/, examples/ and the files at the top are checked and work on the site
as they do on GitHub. The navigation is what docs/index.md links to, section by section: whoever adds a page adds it there.
"""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar

from docutils import nodes
from pygments.lexer import RegexLexer, bygroups
from pygments.token import Generic
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

ROOT = Path(__file__).parents[1]

project = "pool-as-code"
author = "the pool-as-code authors"
html_title = "pool-as-code"
root_doc = "docs/index"
language = "en"

extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
include_patterns = ["docs/**", "examples/*/README.md", "benchmarks/README.md", "CHANGELOG.md", "CONTRIBUTING.md"]
exclude_patterns = [".*", "build", "dist", "src", "tests", "**/.pool-as-code", "**/__pycache__"]
myst_disable_syntax = ["myst_role", "myst_target", "myst_line_comment", "myst_block_break"]  # GitHub does not know them
myst_heading_anchors = 6

html_theme = "furo"
html_copy_source = False
html_show_sourcelink = False
html_show_copyright = False
html_static_path: list[str] = []

WHOLE_FOLDERS = {"How to": "docs/how-to/*.md", "Examples": "examples/*/README.md"}
"""Sections of docs/index.md that also take every page of a folder, whether it is listed there or not."""


def sections() -> dict[str, list[str]]:
    """The sections of docs/index.md with the pages that they link to, in order; paths without `.md`, from the top."""
    _, *parts = re.split(r"^## (.+)$", (ROOT / "docs" / "index.md").read_text("utf-8"), flags=re.MULTILINE)
    found: dict[str, list[str]] = {}
    for caption, text in zip(parts[::2], parts[1::2], strict=True):
        pages = []
        for link in re.findall(r"\]\(([^)#:\s]+\.md)\)", text):
            target = (ROOT / "docs" / link).resolve()
            pages.append(target.relative_to(ROOT).with_suffix("").as_posix())
        found[caption] = list(dict.fromkeys(pages))
    for caption, pattern in WHOLE_FOLDERS.items():
        folder = [path.relative_to(ROOT).with_suffix("").as_posix() for path in sorted(ROOT.glob(pattern))]
        found[caption] = list(dict.fromkeys([*found[caption], *folder]))
    return found


def folder_of(docname: str) -> list[str]:
    """The other pages in the folder of a page."""
    here = PurePosixPath(docname)
    names = sorted(path.stem for path in (ROOT / here.parent).glob("*.md"))
    return [f"{here.parent}/{name}" for name in names if name != here.name]


class Session(RegexLexer):
    """A console as the pages write it: `$ ` and `> ` begin what is typed, everything else was printed."""

    name = "console"
    tokens: ClassVar[dict[str, list[Any]]] = {
        "root": [
            (r"^([$>] )(.*\n)", bygroups(Generic.Prompt, Generic.Strong)),  # type: ignore[no-untyped-call]
            (r".*\n", Generic.Output),
        ]
    }


class Navigation(SphinxTransform):
    """Puts the tables of contents into the front page and into the page of decisions."""

    default_priority = 5

    def apply(self, **kwargs: Any) -> None:
        """Sphinx calls this for every page that it has read."""
        docname = self.env.docname
        if docname == root_doc:
            for caption, pages in sections().items():
                self.document.append(self.tree(docname, caption, pages))
        elif docname == "docs/adr/README":
            self.document.append(self.tree(docname, None, folder_of(docname)))

    def tree(self, docname: str, caption: str | None, pages: list[str]) -> nodes.Element:
        """What the `toctree` directive makes, hidden where it has a caption: the page lists its links itself."""
        for page in pages:
            if page not in self.env.found_docs:
                raise ValueError(f"{docname} links to {page}, which is no page of the site (docs/conf.py)")
        wrapper = nodes.compound(classes=["toctree-wrapper"])
        wrapper += addnodes.toctree(
            parent=docname,
            entries=[(None, page) for page in pages],
            includefiles=pages,
            caption=caption,
            rawcaption=caption or "",
            hidden=caption is not None,
            maxdepth=1,
            glob=False,
            includehidden=False,
            numbered=0,
            titlesonly=True,
        )
        return wrapper


def front_door(app: Sphinx, error: Exception | None) -> None:
    """The address of the site leads to its front page."""
    if error is None:
        page = '<!doctype html><meta charset="utf-8"><title>pool-as-code</title>'
        door = f'{page}<meta http-equiv="refresh" content="0; url={root_doc}.html"><a href="{root_doc}.html">pool-as-code</a>\n'
        (Path(app.outdir) / "index.html").write_text(door, "utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    """Sphinx calls this once."""
    app.add_lexer("console", Session)
    app.add_transform(Navigation)
    app.connect("build-finished", front_door)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
