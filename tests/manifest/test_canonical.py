"""Files in canonical form: which is YAML, which is JSON, what is refused."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pool_as_code.core.yaml import parse_collect
from pool_as_code.core.yaml.canonical import NotKept
from pool_as_code.manifest import canonical as module
from pool_as_code.manifest.canonical import NotCanonical, canonical_text
from pool_as_code.manifest.dump import write_manifests
from pool_as_code.manifest.load import load
from tests.documents import projects
from tests.house import House
from tests.scribbles import Scribble, scribbles

ROOT = Path(__file__).parents[2]
WRONG = sorted((ROOT / "tests/wrong").glob("*/manifest.yaml"))
PIECES = [
    b": ",
    b"- ",
    b"\n",
    b"  ",
    b"{",
    b"]",
    b"&a ",
    b"*a",
    b"\t",
    b'"',
    b"'",
    b" # x\n",
    b"---\n",
    b"|\n",
    b"> # y\n",
    b"? ",
    b"...\n",
]
FILES = [path for folder in ("examples", "tests/manifest") for path in sorted((ROOT / folder).rglob("*.yaml"))]


def refused(name: str, content: bytes) -> list[str]:
    with pytest.raises(NotCanonical) as caught:
        canonical_text(name, content)
    return [f"{item.location}: {item.code}" for item in caught.value.diagnostics]


def form_or_codes(name: str, content: bytes) -> str | list[str]:
    """The canonical form, which is canonical, or the codes of what is wrong."""
    try:
        written = canonical_text(name, content)
    except NotCanonical as wrong:
        return [item.code for item in wrong.diagnostics]
    assert canonical_text(name, written.encode()) == written
    return written


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_example_is_canonical_or_becomes_so_at_once(path: Path) -> None:
    written = canonical_text(path.name, path.read_bytes())
    assert canonical_text(path.name, written.encode()) == written
    if "examples" in path.parts and (path.name == "pool-as-code.yaml" or "manifests" in path.parts):
        assert path.read_text("utf-8") == written, "run pac fmt"


@settings(max_examples=50)
@given(documents=projects())
def test_what_pull_writes_is_canonical(
    documents: list[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    house = House(tmp_path_factory.mktemp("project")).write(documents)
    state = load([str(house.root / "manifests")]).state
    files, _ = write_manifests(state)
    assert files
    for name, text in files.items():
        assert canonical_text(name, text.encode()) == text


@settings(max_examples=30)
@given(scribbles())
def test_any_manifest_is_formatted_whether_it_is_one_or_not(scribble: Scribble) -> None:
    written = canonical_text("a.yaml", scribble.text.encode())
    assert canonical_text("a.yaml", written.encode()) == written


@settings(max_examples=300)
@given(st.sampled_from(FILES), st.data())
def test_damaged_examples_are_refused_or_keep_values_and_comments(path: Path, data: st.DataObject) -> None:
    content = bytearray(path.read_bytes()[:3000])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content)))
        piece = data.draw(st.sampled_from(PIECES) | st.binary(max_size=2))
        content[at : at + data.draw(st.integers(0, 8))] = piece
    name = data.draw(st.sampled_from(["a.yaml", "a.yaml", "a.json"]))
    assert "PAC450" not in form_or_codes(name, bytes(content))


@pytest.mark.parametrize("path", WRONG, ids=lambda path: path.parent.name)
def test_wrong_manifests_are_refused_for_their_text_alone(path: Path) -> None:
    content = path.read_bytes()
    problems = parse_collect(content)[1]
    found = form_or_codes(path.name, content)
    assert isinstance(found, str) if not problems else sorted(found) == sorted(problem.code for problem in problems)


def test_json_stays_json_with_its_keys_in_order() -> None:
    content = '{"spec":{"x":1.5e300,"y":[]},"kind":"Group","a":"\\u202e\\ud83d\\ude00\\u007f\\n\U000e0041"}'
    written = canonical_text("a.json", content.encode())
    assert written == (
        '{\n  "kind": "Group",\n  "spec": {\n    "x": 1.5e+300,\n    "y": []\n  },\n'
        '  "a": "\\u202e😀\\u007f\\n\\udb40\\udc41"\n}\n'
    )
    assert canonical_text("a.json", written.encode()) == written
    assert canonical_text("a.yaml", content.encode()).startswith("kind: Group\n")
    assert canonical_text("a.json", b" \n") == ""


@pytest.mark.parametrize("content", ["a: 1", "# c", '{"a": 1} # c', '{"a": 1}\n---\n{}', "[1,]"])
def test_yaml_in_a_json_file_is_refused(content: str) -> None:
    assert refused("a.json", content.encode()) == ["a.json: PAC451"]


def test_what_the_strict_reader_refuses_is_refused_with_all_places() -> None:
    assert refused("a.yaml", b"a: 1\na: 2\nb: yes\n") == ["a.yaml:2:1: PAC110", "a.yaml:3:4: PAC112"]
    assert refused("a.json", b'{"a": 1, "a": 2}') == ["a.json:1:10: PAC110"]
    assert refused("a.yaml", b"\xff") == ["a.yaml:1:1: PAC100"]


def test_a_fault_of_our_own_leaves_the_file_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def lossy(*_: object) -> str:
        raise NotKept("its comments would be others")

    monkeypatch.setattr(module, "canonical", lossy)
    assert refused("a.yaml", b"a:   1\n") == ["a.yaml: PAC450"]
    monkeypatch.setattr(module, "in_order", lambda value: 1)
    assert refused("a.json", b"{}") == ["a.json: PAC450"]
