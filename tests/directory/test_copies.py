"""The switch interval of the interpreter while rows are copied."""

from __future__ import annotations

import sys

from pool_as_code.directory.postgres_copy import _PATIENCE, _Quick


def test_the_interpreter_is_as_patient_as_before_when_the_last_one_has_copied() -> None:
    usual, quick = sys.getswitchinterval(), _Quick()
    quick.begin()
    quick.begin()
    assert abs(sys.getswitchinterval() - _PATIENCE) < 1e-6
    quick.end()
    assert abs(sys.getswitchinterval() - _PATIENCE) < 1e-6
    quick.end()
    assert sys.getswitchinterval() == usual
