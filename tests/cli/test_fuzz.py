"""Whatever is typed and whatever a plan file holds: a clear end, no traceback, no internal error."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import click
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pool_as_code.cli.root import root
from pool_as_code.plan import codec
from tests.cli.shop import ADA, GROUP, POOL, Shop
from tests.cli.test_help import commands
from tests.render.plans import rich_plan

EXIT_CODES = {0, 1, 2, 3, 4, 5}
OPTIONS = sorted(
    {name for _, command in commands() for p in command.params if isinstance(p, click.Option) for name in p.opts}
)
WORDS = [
    *("-", "--", ".", "..", "manifests", "manifests/all.yaml", "pool-as-code.yaml", "release.plan", "nowhere"),
    *(
        "pool/customers",
        "user/customers/*",
        "customers/ada",
        "dev",
        "json",
        "text",
        "user=3",
        "user=",
        "=",
        "0",
        "-1",
        "\x00",
    ),
    *(
        "memory:",
        "sqlite:",
        "sqlite:///x.db",
        "sqlite:x",
        "dump:manifests",
        "postgresql://a:b@c/d",
        "x:y",
        ":",
        "://",
        "reactivates-user",
    ),
]
# No slashes in random words: they are names below the temporary folder, whatever option takes them.
RANDOM = st.text(st.characters(exclude_characters="/\\", codec="utf-8"), max_size=12)
ARGUMENTS = st.lists(st.one_of(st.sampled_from(OPTIONS), st.sampled_from(WORDS), RANDOM), max_size=6)
COMMAND = st.sampled_from([path for path, command in commands() if command is not root])


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    with tempfile.TemporaryDirectory() as folder:
        inside = Path(folder) / "shop"  # so that `..` is a folder of ours, too
        inside.mkdir()
        yield Shop(inside).write(POOL, GROUP, ADA)


def assert_clear_end(shop: Shop, *arguments: str, input: bytes = b"") -> None:
    result = shop.pac(*arguments, input=input)
    assert isinstance(result.exception, SystemExit | None), result.exception
    assert result.exit_code in EXIT_CODES
    assert "Traceback" not in result.output
    assert "PAC900" not in result.output, result.output
    assert result.exit_code in (0, 2) or result.stderr or "PAC" in result.stdout
    assert not {c for c in result.output if c != "\n" and not c.isprintable()}


@given(path=COMMAND, arguments=ARGUMENTS, input=st.binary(max_size=30))
def test_any_command_line_ends_clearly(shop: Shop, path: tuple[str, ...], arguments: list[str], input: bytes) -> None:
    assert_clear_end(shop, *path, *(word for word in arguments if word != "--debug"), input=input)


@given(arguments=ARGUMENTS)
def test_any_words_instead_of_a_command_end_clearly(shop: Shop, arguments: list[str]) -> None:
    assert_clear_end(shop, *arguments)


@given(st.binary(max_size=200))
def test_any_bytes_as_a_plan_file_end_clearly(shop: Shop, content: bytes) -> None:
    (shop.root / "any.plan").write_bytes(content)
    assert_clear_end(shop, "show", "any.plan")
    assert_clear_end(shop, "apply", "--plan", "any.plan", "--yes")


PLAN: Any = json.loads(codec.dumps(rich_plan()))
ODD: list[Any] = [
    None,
    True,
    0,
    -1,
    1.5,
    2**80,
    "",
    "x",
    "\x1b[2J\u202e",
    [],
    [[]],
    {},
    {"": None},
    ["update"],
    "create",
]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place inside a JSON value."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in members:
        yield (*path, key)
        yield from places(inner, (*path, key))


PLACES = list(places(PLAN))


@settings(max_examples=300)
@given(place=st.sampled_from(PLACES), value=st.one_of(st.sampled_from(ODD), st.just("(removed)")), signed=st.booleans())
def test_a_plan_file_with_anything_anywhere_ends_clearly(
    shop: Shop, place: tuple[Any, ...], value: Any, signed: bool
) -> None:
    """`signed`: whoever changed it also put the right digest in, so that nothing but the reader itself stands in the way."""
    plan = json.loads(json.dumps(PLAN))
    here = plan
    for step in place[:-1]:
        here = here[step]
    if value == "(removed)":
        del here[place[-1]]
    else:
        here[place[-1]] = value
    if signed:
        with suppress(KeyError, TypeError, ValueError, AttributeError):
            plan["digest"] = codec.from_json(plan).digest
    (shop.root / "changed.plan").write_text(json.dumps(plan))
    for output in ("text", "json"):
        assert_clear_end(shop, "show", "changed.plan", "--output", output)
    assert_clear_end(shop, "apply", "changed.plan", "--yes")
