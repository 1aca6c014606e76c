"""The site is built once, with every warning an error and without a network; nothing in it is loaded from elsewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.docs.markdown import files
from tests.docs.pages import ROOT

LOADED = {"script": "src", "link": "href", "img": "src", "iframe": "src", "source": "srcset", "object": "data"}
_IN_STYLE = re.compile(r"""(?:url\(|@import\s)\s*["']?([^"')\s;]+)""")
NO_NETWORK = """
import socket, sys
def refused(*_args, **_options):
    raise OSError("the documentation is built without a network")
socket.socket.connect = socket.getaddrinfo = socket.create_connection = refused
from sphinx.cmd.build import main
sys.exit(main(sys.argv[1:]))
"""


def build(source: Path, site: Path) -> subprocess.CompletedProcess[str]:
    """What `make docs` does, of a repository into a folder, with every connection refused."""
    options = ["-q", "-E", "-W", "--keep-going", "-b", "html", "-c", "docs", "-d", str(site.parent / "doctrees")]
    command = [sys.executable, "-c", NO_NETWORK, *options, ".", str(site)]
    return subprocess.run(command, cwd=source, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of this repository."""
    folder = tmp_path_factory.mktemp("build") / "docs"
    built = build(ROOT, folder)
    assert built.returncode == 0, built.stderr
    return folder


class Loaded(HTMLParser):
    """What a browser loads by itself when it shows a page; links that people follow are not among it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self._in_style = False
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Scripts, styles, pictures, frames, and styles in attributes."""
        values = {name: value or "" for name, value in attrs}
        self._in_style = tag == "style"
        if tag in LOADED and LOADED[tag] in values:
            self.found.append(values[LOADED[tag]])
        self.found += _IN_STYLE.findall(values.get("style", ""))

    def handle_data(self, data: str) -> None:
        """Styles within the page."""
        if self._in_style:
            self.found += _IN_STYLE.findall(data)

    def handle_endtag(self, tag: str) -> None:
        """The end of a style."""
        self._in_style = False


def outside(addresses: list[str]) -> list[str]:
    """Those that lead away from the site; `data:` is in the page itself."""
    return [address for address in addresses if re.match(r"(?:[a-z][a-z+.-]*:)?//", address, re.IGNORECASE)]


def test_every_page_stands_in_the_navigation_and_the_site_has_a_front_door(site: Path) -> None:
    front = (site / "docs" / "index.html").read_text("utf-8")
    navigation = set(re.findall(r'class="(?:current )?reference internal" href="([^"#]+)', front))
    elsewhere = {ROOT / "README.md", ROOT / "docs" / "index.md"}
    wanted = [path for path in files() if path not in elsewhere and "adr" not in path.parts]
    pages = {(site / path.relative_to(ROOT)).with_suffix(".html") for path in wanted if "tests" not in path.parts}
    assert pages <= {(site / "docs" / link).resolve() for link in navigation}
    assert "docs/index.html" in (site / "index.html").read_text("utf-8")
    assert (site / "docs" / "layers.html").read_text("utf-8").count("highlight-console")


def test_no_script_style_font_or_picture_is_loaded_from_elsewhere(site: Path) -> None:
    pages, styles = list(site.rglob("*.html")), list(site.rglob("*.css"))
    assert len(pages) > 20
    assert styles
    for page in pages:
        assert outside(Loaded(page.read_text("utf-8")).found) == [], page
    for style in [*styles, *site.rglob("*.svg")]:
        assert outside(_IN_STYLE.findall(style.read_text("utf-8"))) == [], style


def test_what_is_loaded_from_elsewhere_would_be_seen() -> None:
    text = """<link rel="stylesheet" href="https://fonts.example/a.css"><script src="//cdn.example/b.js"></script>
    <style>@import "https://fonts.example/c"; a {background: url(//x.example/d.png)}</style><img src="e.png">
    <p style="background: url('http://x.example/f')"><a href="https://example.com/">followed by people</a></p>"""
    seen = ["https://fonts.example/a.css", "//cdn.example/b.js", "https://fonts.example/c", "//x.example/d.png"]
    assert outside(Loaded(text).found) == [*seen, "http://x.example/f"]


@pytest.fixture(scope="module")
def complaints(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the generator says of a small repository in which everything is wrong."""
    root = tmp_path_factory.mktemp("wrong")
    docs = root / "docs"
    (docs / "adr").mkdir(parents=True)
    (docs / "conf.py").write_bytes((ROOT / "docs" / "conf.py").read_bytes())
    (docs / "index.md").write_text("# Front\n\n## How to\n\n## Examples\n\n## Pages\n\n[one](one.md)\n")
    (docs / "one.md").write_text("# One\n\n[a](nix.md) [b](lost.md#nix)\n\n```no-such-language\nx\n```\n")
    (docs / "lost.md").write_text("# Lost\n")
    built = build(root, root / "build" / "docs")
    assert built.returncode != 0
    return built.stderr


@pytest.mark.parametrize(
    "said",
    [
        "target not found: 'nix.md'",
        "id not found in doc 'docs/lost': 'nix'",
        "'no-such-language' is not known",
        "lost.md: ",
    ],
)
def test_broken_links_lost_pages_and_unknown_languages_fail_the_build(complaints: str, said: str) -> None:
    assert said in complaints
