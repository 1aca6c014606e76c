"""Secrets on the command line: where commands are switched off none runs, whatever a manifest or a saved plan says."""

from __future__ import annotations

from tests.cli.shop import ADA, GROUP, PASSWORD, POOL, Shop


def test_a_saved_plan_runs_a_command_only_where_commands_are_switched_on(shop: Shop) -> None:
    switched_on = {"POOL_AS_CODE_ALLOW_COMMANDS": "1"}
    shop.write(POOL, GROUP, ADA.replace("{fromEnv: ADA_PASSWORD}", "{fromCommand: 'touch ran; cat words'}"))
    (shop.root / "words").write_text(PASSWORD)
    saved = shop.pac("plan", "--out", "saved.plan", environ=switched_on)
    assert saved.exit_code == 0, saved.output
    assert not (shop.root / "ran").exists()
    for value in ("", "0", "true", "yes"):
        refused = shop.pac("apply", "saved.plan", "--yes", environ={"POOL_AS_CODE_ALLOW_COMMANDS": value})
        assert refused.exit_code == 1
        assert "commands are switched off" in refused.output
        assert not (shop.root / "ran").exists()
        assert not (shop.root / ".pool-as-code" / "directory.db").exists()
    done = shop.pac("apply", "saved.plan", "--yes", environ=switched_on)
    assert done.exit_code == 0, done.output
    assert (shop.root / "ran").exists()
    assert PASSWORD not in done.output
