"""Commands from end to end, in a project on the embedded directory: what they print where, and how they exit."""

import json
import shlex
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from pool_as_code.core.clock import format_time, now
from pool_as_code.resources.live import Owner
from pool_as_code.stores.base import RunRecord
from pool_as_code.stores.registry import open_store
from tests.cli.shop import ADA, GROUP, PASSWORD, POOL, PROJECT, Shop

HEADLINE = "project shop, environment default, store sqlite:///.pool-as-code/directory.db"


def test_a_first_run_validates_plans_applies_and_has_nothing_left_to_do(shop: Shop) -> None:
    assert shop.pac("validate").exit_code == 0
    planned = shop.pac("plan", "--detailed-exitcode")
    assert planned.exit_code == 2
    assert "3 to create" in planned.stdout
    applied = shop.pac("apply", "--yes")
    assert applied.exit_code == 0
    assert "+ user/customers/ada  created" in applied.stdout
    assert "Live now: all of it." in applied.stdout
    again = shop.pac("plan", "--detailed-exitcode")
    assert again.exit_code == 0
    assert "Nothing to do. 3 objects as declared." in again.stdout
    assert "Nothing to do." in shop.pac("apply").stdout


def test_a_plan_writes_nothing(shop: Shop) -> None:
    before = sorted(shop.root.rglob("*"))
    shop.pac("plan")
    assert sorted(shop.root.rglob("*")) == before


@pytest.mark.parametrize(
    "arguments",
    [
        ("plan",),
        ("apply",),
        ("drift",),
        ("pull",),
        ("destroy",),
        ("ids",),
        ("history",),
        ("unlock", "--yes"),
        ("users", "verify", "customers/ada"),
    ],
    ids=" ".join,
)
def test_the_first_line_of_talk_names_environment_and_store(arguments: tuple[str, ...], live_shop: Shop) -> None:
    result = live_shop.pac(*arguments, input=PASSWORD)
    assert result.stderr.splitlines()[0] == HEADLINE
    assert HEADLINE not in result.stdout


@pytest.mark.parametrize(
    "arguments",
    [("plan", "--prune"), ("validate",), ("drift",), ("ids",), ("history",)],
    ids=lambda arguments: arguments[0],
)
def test_json_output_is_json_and_nothing_else(arguments: tuple[str, ...], live_shop: Shop) -> None:
    result = live_shop.pac(*arguments, "--output", "json")
    assert result.exit_code == 0
    assert isinstance(json.loads(result.stdout), dict)


def test_no_output_holds_a_password(shop: Shop) -> None:
    outputs = [
        shop.pac(*arguments).output
        for arguments in (
            ("plan", "--show-values", "--full", "--out", "p.plan"),
            ("plan", "--output", "json", "--debug"),
            ("apply", "--yes", "--show-values", "--report", "report.ndjson", "--debug"),
            ("history",),
            ("drift", "--output", "json"),
            ("pull",),
        )
    ]
    written = [(shop.root / name).read_text("utf-8") for name in ("p.plan", "report.ndjson")]
    assert [text for text in (*outputs, *written) if PASSWORD in text] == []


class TestSavedPlans:
    def test_a_saved_plan_is_the_owner_s_and_is_shown_again_as_it_was(self, shop: Shop) -> None:
        planned = shop.pac("plan", "--out", "release.plan")
        assert planned.exit_code == 0
        assert stat.S_IMODE((shop.root / "release.plan").stat().st_mode) == 0o600
        assert planned.stdout.splitlines()[-1] == "Next: pac apply release.plan"
        assert shop.pac("show", "release.plan").stdout == planned.stdout
        shown = json.loads(shop.pac("show", "release.plan", "--output", "json").stdout)
        assert shown == json.loads((shop.root / "release.plan").read_bytes())
        assert f"Digest {shown['digest']}" in planned.stdout

    @pytest.mark.parametrize(
        "arguments", [("release.plan",), ("--plan", "release.plan")], ids=["as a path", "by option"]
    )
    def test_a_saved_plan_is_applied(self, arguments: tuple[str, ...], shop: Shop) -> None:
        shop.pac("plan", "--out", "release.plan")
        assert shop.pac("apply", *arguments, "--yes").exit_code == 0
        assert shop.pac("plan", "--detailed-exitcode").exit_code == 0

    def test_a_saved_plan_takes_no_further_choices(self, shop: Shop) -> None:
        shop.pac("plan", "--out", "release.plan")
        result = shop.pac("apply", "release.plan", "--prune", "--target", "pool/*")
        assert result.exit_code == 1
        assert "a saved plan is applied as it is; --prune --target pool/* can not change it" in result.stderr

    def test_a_damaged_plan_is_refused_with_its_code(self, shop: Shop) -> None:
        shop.pac("plan", "--out", "release.plan")
        file = shop.root / "release.plan"
        file.write_text(file.read_text().replace("Augusta", "Mallory"))
        result = shop.pac("apply", "release.plan", "--yes")
        assert result.exit_code == 1
        assert "PAC311" in result.stderr

    def test_the_digest_that_was_reviewed_is_the_one_that_is_applied(self, shop: Shop) -> None:
        digest = json.loads(shop.pac("plan", "--output", "json").stdout)["digest"]
        refused = shop.pac("apply", "--yes", "--expect", "0" * 64)
        assert refused.exit_code == 4
        assert shop.pac("apply", "--yes", "--expect", digest).exit_code == 0

    def test_a_json_manifest_is_no_plan(self, shop: Shop) -> None:
        manifest = {"apiVersion": "pool-as-code/v1", "kind": "Schema", "metadata": {"name": "s"}}
        (shop.root / "manifests" / "s.json").write_text(json.dumps(manifest))
        planned = shop.pac("apply", "manifests/s.json", "--yes")
        assert "+ schema/s  created" in planned.stdout


class TestAsking:
    def test_with_nobody_to_ask_the_exact_next_command_is_printed_and_nothing_written(self, shop: Shop) -> None:
        refused = shop.pac("apply", "--target", "pool/*")
        assert refused.exit_code == 4
        assert "1 to create" in refused.stdout
        hint = refused.stderr.splitlines()[-1].removeprefix("hint: ")
        assert hint == "pac apply --target 'pool/*' --yes"
        assert "3 to create" in shop.pac("plan").stdout
        assert shop.pac(*shlex.split(hint)[1:]).exit_code == 0
        assert "2 to create" in shop.pac("plan").stdout

    @pytest.mark.parametrize(("answer", "code"), [("yes\n", 0), ("no\n", 1), ("\n", 1), ("", 1), ("yes sir\n", 1)])
    def test_a_person_is_asked_once(self, answer: str, code: int, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("pool_as_code.cli.console._is_terminal", lambda stream: True)
        result = shop.pac("apply", "--no-color", input=answer)
        assert result.exit_code == code
        assert result.stderr.count("Apply this plan? [yes/no]") == 1
        assert ("Live now: all of it." in result.stdout) is (code == 0)

    def test_an_interrupt_says_how_to_go_on(self, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
        def interrupt(*ignored: object) -> bool:
            raise KeyboardInterrupt

        monkeypatch.setattr("pool_as_code.cli.console._is_terminal", lambda stream: True)
        monkeypatch.setattr("pool_as_code.cli.console.Console.confirm", interrupt)
        result = shop.pac("apply", "--no-color")
        assert result.exit_code == 130
        assert "error: interrupted\nhint: what was written is in `pac history`" in result.stderr


class TestColour:
    @pytest.fixture(autouse=True)
    def on_a_terminal(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("pool_as_code.cli.console._is_terminal", lambda stream: True)

    def test_a_terminal_gets_colour(self, shop: Shop) -> None:
        assert "\x1b[32m" in shop.pac("plan", environ={"TERM": "xterm"}).stdout

    @pytest.mark.parametrize(
        "environ", [{"NO_COLOR": "1"}, {"CI": "true"}, {"TERM": "dumb"}], ids=lambda e: next(iter(e))
    )
    def test_who_wants_none_gets_none(self, environ: dict[str, str], shop: Shop) -> None:
        assert "\x1b" not in shop.pac("plan", environ={"TERM": "xterm", **environ}).output

    def test_the_option_switches_it_off(self, shop: Shop) -> None:
        assert "\x1b" not in shop.pac("plan", "--no-color", environ={"TERM": "xterm"}).output


def test_a_pipe_gets_no_colour(shop: Shop) -> None:
    assert "\x1b" not in shop.pac("plan").output


class TestGuards:
    def test_destroy_is_stopped_and_says_the_one_command_that_goes_on(self, live_shop: Shop) -> None:
        refused = live_shop.pac("destroy", "--yes")
        assert refused.exit_code == 4
        hint = refused.stderr.splitlines()[-1].removeprefix("hint: ")
        assert hint.startswith("pac destroy --yes ")
        assert "--confirm pool/customers" in hint
        done = live_shop.pac(*shlex.split(hint)[1:])
        assert done.exit_code == 0, done.output
        assert "- pool/customers  deleted" in done.stdout
        assert "3 to create" in live_shop.pac("plan").stdout

    def test_a_plan_that_is_blocked_says_how_to_go_on(self, live_shop: Shop) -> None:
        live_shop.write(POOL, GROUP)
        planned = live_shop.pac("plan", "--prune")
        assert planned.exit_code == 0
        last = planned.stdout.splitlines()[-1]
        assert last == "Next: read what blocks; if all of it is meant: pac apply --prune --max-deletes user=1"
        assert live_shop.pac("apply", "--prune", "--max-deletes", "users=1", "--yes").exit_code == 0

    def test_orphans_are_named_and_kept(self, live_shop: Shop) -> None:
        live_shop.write(POOL, GROUP)
        assert "kept without --prune: user/customers/ada" in live_shop.pac("plan").stdout


class TestQuestions:
    def test_drift_exits_2_and_names_the_side_that_moved(self, live_shop: Shop) -> None:
        assert live_shop.pac("drift").exit_code == 0
        live_shop.write(POOL.replace("12", "14"), GROUP, ADA)
        drifted = live_shop.pac("drift")
        assert drifted.exit_code == 2
        assert "passwordPolicy.minLength: declared 14, live 12\n        changed in the manifest" in drifted.stdout

    def test_the_right_password_signs_in(self, live_shop: Shop) -> None:
        result = live_shop.pac("users", "verify", "customers/ada", input=PASSWORD + "\nmore")
        assert (result.exit_code, result.stdout) == (0, "password correct\n")

    @pytest.mark.parametrize("given", ["", "wrong", PASSWORD + " ", b"\xff\xfe"])
    def test_another_password_does_not(self, given: str | bytes, live_shop: Shop) -> None:
        result = live_shop.pac("users", "verify", "customers/ada", input=given)
        assert result.exit_code == 1
        assert "correct\n" not in result.stdout.replace("incorrect", "")

    @pytest.mark.parametrize("user", ["customers/nobody", "nowhere/ada", "ada", "/", ""])
    def test_an_unknown_user_is_said_to_be_unknown(self, user: str, live_shop: Shop) -> None:
        result = live_shop.pac("users", "verify", user, input="x")
        assert result.exit_code == 1
        assert "PAC900" not in result.stderr

    def test_ids_are_printed(self, live_shop: Shop) -> None:
        assert "pool/customers           customers\n" in live_shop.pac("ids").stdout

    def test_ids_say_how_much_is_managed_when_asked(self, live_shop: Shop) -> None:
        lines = live_shop.pac("ids", "--fields").stdout.splitlines()
        assert lines[0].split() == ["ADDRESS", "ID", "FIELDS"]
        assert any(line.startswith("pool/customers ") and line.endswith(" of 52") for line in lines)
        found = json.loads(live_shop.pac("ids", "--fields", "--output", "json").stdout)["pool/customers"]
        assert (found["id"], found["managed"]["of"]) == ("customers", 52)

    def test_bindings_are_written_only_together_with_manifests(self, live_shop: Shop) -> None:
        refused = live_shop.pac("pull", "--bind")
        assert (refused.exit_code, refused.stderr.splitlines()[-1]) == (1, "hint: add --into DIR")

    def test_single_fields_are_pulled(self, live_shop: Shop) -> None:
        shown = live_shop.pac(
            "pull", "pool/customers", "--only", "passwordPolicy.minLength,password_policy.digits"
        ).stdout
        assert shown.endswith("spec:\n  passwordPolicy: {minLength: 12}\n")

    def test_a_run_is_found_by_the_beginning_of_its_id(self, live_shop: Shop) -> None:
        run = json.loads(live_shop.pac("history", "--output", "json").stdout)["runs"][0]
        shown = live_shop.pac("history", run["id"][:6])
        assert run["id"] in shown.stdout
        assert "user/customers/ada  create  applied" in shown.stdout

    def test_a_store_that_nobody_holds_is_not_unlocked(self, live_shop: Shop) -> None:
        assert live_shop.pac("unlock", "--yes").stdout == "Nobody holds this store.\n"
        assert live_shop.pac("unlock").stderr.splitlines()[-1] == "hint: pac unlock --yes"

    def test_a_store_that_a_dead_apply_holds_is_refused_and_then_freed(self, live_shop: Shop) -> None:
        store = open_store("sqlite:///.pool-as-code/directory.db", read_only=False, root=live_shop.root, environ={})
        run = RunRecord(
            "dead-run", Owner("p-0123456789abcdef", "default"), "", "running", format_time(now()), actor="ada@host"
        )
        store.ledger.acquire_lease(run, 600)
        store.ledger.start_run(run)
        store.close()
        live_shop.write(POOL.replace("12", "14"), GROUP, ADA)
        refused = live_shop.pac("apply", "--yes")
        assert refused.exit_code == 3
        assert "dead-run" in refused.stderr
        freed = live_shop.pac("unlock", "--yes")
        assert freed.stdout.startswith("Freed from run dead-run of ada@host, begun ")
        assert live_shop.pac("apply", "--yes").exit_code == 0
        assert "interrupted" in live_shop.pac("history", "dead-run").stdout


class TestFiles:
    def test_pull_writes_files_that_plan_empty_and_replaces_none_unasked(self, live_shop: Shop) -> None:
        pulled = live_shop.pac("pull", "--into", "pulled")
        assert pulled.exit_code == 0
        files = [live_shop.root / line for line in pulled.stdout.splitlines()]
        assert files
        assert all(file.is_file() for file in files)
        files[0].write_text("# mine\n")
        refused = live_shop.pac("pull", "--into", "pulled")
        assert refused.exit_code == 1
        assert files[0].read_text() == "# mine\n"
        assert live_shop.pac("pull", "--into", "pulled", "--force").exit_code == 0

    def test_pull_without_a_folder_prints_one_stream_of_documents(self, live_shop: Shop) -> None:
        stream = live_shop.pac("pull")
        assert stream.exit_code == 0
        (live_shop.root / "manifests" / "all.yaml").write_text(stream.stdout)
        planned = live_shop.pac("plan", "--output", "json")
        assert planned.exit_code == 0
        assert {c["action"] for c in json.loads(planned.stdout)["resource_changes"]} <= {"own"}

    def test_a_report_file_grows_with_the_apply(self, shop: Shop) -> None:
        shop.pac("apply", "--yes", "--report", "report.ndjson")
        lines = [json.loads(line) for line in (shop.root / "report.ndjson").read_text().splitlines()]
        assert [line.get("status") for line in lines] == [None, "applied", "applied", "applied", None]
        schema = json.loads((Path(__file__).parents[2] / "schemas" / "report.schema.json").read_text("utf-8"))
        Draft202012Validator.check_schema(schema)
        assert [error.message for line in lines for error in Draft202012Validator(schema).iter_errors(line)] == []


class TestLoad:
    @pytest.fixture
    def dump(self, shop: Shop) -> str:
        content = {
            "schemas": [{"id": "profile", "tenant_id": "t", "name": "Profile", "schema": {"type": "object"}}],
            "pools": [{"id": "old", "tenant_id": "t", "name": "Old shop", "payload_schema_id": "profile"}],
        }
        (shop.root / "identity.yaml").write_text(json.dumps(content))
        return "identity.yaml"

    def test_a_dump_is_loaded_once_and_says_the_next_command(self, shop: Shop, dump: str) -> None:
        loaded = shop.pac("load", dump, "--store", "sqlite:///copy.db")
        assert loaded.exit_code == 0
        assert "Loaded: 1 schema, 1 pool\n" in loaded.stdout
        next_command = loaded.stdout.splitlines()[-1].removeprefix("Next: ")
        assert next_command == "pac pull --store sqlite:///copy.db --into manifests"
        again = shop.pac("load", dump, "--store", "sqlite:///copy.db")
        assert "Loaded: nothing\nThere already: 1 schema, 1 pool\n" in again.stdout

    def test_what_was_loaded_is_pulled_and_planned_as_adoptions_only(self, shop: Shop, dump: str) -> None:
        shop.pac("load", dump)
        (shop.root / "manifests" / "all.yaml").unlink()
        assert shop.pac("pull", "--into", "manifests").exit_code == 0
        planned = json.loads(shop.pac("plan", "--output", "json").stdout)
        assert {c["action"] for c in planned["resource_changes"]} == {"adopt"}
        assert [c for c in planned["resource_changes"] if c["field_changes"]] == []

    @pytest.mark.parametrize("dump_path", ["nowhere.yaml", "manifests/all.yaml"])
    def test_what_is_no_dump_is_refused(self, dump_path: str, shop: Shop) -> None:
        result = shop.pac("load", dump_path)
        assert result.exit_code == 1
        assert "PAC900" not in result.stderr


class TestValidate:
    def test_what_is_wrong_goes_to_standard_output_with_its_place(self, shop: Shop) -> None:
        shop.write(POOL.replace("minLength", "minLenght"))
        result = shop.pac("validate")
        assert result.exit_code == 1
        assert "manifests/all.yaml:6:20: error PAC" in result.stdout
        assert "error: 1 error in 1 file" in result.stderr

    def test_what_is_wrong_is_json_when_asked_for(self, shop: Shop) -> None:
        shop.write(POOL.replace("minLength", "minLenght"))
        result = shop.pac("validate", "--output", "json")
        found = json.loads(result.stdout)
        assert result.exit_code == 1
        assert found["valid"] is False
        assert found["diagnostics"][0]["line"] == 6

    def test_a_path_that_is_not_there_is_json_when_asked_for(self, shop: Shop) -> None:
        result = shop.pac("validate", "nowhere", "--output", "json")
        assert result.exit_code == 1
        assert json.loads(result.stdout)["valid"] is False

    def test_standard_input_is_a_path(self, shop: Shop) -> None:
        assert shop.pac("validate", "-", input=POOL).exit_code == 0


def test_apply_without_a_project_prints_the_lines_to_paste(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    (tmp_path / "pool.yaml").write_text(POOL)
    assert shop.pac("plan", "pool.yaml").exit_code == 0
    refused = shop.pac("apply", "pool.yaml", "--yes")
    assert refused.exit_code == 1
    assert "kind: Project\n" in refused.stderr


def test_a_reader_that_goes_away_does_not_stop_an_apply(shop: Shop) -> None:
    environ = {"ADA_PASSWORD": PASSWORD, "PATH": "/usr/bin:/bin"}
    command = f"{sys.executable} -m pool_as_code.cli apply --yes | true"
    run = subprocess.run(["bash", "-c", command], cwd=shop.root, env=environ, capture_output=True, check=False)
    assert b"Traceback" not in run.stderr
    assert shop.pac("plan", "--detailed-exitcode").exit_code == 0


def test_a_full_disk_under_the_output_does_not_stop_an_apply_and_is_told(shop: Shop) -> None:
    environ = {"ADA_PASSWORD": PASSWORD, "PATH": "/usr/bin:/bin"}
    command = f"{sys.executable} -m pool_as_code.cli apply --yes > /dev/full"
    run = subprocess.run(["bash", "-c", command], cwd=shop.root, env=environ, capture_output=True, check=False)
    assert run.returncode == 1
    assert b"the disk is full" in run.stderr
    assert shop.pac("plan", "--detailed-exitcode").exit_code == 0


@pytest.mark.parametrize("named", ["only/dev", "only/dev/more.yaml"])
def test_manifests_of_one_environment_are_validated_and_judged_in_that_one(shop: Shop, named: str) -> None:
    shop.write(POOL, project=PROJECT + "environments:\n  dev: {manifests: [only/dev]}\n  prod: {}\n")
    (shop.root / "only" / "dev").mkdir(parents=True)
    (shop.root / "only" / "dev" / "more.yaml").write_text(GROUP)
    result = shop.pac("validate", named)
    assert (result.exit_code, result.stdout) == (0, "Valid: 1 Group in 1 file (environments: dev)\n")
    assert shop.pac("lint", named).exit_code == 0
    elsewhere = shop.pac("validate", named, "--env", "prod")
    assert elsewhere.exit_code == 1
    assert "add --env dev" in elsewhere.output


def test_the_next_step_after_an_apply_names_the_store_that_was_chosen(shop: Shop) -> None:
    assert (
        "Next: pac plan --store sqlite:///other.db\n"
        in shop.pac("apply", "--yes", "--store", "sqlite:///other.db").output
    )
    assert "Next: pac plan\n" in shop.pac("apply", "--yes").output
