"""The names that Python programs may use, and that they cost nothing until they are used."""

import subprocess
import sys

import pytest

import pool_as_code

NAMES = {
    "ApplyOptions",
    "Change",
    "ChangeOutcome",
    "Diagnostic",
    "FieldChange",
    "Finding",
    "InvalidInput",
    "PartlyApplied",
    "Plan",
    "PlanOptions",
    "PoolAsCodeError",
    "Project",
    "Refused",
    "Report",
    "StoreError",
    "__version__",
    "load",
}


def test_the_exported_names_are_exactly_these() -> None:
    assert set(pool_as_code.__all__) == NAMES
    assert set(dir(pool_as_code)) >= NAMES


@pytest.mark.parametrize("name", sorted(NAMES))
def test_each_exported_name_is_there(name: str) -> None:
    assert getattr(pool_as_code, name) is not None


def test_another_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = pool_as_code.nonsense


def test_importing_the_package_imports_nothing_of_it() -> None:
    code = "import pool_as_code, sys; print([m for m in sys.modules if m.startswith('pool_as_code.')])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
