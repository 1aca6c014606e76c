"""Stories: what is there before, what the manifests say after, and the plan between the two, word for word.

Each folder has `before.yaml`, `after.yaml`, perhaps `options.yaml` (of the plan), and the golden `plan.txt`, `plan.md` and `plan.json`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from pool_as_code.core.errors import Refused
from pool_as_code.plan import codec
from pool_as_code.render.environments import EnvironmentPlan
from pool_as_code.render.markdown import plans_markdown
from pool_as_code.render.outputs import Look
from pool_as_code.render.text import plan_text
from tests.golden import Golden
from tests.house import House

HERE = Path(__file__).parent
STORIES = sorted(path.parent.name for path in HERE.glob("*/after.yaml"))


def documents(path: Path) -> list[Any]:
    return [document for document in yaml.safe_load_all(path.read_text("utf-8")) if document]


pytestmark = pytest.mark.usefixtures("cheap_hashing")


@pytest.mark.parametrize("story", STORIES)
def test_a_story_plans_as_written_and_leaves_nothing_to_do(story: str, tmp_path: Path, golden: Golden) -> None:
    folder = HERE / story
    options = yaml.safe_load((folder / "options.yaml").read_text()) if (folder / "options.yaml").exists() else {}
    house = House(tmp_path).write([*documents(folder / "before.yaml"), KEEP])
    assert house.apply().state == "applied"

    house.write([*documents(folder / "after.yaml"), KEEP])
    plan = house.plan(**options)
    golden(folder / "plan.txt", plan_text(plan))
    golden(folder / "plan.md", plans_markdown([EnvironmentPlan("default", plan)], Look()))
    value = json.loads(codec.dumps(plan))
    value["target"]["fingerprint"] = "(of the store)"
    value["digest"] = "(of the plan)"
    value["pool_as_code_version"] = "(of the tool)"
    golden(folder / "plan.json", json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True) + "\n")

    if plan.blocked:
        before = house.database.read_bytes()
        with pytest.raises(Refused):
            house.apply(**options)
        assert house.database.read_bytes() == before
        return
    assert house.apply(**options).state in ("applied", "nothing")
    assert house.plan(**options).empty
    assert house.apply(**options).state == "nothing"


KEEP = {  # so that a story may begin and end with no documents of its own
    "apiVersion": "pool-as-code/v1",
    "kind": "Schema",
    "metadata": {"name": "kept"},
    "spec": {"schema": {"type": "object"}},
}
