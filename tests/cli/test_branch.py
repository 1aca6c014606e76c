"""A pull request that takes guards away, in a real repository: `--base main` says so before everything else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from pool_as_code import load
from pool_as_code.core.errors import InvalidInput, Refused
from tests.cli.shop import ADA, GROUP, POOL, Shop
from tests.cli.test_allowed_hosts import NETWORK, Network, network
from tests.repository import ENVIRON, Repository

__all__ = ["network"]

PROJECT = """\
apiVersion: pool-as-code/v1
kind: Project
id: p-0123456789abcdef
name: shop
manifests: [manifests]
maxDeletes: {user: 5}
environments:
  prod:
    store: far://id.example.com/shop
    protected: true
"""
PROTECTED = POOL.replace("{name: customers}", "{name: customers, protect: true}")
WAIVER = "waivers: [{rule: second-factor-missing, reason: later, expires: '2099-01-01'}]\n"
ALLOWED = {"CI": "1", "POOL_AS_CODE_ALLOWED_HOSTS": "id.example.com"}


@pytest.fixture
def branch(tmp_path: Path, network: Network) -> Iterator[Shop]:
    """On main everything is guarded; a branch is checked out and nothing of it is changed yet."""
    shop = Shop(tmp_path)
    shop.environ |= {**ENVIRON, **ALLOWED, "POOL_AS_CODE_CLIENT_SECRET": "secret", "HOME": str(tmp_path)}
    shop.write(PROTECTED, GROUP, ADA, project=PROJECT)
    repository = Repository.new(tmp_path)
    repository.commit({".gitignore": "*.db\n"})
    repository.git("checkout", "-q", "-b", "topic")
    assert network is NETWORK
    yield shop
    assert repository.git("stash", "list") == ""
    assert repository.git("rev-parse", "--abbrev-ref", "HEAD") == "topic"


def change(shop: Shop, old: str, new: str, file: str = "pool-as-code.yaml") -> None:
    path = shop.root / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def manifest(shop: Shop, old: str, new: str) -> None:
    change(shop, old, new, "manifests/all.yaml")


def findings_in(shop: Shop, *arguments: str, environ: dict[str, str] | None = None) -> list[tuple[str, str, str]]:
    done = shop.pac("plan", "--env", "prod", "--base", "main", "--output", "json", *arguments, environ=environ)
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)["findings"]
    return [(one["severity"], one["code"], one["address"]) for one in found]


def test_a_branch_that_changes_no_guard_finds_nothing(branch: Shop) -> None:
    manifest(branch, "minLength: 12", "minLength: 14")
    assert findings_in(branch) == []


def test_every_guard_that_a_branch_takes_away_stands_first_in_text_and_json(branch: Shop) -> None:
    change(branch, "    protected: true\n", "")
    change(branch, "{user: 5}", "{user: 500}")
    change(branch, "maxDeletes", WAIVER + "maxDeletes")
    manifest(branch, "protect: true", "labels: {a: b}")
    manifest(branch, "displayName: Customers", "signIn: {identifiersIgnoreCase: true}")
    manifest(branch, "{fromEnv: ADA_PASSWORD}", "{fromCommand: touch ran}")
    guards = [
        ("block", "guard-loosened", "project/environments/prod/protected"),
        ("block", "guard-loosened", "project/maxDeletes/user"),
        ("block", "guard-loosened", "project/waivers/second-factor-missing"),
        ("block", "guard-loosened", "user/customers/ada"),
        ("block", "guard-loosened", "pool/customers"),
    ]
    switched_on = {"POOL_AS_CODE_ALLOW_COMMANDS": "1"}
    assert findings_in(branch, environ=switched_on)[:6] == [*guards, ("warn", "admitted-nowhere", "pool/customers")]
    shown = branch.pac("plan", "--env", "prod", "--base", "main", environ=switched_on).stdout
    lines = shown.split("\n\n")[1].splitlines()
    assert lines[0] == "Blocks an apply"
    titles = [line.split() for line in lines if line.startswith("  ! ")]
    assert [title[2] for title in titles] == [address for _, _, address in guards]
    assert not (branch.root / "ran").exists()


def test_a_changed_host_is_told_and_refused_and_nothing_was_sent(branch: Shop, network: Network) -> None:
    change(branch, "far://id.example.com/", "far://id.evil.example/")
    manifest(branch, "{fromEnv: ADA_PASSWORD}", "{fromCommand: touch ran}")
    done = branch.pac("plan", "--env", "prod", "--base", "main", environ={"POOL_AS_CODE_ALLOW_COMMANDS": "1"})
    assert done.exit_code == 4
    _, *lines = done.output.splitlines()  # after the line that names environment and store
    assert lines[0].startswith(
        "project/environments/prod/store: blocked guard-loosened: the store is far://id.evil.example"
    )
    assert [line.split()[2] for line in lines if ": blocked " in line] == ["guard-loosened:", "guard-loosened:"]
    assert [line for line in lines if "PAC350" in line]
    assert network.heard == []
    assert network.looked_up == []
    assert not (branch.root / "ran").exists()
    for command in (["apply", "--yes"], ["apply", "--yes", "--base", "main"]):
        refused = branch.pac(*command, "--env", "prod", environ={"POOL_AS_CODE_ALLOW_COMMANDS": "1"})
        assert refused.exit_code == 4
    assert network.heard == []
    assert not (branch.root / "ran").exists()


def test_what_can_not_be_read_is_not_called_gone(branch: Shop) -> None:
    manifest(branch, "minLength: 12", "minLength: twelve")
    done = branch.pac("plan", "--env", "prod", "--base", "main")
    assert done.exit_code == 1
    assert "guard-loosened" not in done.output


def test_a_command_is_told_also_where_commands_are_switched_off(branch: Shop, network: Network) -> None:
    manifest(branch, "{fromEnv: ADA_PASSWORD}", "{fromCommand: touch ran}")
    done = branch.pac("plan", "--env", "prod", "--base", "main")
    assert done.exit_code == 1
    words = done.output.splitlines()[1:]
    assert words[0].startswith("user/customers/ada: blocked guard-loosened: password.initial comes from a command")
    assert any("PAC246" in line for line in words)
    assert network.heard == []


def test_a_store_that_does_not_answer_hides_no_finding(branch: Shop, network: Network) -> None:
    change(branch, "    protected: true\n", "")
    network.port = 1  # nobody listens there
    done = branch.pac("plan", "--env", "prod", "--base", "main")
    assert done.exit_code == 3
    assert done.output.splitlines()[1].startswith("project/environments/prod/protected: blocked guard-loosened")
    assert done.output.splitlines()[-1] == "error: nobody answers"


def test_apply_is_refused_until_it_is_allowed_on_the_command_line(branch: Shop) -> None:
    change(branch, "far://id.example.com/shop", "sqlite:///here.db")
    change(branch, "    protected: true\n", "")
    refused = branch.pac("apply", "--env", "prod", "--base", "main", "--yes")
    assert refused.exit_code == 4
    assert not (branch.root / "here.db").exists()
    hint = refused.output.splitlines()[-1]
    assert hint.startswith("hint: pac apply --env prod --base main --yes --allow guard-loosened@project/")
    arguments = hint.removeprefix("hint: pac ").split()
    allowed = branch.pac(*arguments)
    assert allowed.exit_code == 0, allowed.output
    assert (branch.root / "here.db").exists()


def test_a_refused_apply_says_it_before_other_guards(branch: Shop) -> None:
    change(branch, "far://id.example.com/shop", "sqlite:///here.db")
    change(branch, "    protected: true\n", "")
    assert branch.pac("apply", "--env", "prod", "--yes").exit_code == 0
    manifest(branch, "kind: Group\nmetadata: {name: support", "kind: Group\nmetadata: {name: sales")
    manifest(branch, "[support]", "[sales]")
    refused = branch.pac("apply", "--env", "prod", "--yes", "--prune", "--base", "main")
    assert refused.exit_code == 4
    codes = [line.split("blocked ")[1].split(":")[0] for line in refused.stderr.splitlines() if "blocked " in line]
    assert codes[:2] == ["guard-loosened", "guard-loosened"]
    assert "delete-limit" in codes


def test_no_file_of_the_repository_can_allow_it(branch: Shop) -> None:
    change(branch, "maxDeletes", "allow: [guard-loosened]\nmaxDeletes")
    assert branch.pac("plan", "--env", "prod", "--base", "main").exit_code == 1


def test_a_saved_plan_keeps_what_blocks_it(branch: Shop) -> None:
    change(branch, "far://id.example.com/shop", "sqlite:///here.db")
    saved = branch.pac("plan", "--env", "prod", "--base", "main", "--out", "saved.plan")
    assert saved.exit_code == 0
    refused = branch.pac("apply", "saved.plan", "--env", "prod", "--yes")
    assert refused.exit_code == 4
    assert "guard-loosened" in refused.output
    again = branch.pac("apply", "saved.plan", "--env", "prod", "--yes", "--base", "main")
    assert again.exit_code == 1
    assert not (branch.root / "here.db").exists()


def test_a_base_with_broken_manifests_leaves_the_project_files(branch: Shop) -> None:
    repository = Repository(branch.root)
    repository.git("checkout", "-q", "main")
    repository.commit({"manifests/all.yaml": "kind: nothing\n"})
    repository.git("checkout", "-q", "topic")
    change(branch, "    protected: true\n", "")
    manifest(branch, "protect: true", "labels: {a: b}")
    assert findings_in(branch)[:2] == [
        ("block", "guard-loosened", "project/environments/prod/protected"),
        ("warn", "guard-loosened", "project/base"),
    ]


def test_a_project_that_is_new_says_that_nothing_is_compared(branch: Shop) -> None:
    repository = Repository(branch.root)
    repository.git("checkout", "-q", "--orphan", "empty")
    repository.git("rm", "-q", "-r", "--cached", ".")
    repository.git("commit", "-q", "--no-verify", "--allow-empty", "-m", "nothing")
    repository.git("checkout", "-q", "-f", "topic")
    done = branch.pac("plan", "--env", "prod", "--base", "empty", "--output", "json")
    first = json.loads(done.stdout)["findings"][0]
    assert (first["severity"], first["address"]) == ("warn", "project/base")


def test_without_a_project_there_are_no_guards_to_compare(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    (tmp_path / "pool.yaml").write_text(POOL)
    done = shop.pac("plan", "pool.yaml", "--base", "main")
    assert (done.exit_code, "PAC359" in done.output) == (1, True)


def test_the_next_command_compares_again(branch: Shop) -> None:
    change(branch, "    protected: true\n", "    protected: false\n")
    done = branch.pac("plan", "--env", "prod", "--base", "main", "--allow", "guard-loosened")
    assert done.stdout.splitlines()[-1] == "Next: pac apply --env prod --allow guard-loosened --base main"


def test_validate_needs_no_store_to_tell_what_is_looser(branch: Shop, network: Network) -> None:
    assert branch.pac("validate", "--base", "main").exit_code == 0
    change(branch, "    protected: true\n", "")
    manifest(branch, "minLength: 12", "minLength: twelve")
    wrong = branch.pac("validate", "--base", "main")
    assert wrong.exit_code == 1
    manifest(branch, "minLength: twelve", "minLength: 12")
    done = branch.pac("validate", "--base", "main")
    assert done.exit_code == 4
    for said in (wrong, done):
        assert said.stdout.startswith(
            "project/environments/prod/protected: blocked guard-loosened: environment prod is not"
        )
    assert done.stderr == "error: 1 guard is looser than at main\n"
    allowed = branch.pac("validate", "--base", "main", "--allow", "guard-loosened@project/environments/prod/protected")
    assert allowed.exit_code == 0
    assert allowed.stdout.startswith("project/environments/prod/protected: warning guard-loosened")
    assert branch.pac("validate", "--base", "main", "--allow", "guard-lost").exit_code == 1
    assert network.heard == []


@pytest.mark.parametrize("form", ["json", "sarif", "github"])
def test_validate_tells_it_first_in_every_form(form: str, branch: Shop) -> None:
    change(branch, "    protected: true\n", "")
    done = branch.pac("validate", "--base", "main", "--output", form)
    assert done.exit_code == 4
    first = done.stdout.find("guard-loosened")
    assert first != -1
    assert "PAC" not in done.stdout[:first]


def test_validate_looks_at_every_environment(branch: Shop) -> None:
    change(branch, "environments:", "environments:\n  stage: {store: 'sqlite:///stage.db', protected: true}")
    Repository(branch.root).commit()
    Repository(branch.root).git("branch", "-f", "main")
    change(branch, "protected: true", "protected: false")
    found = json.loads(branch.pac("validate", "--base", "main", "--output", "json").stdout)["diagnostics"]
    assert sorted(one["address"] for one in found) == [
        "project/environments/prod/protected",
        "project/environments/stage/protected",
    ]


def test_it_stands_first_in_markdown_and_for_every_environment(branch: Shop) -> None:
    change(branch, "    protected: true\n", "    protected: false\n  stage: {store: 'sqlite:///stage.db'}\n")
    manifest(branch, "{name: support, pool: customers}", "{name: support, pool: customers, labels: {purpose: test}}")
    one = branch.pac("plan", "--env", "prod", "--base", "main", "--output", "markdown").stdout
    both = branch.pac("plan", "--env", "prod,stage", "--base", "main", "--output", "markdown").stdout
    for text in (one, both):
        assert "guard-loosened" in text
        assert text.index("guard-loosened") < text.index("group/customers/support")


def test_the_library_compares_as_the_command_does(branch: Shop) -> None:
    change(branch, "far://id.example.com/shop", "sqlite:///here.db")
    environ = {name: text for name, text in branch.environ.items() if text is not None}
    project = load(cwd=branch.root, env="prod", base="main", environ=environ)
    assert [finding.address for finding in project.validate().guards] == ["project/environments/prod/store"]
    assert [finding.code for finding in project.plan().blocked] == ["guard-loosened"]
    with pytest.raises(Refused):
        project.apply()
    with pytest.raises(InvalidInput):
        project.apply(project.plan())
