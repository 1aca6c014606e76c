"""The workflow on the page about pull requests: it is a workflow, plans as the page says, and its script writes one comment and
then replaces that one."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from pool_as_code.cli.root import root
from tests.docs.pages import ROOT, blocks

PAGE = ROOT / "docs" / "pull-requests.md"


def steps() -> list[dict[str, Any]]:
    (workflow,) = blocks(PAGE, "yml")
    found: list[dict[str, Any]] = yaml.safe_load(workflow.text)["jobs"]["plan"]["steps"]
    return found


def script() -> str:
    (text,) = [step["with"]["script"] for step in steps() if "github-script" in step.get("uses", "")]
    assert isinstance(text, str)
    return text


def test_the_plan_is_made_by_options_that_there_are() -> None:
    (line,) = [line for step in steps() for line in step.get("run", "").splitlines() if line.startswith("pac ")]
    words = line.split(" > ")[0].split()[1:]
    command = root.get_command(None, words[0])  # type: ignore[arg-type]
    assert command is not None
    known = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= known


FAKE = """
const comments = JSON.parse(process.argv[1]);
const done = [];
const note = (name) => async (given) => { done.push([name, given.comment_id ?? null, given.body]); };
const github = {
  paginate: async (list, given) => comments,
  rest: { issues: { listComments: null, updateComment: note('update'), createComment: note('create') } },
};
const context = { repo: { owner: 'o', repo: 'r' }, issue: { number: 7 } };
(async () => { SCRIPT })().then(() => console.log(JSON.stringify(done)));
"""


@pytest.mark.parametrize(
    ("comments", "body", "done"),
    [
        ([], "<!-- m -->\nnew", [["create", None, "<!-- m -->\nnew"]]),
        ([(1, "Bot", "<!-- m -->\nold")], "<!-- m -->\nnew", [["update", 1, "<!-- m -->\nnew"]]),
        ([(1, "User", "<!-- m -->\nold")], "<!-- m -->\nnew", [["create", None, "<!-- m -->\nnew"]]),
        ([(1, "Bot", "<!-- other -->\nold")], "<!-- m -->\nnew", [["create", None, "<!-- m -->\nnew"]]),
        ([(1, "Bot", "<!-- m -->\nold")], "", []),
    ],
)
def test_its_script_writes_one_comment_and_replaces_that_one(
    comments: list[tuple[int, str, str]], body: str, done: list[list[Any]], tmp_path: Path
) -> None:
    node = shutil.which("node")
    if node is None:  # the script is read only
        assert "updateComment" in script()
        assert "createComment" in script()
        return
    (tmp_path / "plan.md").write_text(body)
    there = [{"id": number, "user": {"type": who}, "body": text} for number, who, text in comments]
    program = FAKE.replace("SCRIPT", script())
    ran = subprocess.run(
        [node, "-e", program, json.dumps(there)], cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60
    )
    assert json.loads(ran.stdout) == done
