"""The golden comparison itself: it must be able to fail, and say how."""

from pathlib import Path

import pytest

from tests.golden import Golden


def test_equal_text_passes(tmp_path: Path) -> None:
    (tmp_path / "plan.txt").write_bytes(b"one\ntwo\n")
    Golden(tmp_path, rewrite=False)("plan.txt", "one\ntwo\n")


def test_other_text_is_refused_with_a_diff_and_the_next_step(tmp_path: Path) -> None:
    (tmp_path / "plan.txt").write_bytes(b"one\ntwo\n")
    with pytest.raises(AssertionError) as refused:
        Golden(tmp_path, rewrite=False)("plan.txt", "one\nthree\n")
    message = str(refused.value)
    assert "-two\n+three\n" in message
    assert "make golden" in message


@pytest.mark.parametrize("text", ["one", "one\r\n", "one\n\n"])
def test_a_difference_in_line_ends_alone_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "plan.txt").write_bytes(b"one\n")
    with pytest.raises(AssertionError, match="what the test printed"):
        Golden(tmp_path, rewrite=False)("plan.txt", text)


def test_a_missing_file_is_refused_with_the_next_step(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=r"no golden file .*make golden"):
        Golden(tmp_path, rewrite=False)("plan.txt", "one\n")


def test_rewriting_makes_the_comparison_pass(tmp_path: Path) -> None:
    Golden(tmp_path, rewrite=True)("deep/plan.txt", "één\r\n")
    Golden(tmp_path, rewrite=False)("deep/plan.txt", "één\r\n")
    assert (tmp_path / "deep" / "plan.txt").read_bytes() == "één\r\n".encode()


def test_the_fixture_starts_at_the_folder_of_the_test_file(golden: Golden) -> None:
    assert golden.folder == Path(__file__).parent
