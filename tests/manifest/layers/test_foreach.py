"""ForEach: rows of CSV, YAML and JSON files and of the document itself become documents; every fault names file, line and row."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pool_as_code.core.address import Address
from pool_as_code.core.values import JsonMap, JsonValue
from pool_as_code.manifest.layers.rows import Rows, read_rows
from tests.manifest.layers.layered import Layered, details, for_each, made_pool, messages, patch, pool

CSV = "name,title,base\na,First,base\nb,Second,strict\n"
BASES = (
    pool("base", {"passwordPolicy": {"minLength": 8}}, abstract=True),
    pool("strict", {"passwordPolicy": {"minLength": 14}}, abstract=True),
)
SPECS = {
    "pool/a": {"description": "First pool", "passwordPolicy": {"minLength": 8}},
    "pool/b": {"description": "Second pool", "passwordPolicy": {"minLength": 14}},
}
TEMPLATE = made_pool(extends="${row.base}", spec={"description": "${row.title} pool"})


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("rows.csv", CSV),
        ("rows.csv", "\ufeff" + CSV.replace("\n", "\r\n") + "\r\n"),
        ("rows.tsv", CSV.replace(",", "\t")),
        ("rows.csv", CSV.replace(",", ";")),
        ("rows.yaml", "- {name: a, title: First, base: base}\n- name: b\n  title: Second\n  base: strict\n"),
        ("rows.json", '[{"name":"a","title":"First","base":"base"},{"name":"b","title":"Second","base":"strict"}]'),
    ],
)
def test_every_row_makes_every_document(tmp_path: Path, file: str, text: str) -> None:
    source: JsonMap = {"file": file, **({"delimiter": ";"} if ";" in text else {})}
    project = Layered(tmp_path).write(*BASES, for_each([TEMPLATE], source=source))
    (tmp_path / "manifests" / file).write_text(text, encoding="utf-8", newline="")
    loaded = project.load()
    assert messages(loaded) == []
    assert {str(r.address): r.spec for r in loaded.state} == SPECS
    assert loaded.documents == {"IdentityPool": 2}


def test_rows_may_stand_in_the_document_and_keep_their_types(tmp_path: Path) -> None:
    template = made_pool(spec={"poolLimits": {"passkeysPerUser": "${row.n}"}, "description": "${row.n} and ${row.on}"})
    rows: list[JsonValue] = [{"name": "a", "n": 3, "on": True}]
    assert Layered(tmp_path).write(for_each([template], rows=rows)).spec() == {
        "poolLimits": {"passkeysPerUser": 3},
        "description": "3 and true",
    }


def test_columns_of_a_csv_file_have_types(tmp_path: Path) -> None:
    spec: JsonMap = {
        "poolLimits": {"passkeysPerUser": "${row.n}"},
        "signIn": {"identifiersIgnoreCase": "${row.on}", "firstFactor": {"methods": "${row.methods}"}},
    }
    columns: JsonMap = {"n": "integer", "on": "boolean", "methods": "list"}
    project = Layered(tmp_path).write(for_each([made_pool(spec=spec)], columns=columns))
    project.write(rows__csv="name,n,on,methods\na,3,TRUE,password; webauthn\n")
    assert project.spec() == {
        "poolLimits": {"passkeysPerUser": 3},
        "signIn": {"identifiersIgnoreCase": True, "firstFactor": {"methods": ["password", "webauthn"]}},
    }
    project.write(rows__csv="name,n,on,methods\na,3.5,true,password\nb,1,yes,password\n")
    loaded = project.load()
    assert messages(loaded) == [
        "rows.csv:2 PAC154 column n needs a whole number",
        "rows.csv:3 PAC154 column on needs true or false",
    ]


def test_an_empty_cell_leaves_out_what_would_hold_it(tmp_path: Path) -> None:
    spec: JsonMap = {"badgeColor": "${row.color}", "description": "(${row.color})", "signInAt": ["${row.color}"]}
    project = Layered(tmp_path).write(for_each([made_pool(spec=spec)]), rows__csv="name,color\na,\n")
    assert project.spec() == {"description": "()", "signInAt": []}


def test_a_cell_brings_no_placeholders_of_its_own(tmp_path: Path) -> None:
    project = Layered(tmp_path, {"variables": {"secret": "hidden", "word": "W"}})
    spec: JsonMap = {"description": "${row.text} ${var.word} $${row.text}", "totpIssuer": None}
    template = made_pool(spec={"description": spec["description"], "metadata": {"k": {"v": "${row.text}"}}})
    project.write(for_each([template]), rows__csv="name,text\na,${var.secret} $${x} ${row.name}\n")
    assert project.spec() == {
        "description": "${var.secret} $${x} ${row.name} W ${row.text}",
        "metadata": {"k": {"v": "${var.secret} $${x} ${row.name}"}},
    }


def test_documents_of_rows_are_patched_and_extended_like_any_other(tmp_path: Path) -> None:
    project = Layered(tmp_path).write(
        *BASES,
        for_each([made_pool(extends="${row.base}", labels={"tier": "${row.base}"})]),
        patch({"description": "strict one"}, selector={"tier": "strict"}),
        pool("c", extends="a"),
        rows__csv=CSV,
    )
    specs = {r.address.name: r.spec for r in project.load().state}
    assert specs == {
        "a": {"passwordPolicy": {"minLength": 8}},
        "b": {"passwordPolicy": {"minLength": 14}, "description": "strict one"},
        "c": {"passwordPolicy": {"minLength": 8}},
    }


def test_a_former_name_in_a_previous_column_renames(tmp_path: Path) -> None:
    group: JsonMap = {
        "apiVersion": "pool-as-code/v1",
        "kind": "Group",
        "metadata": {"name": "g-${row.name}", "pool": "p"},
    }
    templates: list[JsonValue] = [made_pool("x-${row.name}-y", previousNames=["older"]), group]
    project = Layered(tmp_path).write(pool("p"), for_each(templates))
    project.write(rows__csv="name,previous_name\na,old\nb,\nc,c\n")
    former = {
        str(r.address): r.metadata.get("previousNames") for r in project.load().state if r.address.path not in ("p",)
    }
    assert former == {
        "pool/x-a-y": ["older", "x-old-y"],
        "pool/x-b-y": ["older"],
        "pool/x-c-y": ["older"],
        "group/p/g-a": ["g-old"],
        "group/p/g-b": None,
        "group/p/g-c": None,
    }


def test_a_fault_of_one_row_stands_in_its_line(tmp_path: Path) -> None:
    project = Layered(tmp_path).write(*BASES, for_each([TEMPLATE]))
    project.write(rows__csv='name,title,base\na,"one\ntwo",base\nbad name,x,base\na,y,base\nd,z,nobase\n')
    loaded = project.load()
    assert messages(loaded) == [
        "rows.csv:4 PAC208 metadata.name needs a name of letters, digits, - and _ that begins with a letter or digit, "
        "at most 64 characters",
        "rows.csv:5 PAC224 pool/a is declared twice",
        "rows.csv:6 PAC170 there is no IdentityPool nobase to extend",
    ]
    assert details(loaded) == [
        "found the text 'bad name'; row 2; its document stands at manifests/all.yaml:14:133",
        "row 3; the first one, of row 1 (manifests/rows.csv:2), stands at manifests/all.yaml:14:133",
        "row 4; its document stands at manifests/all.yaml:14:159",
    ]


def test_a_cell_that_is_wrong_in_every_document_of_its_row_is_told_once(tmp_path: Path) -> None:
    group: JsonMap = {"apiVersion": "pool-as-code/v1", "kind": "Group"}
    templates: list[JsonValue] = [made_pool()]
    templates += [{**group, "metadata": {"name": name, "pool": "${row.name}"}} for name in ("admins", "billing")]
    project = Layered(tmp_path).write(for_each(templates), rows__csv="name\na\nbad name\na\n")
    loaded = project.load()
    assert messages(loaded) == [
        "rows.csv:3 PAC208 metadata.name needs a name of letters, digits, - and _ that begins with a letter or digit, "
        "at most 64 characters",
        "rows.csv:4 PAC224 pool/a is declared twice",
    ]
    assert [detail.partition("; ")[0] for detail in details(loaded)] == [
        "found the text 'bad name'",
        "row 3, 2 more times",
    ]
    assert "row 2, 2 more times" in details(loaded)[0]


def test_a_fault_of_the_template_is_told_once(tmp_path: Path) -> None:
    rows = "name\n" + "".join(f"p{n}\n" for n in range(500))
    project = Layered(tmp_path).write(for_each([made_pool(spec={"badgeColor": "red", "nix": 1})]), rows__csv=rows)
    loaded = project.load()
    assert messages(loaded) == [
        "all.yaml:4 PAC208 badgeColor needs a colour such as #007FFF",
        "all.yaml:4 PAC203 unknown key 'nix' in spec",
    ]
    many = (
        "made by row 1 (manifests/rows.csv:2), row 2 (manifests/rows.csv:3), row 3 (manifests/rows.csv:4) and 497 more"
    )
    assert all(detail.endswith(many) for detail in details(loaded))


def test_a_fault_of_a_base_is_told_once_for_all_that_extend_it(tmp_path: Path) -> None:
    rows = "name\n" + "".join(f"p{n}\n" for n in range(400))
    base = pool("base", {"description": "${var.hots}"}, abstract=True)
    loaded = Layered(tmp_path).write(base, for_each([made_pool(extends="base")]), rows__csv=rows).load()
    assert messages(loaded) == ["all.yaml:4 PAC180 variable hots has no value"]
    assert details(loaded) == ["the project declares no variables; in pool/base, pool/p0, pool/p1 and 398 more"]


def test_rows_that_can_not_be_read_do_not_make_patches_of_their_documents_wrong(tmp_path: Path) -> None:
    project = Layered(tmp_path).write(
        for_each([made_pool(labels={"tier": "${row.tier}"})]),
        patch({"description": "gold"}, selector={"tier": "gold"}),
        rows__csv="name,tier\na,gold,\n",
    )
    assert messages(project.load()) == ["rows.csv:2 PAC151 the row has 3 cells, the header has 2"]


def test_a_fault_of_a_row_in_a_list_stands_at_the_row(tmp_path: Path) -> None:
    project = Layered(tmp_path).write(
        for_each([made_pool()], source={"file": "rows.yaml"}), rows__yaml="- name: a\n- name: b\n- name: b c\n"
    )
    assert messages(project.load())[0].startswith("rows.yaml:3 PAC208 metadata.name")
    project.write(for_each([made_pool()], rows=[{"name": "a"}, {"name": "b c"}]))
    (tmp_path / "manifests" / "rows.yaml").unlink()
    assert messages(project.load())[0].startswith("all.yaml:4 PAC208 metadata.name")


def test_references_of_a_row_are_checked_in_its_line(tmp_path: Path) -> None:
    group: JsonMap = {
        "apiVersion": "pool-as-code/v1",
        "kind": "Group",
        "metadata": {"name": "g", "pool": "${row.pool}"},
    }
    project = Layered(tmp_path).write(pool("p"), for_each([group]), rows__csv="pool\np\nq\n")
    assert messages(project.load()) == ["rows.csv:3 PAC225 there is no pool q"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "rows.csv:0 PAC152 the file has no header"),
        ("name\n", "all.yaml:4 PAC157 there are no rows in manifests/rows.csv"),
        ("name,name\na,b\n", "rows.csv:1 PAC152 column name stands twice"),
        ("name,a b\na,b\n", "rows.csv:1 PAC152 'a b' is no name of a column"),
        ("name,\na,b\n", "rows.csv:1 PAC152 '' is no name of a column"),
        ("name\na,b\n", "rows.csv:2 PAC151 the row has 2 cells, the header has 1"),
        ('name\n"a\n', "rows.csv:2 PAC151 the row can not be read: unexpected end of data"),
        ("names\na\n", "all.yaml:4 PAC153 there is no column name in manifests/rows.csv"),
        ("name,x\na,\x1b[31m\n", "rows.csv:2 PAC103 character U+001B is not allowed"),
        (
            "name\n\xff\n".encode("latin-1").decode("utf-8", "surrogateescape"),
            "rows.csv:2 PAC100 byte 0xFF is not UTF-8",
        ),
        (
            "name,x\n,b\n",
            "all.yaml:4 PAC158 row 1 (manifests/rows.csv:2) makes a document of kind IdentityPool without a name",
        ),
    ],
)
def test_a_file_of_rows_that_is_wrong_is_told_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    project = Layered(tmp_path).write(for_each([made_pool()]))
    (tmp_path / "manifests" / "rows.csv").write_bytes(text.encode("utf-8", "surrogateescape"))
    found = messages(project.load())
    assert len(found) == 1
    assert found[0].startswith(said)


@pytest.mark.parametrize(
    ("spec", "code"),
    [
        ({"source": {"file": "nix.csv"}}, "PAC150"),
        ({"source": {"file": "all.txt"}}, "PAC150"),
        ({"source": {"file": "../../outside.csv"}}, "PAC156"),
        ({"source": {"file": "link.csv"}}, "PAC156"),
        ({"source": {"file": "/etc/passwd"}}, "PAC156"),
        ({"source": {"file": "."}}, "PAC150"),
        ({"source": {"file": "rows.csv"}, "rows": [{"name": "a"}]}, "PAC155"),
        ({"source": {"file": "rows.csv"}, "columns": {"nix": "integer"}}, "PAC153"),
        ({"rows": []}, "PAC157"),
        ({"rows": [1]}, "PAC205"),
        ({"source": {"file": "rows.csv", "delimiter": "--"}}, "PAC206"),
    ],
)
def test_a_source_that_can_not_be_used_is_an_error(tmp_path: Path, spec: JsonMap, code: str) -> None:
    inside = tmp_path / "inside"
    (tmp_path / "outside.csv").write_text("name\na\n")
    project = Layered(inside).write(for_each([made_pool()], **spec), rows__csv="name\na\n", all__txt="x")
    (inside / "manifests" / "link.csv").symlink_to(tmp_path / "outside.csv")
    assert [item.code for item in project.load().diagnostics] == [code]


def test_documents_of_unknown_kinds_and_placeholders_in_kinds_are_refused(tmp_path: Path) -> None:
    broken: list[JsonValue] = [
        {"kind": "IdentityPol", "metadata": {"name": "${row.name}"}},
        {"metadata": {"name": "${row.name}"}},
        {**made_pool(), "apiVersion": "${row.name}"},
        {**made_pool(), "kind": "Patch"},
    ]
    project = Layered(tmp_path).write(for_each(broken), rows__csv="name\na\n")
    assert [item.code for item in project.load().diagnostics] == ["PAC202", "PAC202", "PAC176", "PAC202"]


def test_a_list_that_nobody_uses_as_rows_is_no_manifest(tmp_path: Path) -> None:
    project = Layered(tmp_path).write(pool("a"), rows__yaml="- name: a\n")
    assert [item.code for item in project.load().diagnostics] == ["PAC200"]


CELL = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters="\ufeff"))
MARKED = st.lists(st.sampled_from(["${", "$${", "$", "}", "${var.x}", "${row.name}", "a", ",", '"', "\n", "é"])).map(
    "".join
)


@given(st.lists(st.one_of(CELL, MARKED).filter(lambda t: not {"\ufffe", "\uffff"} & set(t)), min_size=1, max_size=5))
def test_documents_made_of_rows_are_those_that_one_would_write(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("law")
    template = made_pool(
        spec={"description": "${row.text}", "metadata": {"m": {"of": "<${row.text}${var.x}${row.text}>"}}}
    )
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerows([("name", "text"), *((f"p{number}", text) for number, text in enumerate(texts))])
    project = Layered(folder, {"variables": {"x": "${}"}}).write(for_each([template]))
    (folder / "manifests" / "rows.csv").write_text(stream.getvalue(), encoding="utf-8", newline="")
    loaded = project.load()
    assert messages(loaded) == []
    for number, text in enumerate(texts):
        spec = loaded.state.resources[Address("pool", f"p{number}")].spec
        assert spec == {**({"description": text} if text else {}), "metadata": {"m": {"of": f"<{text}${{}}{text}>"}}}


def test_a_project_of_rows_reads_its_file_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reads: list[str] = []

    def counted(file: str, content: bytes, delimiter: str, types: Mapping[str, str]) -> Rows:
        reads.append(file)
        return read_rows(file, content, delimiter, types)

    monkeypatch.setattr("pool_as_code.manifest.texts.read_rows", counted)
    project = Layered(tmp_path).write(
        for_each([made_pool()]), b__yaml=for_each([made_pool("b-${row.name}")]), rows__csv="name\na\n"
    )
    assert [str(r.address) for r in project.load().state] == ["pool/a", "pool/b-a"]
    assert reads == ["manifests/rows.csv"]


def test_a_literal_mark_in_a_template_means_itself_without_any_variable(tmp_path: Path) -> None:
    template = made_pool(spec={"description": "$${row.x} of ${row.name}"})
    project = Layered(tmp_path).write(for_each([template]), rows__csv="name\na\n")
    assert project.spec() == {"description": "${row.x} of a"}


@pytest.mark.parametrize("target", [".env", ".git/config.csv", ".pool-as-code/rows.yaml"])
def test_a_link_to_what_may_hold_secrets_is_no_file_of_rows_and_nothing_of_it_is_shown(
    tmp_path: Path, target: str
) -> None:
    project = Layered(tmp_path).write(for_each([made_pool()], source={"file": "link.csv"}))
    (tmp_path / target).parent.mkdir(exist_ok=True)
    (tmp_path / target).write_text("TOKEN=hunter2\n")
    (tmp_path / "manifests" / "link.csv").symlink_to(tmp_path / target)
    found = project.load().diagnostics
    assert [item.code for item in found] == ["PAC156"]
    assert "hunter2" not in str(found)


def test_a_pipe_is_no_file_of_rows(tmp_path: Path) -> None:
    project = Layered(tmp_path).write(for_each([made_pool()], source={"file": "pipe.csv"}))
    os.mkfifo(tmp_path / "manifests" / "pipe.csv")
    assert messages(project.load()) == ["all.yaml:4 PAC150 pipe.csv can not be read: it is not a file"]


def test_a_number_that_is_too_large_for_one_is_told_with_its_row(tmp_path: Path) -> None:
    template = made_pool(spec={"extra": {"x": "${row.x}"}})
    project = Layered(tmp_path).write(
        for_each([template], columns={"x": "number"}), rows__csv=f"name,x\na,{'9' * 400}\n"
    )
    assert messages(project.load()) == ["rows.csv:2 PAC154 column x needs a number"]


def test_a_name_that_is_a_number_is_told_as_such(tmp_path: Path) -> None:
    loaded = Layered(tmp_path).write(for_each([made_pool()], rows=[{"name": 7}])).load()
    assert [item.code for item in loaded.diagnostics] == ["PAC158"]
    assert details(loaded) == ["column name holds no text, and its name or its pool has to be one"]
