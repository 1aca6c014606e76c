"""`pac fmt` from end to end: what it prints where, what it writes, how it exits."""

import json

from tests.cli.shop import ADA, GROUP, POOL, Shop

UGLY = GROUP.replace("kind: Group", "kind:    Group # a \u202e mark")


def test_names_go_to_standard_output_and_counts_to_standard_error(shop: Shop) -> None:
    shop.write(POOL, UGLY, ADA)
    result = shop.pac("fmt")
    assert (result.exit_code, result.stdout) == (0, "manifests/all.yaml\n")
    assert result.stderr == "1 file reformatted, 1 in canonical form\n"
    assert "kind: Group # a \u202e mark\n" in (shop.root / "manifests/all.yaml").read_text("utf-8")
    again = shop.pac("fmt", "--check")
    assert (again.exit_code, again.stdout, again.stderr) == (0, "", "2 in canonical form\n")


def test_check_writes_nothing_and_exits_with_1(shop: Shop) -> None:
    shop.write(UGLY)
    result = shop.pac("fmt", "--check", "manifests")
    assert (result.exit_code, result.stdout) == (1, "manifests/all.yaml\n")
    assert result.stderr == "1 file would be reformatted\nnext: pac fmt\n"
    assert (shop.root / "manifests/all.yaml").read_text("utf-8") == UGLY


def test_diff_shows_harmless_lines_and_writes_nothing(shop: Shop) -> None:
    shop.write(UGLY.rstrip("\n"))
    result = shop.pac("fmt", "--diff")
    assert result.exit_code == 0
    assert "-kind:    Group # a \\u202e mark\n+kind: Group # a \\u202e mark\n" in result.stdout
    assert "\\ No newline at end of file\n" in result.stdout
    assert shop.pac("fmt", "--diff", "--check").exit_code == 1
    assert (shop.root / "manifests/all.yaml").read_text("utf-8") == UGLY.rstrip("\n")


def test_a_file_with_errors_is_told_with_its_places_and_exits_with_1(shop: Shop) -> None:
    shop.write("a: 1\na: 2\n")
    (shop.root / "manifests/b.yaml").write_text("a:  1\n")
    result = shop.pac("fmt")
    assert (result.exit_code, result.stdout) == (1, "manifests/b.yaml\n")
    assert "manifests/all.yaml:2:1: error PAC110" in result.stderr


def test_standard_input_goes_to_standard_output(shop: Shop) -> None:
    result = shop.pac("fmt", "-", input="a:   1 # c\n")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "a: 1 # c\n", "")
    assert shop.pac("fmt", "-", input="a: 1\n").stdout == "a: 1\n"
    checked = shop.pac("fmt", "-", "--check", input="a:   1\n")
    assert (checked.exit_code, checked.stdout) == (1, "<stdin>\n")
    assert shop.pac("fmt", "-", "--check", input="a: 1\n").exit_code == 0
    refused = shop.pac("fmt", "-", input="a: [\n")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "<stdin>:2:1: error PAC105" in refused.stderr
    both = shop.pac("fmt", "-", "manifests", input="")
    assert both.exit_code == 1
    assert "format the files by themselves" in both.stderr


def test_json_says_the_same(shop: Shop) -> None:
    shop.write(UGLY)
    result = shop.pac("fmt", "--check", "--diff", "--output", "json")
    assert result.exit_code == 1
    told = json.loads(result.stdout)
    assert [file["file"] for file in told["changed"]] == ["manifests/all.yaml"]
    assert "+kind: Group" in told["changed"][0]["diff"]
    assert (told["unchanged"], told["valid"], told["diagnostics"]) == (1, True, [])


def test_what_pull_writes_is_formatted_already(live_shop: Shop) -> None:
    assert live_shop.pac("pull", "--into", "pulled").exit_code == 0
    result = live_shop.pac("fmt", "--check", "pulled")
    assert (result.exit_code, result.stdout) == (0, "")
    stream = live_shop.pac("pull").stdout
    assert stream.startswith("# ")
    assert live_shop.pac("fmt", "-", input=stream).stdout == stream
