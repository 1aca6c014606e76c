"""New bindings in the text of a project file: only they are new."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pool_as_code.core.address import Address
from pool_as_code.core.values import as_map
from pool_as_code.core.yaml import dump, parse
from pool_as_code.manifest.bindings import NotEditable, lines_to_paste, with_bindings

NEW = {Address("pool", "staff"): "010", Address("pool", "customers"): "c67evw7mj4"}

CASES = {
    "a block without bindings": (
        """\
# who we are
environments:
  dev: {store: one}
  prod:  # careful
    store: two  # the second

    protected: true  # last
# the end
name: x
""",
        """\
# who we are
environments:
  dev: {store: one}
  prod:  # careful
    store: two  # the second

    protected: true  # last
    bindings:
      pool/customers: c67evw7mj4
      pool/staff: "010"
# the end
name: x
""",
    ),
    "a block with bindings": (
        "environments:\n    prod:\n        bindings:\n            # ours\n            pool/a: x  # first\n        store: two\n",
        "environments:\n    prod:\n        bindings:\n            # ours\n            pool/a: x  # first\n"
        '            pool/customers: c67evw7mj4\n            pool/staff: "010"\n        store: two\n',
    ),
    "no line end at the end": (
        "environments:\n  prod:\n    store: two",
        'environments:\n  prod:\n    store: two\n    bindings:\n      pool/customers: c67evw7mj4\n      pool/staff: "010"',
    ),
    "windows line ends": (
        "environments:\r\n  prod:\r\n    store: two\r\nname: x\r\n",
        "environments:\r\n  prod:\r\n    store: two\r\n    bindings:\r\n      pool/customers: c67evw7mj4\r\n"
        '      pool/staff: "010"\r\nname: x\r\n',
    ),
    "a byte order mark": (
        "\ufeffenvironments: {prod: {store: two}}\n",
        '\ufeffenvironments: {prod: {store: two, bindings: {pool/customers: c67evw7mj4, pool/staff: "010"}}}\n',
    ),
    "braces in a block": (
        "environments:\n  prod: {store: two}  # note\n",
        'environments:\n  prod: {store: two, bindings: {pool/customers: c67evw7mj4, pool/staff: "010"}}  # note\n',
    ),
    "braces with bindings": (
        "environments:\n  prod: {bindings: {pool/a: x}, store: two}\n",
        'environments:\n  prod: {bindings: {pool/a: x, pool/customers: c67evw7mj4, pool/staff: "010"}, store: two}\n',
    ),
    "nothing in braces": (
        "environments:\n  dev: {}\n  prod: {}  # nothing yet\nname: x\n",
        "environments:\n  dev: {}\n  prod:  # nothing yet\n    bindings:\n      pool/customers: c67evw7mj4\n"
        '      pool/staff: "010"\nname: x\n',
    ),
    "empty bindings": (
        "environments:\n  prod:\n    bindings: {}\n    store: two\n",
        "environments:\n  prod:\n    bindings:\n      pool/customers: c67evw7mj4\n"
        '      pool/staff: "010"\n    store: two\n',
    ),
    "nothing in braces in braces": (
        "environments: {prod: {}}\n",
        'environments: {prod: {bindings: {pool/customers: c67evw7mj4, pool/staff: "010"}}}\n',
    ),
    "JSON on one line": (
        '{"name": "x", "environments": {"prod": {"store": "two"}}}\n',
        '{"name": "x", "environments": {"prod": {"store": "two", '
        '"bindings": {"pool/customers": "c67evw7mj4", "pool/staff": "010"}}}}\n',
    ),
    "JSON on many lines": (
        '{\n  "environments": {\n    "prod": {\n      "store": "two"\n    }\n  }\n}\n',
        '{\n  "environments": {\n    "prod": {\n      "store": "two",\n      '
        '"bindings": {"pool/customers": "c67evw7mj4", "pool/staff": "010"}\n    }\n  }\n}\n',
    ),
    "braces over many lines, with comments and a comma too many": (
        "environments: {\n  prod: {\n    store: two,  # the second\n  },\n}\n",
        "environments: {\n  prod: {\n    store: two,  # the second\n    "
        'bindings: {pool/customers: c67evw7mj4, pool/staff: "010"},\n  },\n}\n',
    ),
    "braces over many lines, with a comment at the end": (
        "environments: {\n  prod: {\n    store: two  # the second\n  }}\n",
        "environments: {\n  prod: {\n    store: two,  # the second\n    "
        'bindings: {pool/customers: c67evw7mj4, pool/staff: "010"}\n  }}\n',
    ),
    "braces that end behind the last value": (
        "environments: {prod: {a: b,\n  store: two}}\n",
        'environments: {prod: {a: b,\n  store: two,\n  bindings: {pool/customers: c67evw7mj4, pool/staff: "010"}}}\n',
    ),
    "a list at the end of the environment": (
        "environments:\n  prod:\n    manifests:\n    - a\n    - b\n\n\nname: x\n",
        "environments:\n  prod:\n    manifests:\n    - a\n    - b\n    bindings:\n      pool/customers: c67evw7mj4\n"
        '      pool/staff: "010"\n\n\nname: x\n',
    ),
    "a text over many lines at the end": (
        "environments:\n  prod:\n    store: |\n      one\n      two\nname: x\n",
        "environments:\n  prod:\n    store: |\n      one\n      two\n    bindings:\n      pool/customers: c67evw7mj4\n"
        '      pool/staff: "010"\nname: x\n',
    ),
    "one of them is there": (
        "environments:\n  prod:\n    bindings: {pool/staff: '010'}\n",
        "environments:\n  prod:\n    bindings: {pool/staff: '010', pool/customers: c67evw7mj4}\n",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_bindings_come_into_every_style_of_file(case: str) -> None:
    before, after = CASES[case]
    assert with_bindings(before.encode(), "prod", NEW).decode() == after


@pytest.mark.parametrize("case", CASES)
def test_what_is_there_already_changes_nothing(case: str) -> None:
    _, after = CASES[case]
    assert with_bindings(after.encode(), "prod", NEW) == after.encode()
    assert with_bindings(after.encode(), "prod", {}) == after.encode()


@pytest.mark.parametrize(
    "text",
    [
        "environments:\n  dev: &same\n    store: two\n  prod: *same\n",
        "environments:\n  dev: &same {store: two}\n  prod: *same\n",
        "name: x\n",
        "environments:\n  prod: two\n",
        "environments: [prod]\n",
        "",
        "environments:\n  prod: {\n",
    ],
)
def test_what_can_not_be_edited_by_machine_is_refused(text: str) -> None:
    with pytest.raises(NotEditable):
        with_bindings(text.encode(), "prod", NEW)


def test_an_address_that_is_bound_to_another_object_stays() -> None:
    with pytest.raises(ValueError, match="pool/staff is bound to s-1 already, not to 010"):
        with_bindings(b"environments: {prod: {bindings: {pool/staff: s-1}}}\n", "prod", NEW)


def test_the_lines_to_paste_are_a_part_of_a_project_file() -> None:
    text = lines_to_paste("prod", NEW)
    (document,) = parse(text)
    assert document.value == {
        "environments": {"prod": {"bindings": {"pool/customers": "c67evw7mj4", "pool/staff": "010"}}}
    }


KEYS = st.sampled_from(["store", "variables", "protected", "manifests"])
VALUES = st.sampled_from(["one", {"a": "b"}, ["x", "y"], True, {}, []])
IDS = st.from_regex(r"[A-Za-z0-9_-]{1,12}", fullmatch=True)
ADDRESSES = st.builds(
    Address, st.sampled_from(["pool", "schema", "group"]), st.from_regex(r"[a-z]{1,5}", fullmatch=True)
)


@given(st.dictionaries(st.sampled_from(["dev", "prod"]), st.dictionaries(KEYS, VALUES), min_size=1), st.data())
def test_whatever_we_write_ourselves_can_be_edited(
    environments: dict[str, dict[str, object]], data: st.DataObject
) -> None:
    chosen = data.draw(st.sampled_from(sorted(environments)))
    text = dump([{"name": "x", "environments": environments}])  # type: ignore[dict-item]
    first = data.draw(st.dictionaries(ADDRESSES, IDS))
    second = {a: i for a, i in data.draw(st.dictionaries(ADDRESSES, IDS)).items() if a not in first}
    content = with_bindings(with_bindings(text.encode(), chosen, first), chosen, second)
    (document,) = parse(content)
    found = as_map(as_map(as_map(as_map(document.value)["environments"])[chosen]).get("bindings"))
    assert found == {str(a): i for a, i in {**first, **second}.items()}
