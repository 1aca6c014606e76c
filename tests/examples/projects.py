"""The examples that are whole projects: where each is, and what it needs to be applied from nothing."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from tests.cli.shop import QUIET, Shop

EXAMPLES = Path(__file__).parents[2] / "examples"
PASSWORD = "correct-Horse-7-battery"


@dataclass(frozen=True)
class Example:
    """One folder of `examples/`. `env` is the environment that tests apply, `plans` those of the expected plan, `kinds` what it
    declares, in the environment where there is most."""

    name: str
    kinds: dict[str, int]
    env: str = ""
    plans: str = ""
    secrets: tuple[str, ...] = ()

    def copy(self, folder: Path) -> Shop:
        """A copy of it, and a command line in there."""
        root = folder / self.name
        shutil.copytree(EXAMPLES / self.name, root, ignore=shutil.ignore_patterns(".pool-as-code"))
        return Shop(root, {**QUIET, "COLUMNS": "80", **dict.fromkeys(self.secrets, PASSWORD)})

    @property
    def environment(self) -> tuple[str, ...]:
        """The option that chooses the environment."""
        return ("--env", self.env) if self.env else ()

    @property
    def planned(self) -> tuple[str, ...]:
        """The option that chooses the environments of the expected plan."""
        return ("--env", self.plans) if self.plans else self.environment


ALL = (
    Example(
        "quickstart",
        {"Workspace": 1, "Schema": 2, "IdentityPool": 1, "Group": 2, "User": 1},
        secrets=("ADA_PASSWORD",),
    ),
    Example("open-banking-consents", {"Workspace": 1, "Schema": 2, "IdentityPool": 1, "User": 2}),
    Example(
        "consumer-shop",
        {"Workspace": 2, "Schema": 2, "IdentityPool": 2, "Group": 4, "User": 1},
        env="dev",
        plans="dev,stage,prod",
        secrets=("TEST_CUSTOMER_PASSWORD",),
    ),
    Example(
        "b2b-saas", {"Workspace": 1, "Organization": 400, "Schema": 1, "IdentityPool": 400, "Group": 1200, "User": 400}
    ),
    Example(
        "invite-only",
        {"Workspace": 1, "Schema": 1, "IdentityPool": 1, "Group": 2, "User": 3},
        secrets=("DESK_PASSWORD",),
    ),
)
NAMED = {example.name: example for example in ALL}
