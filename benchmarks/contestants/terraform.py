"""Terraform with the resource that is built into it, `terraform_data`, one static block a user with the user's fields: the form
that is fastest there, without a provider and without a network. The state file of the plans without and with few changes is
written here, since its own apply takes minutes at sizes where the others take seconds."""

from __future__ import annotations

import json
import os
import shutil
import uuid
from pathlib import Path
from typing import TypeAlias

from ..contest import Job, Phase
from ..population import Person, changed_count, people

NAME = "terraform"
APPLY_UP_TO = 1_000  # users; what begins with an empty state takes minutes above

_SPACE = uuid.UUID("0b7c6a52-2f0e-4d5c-9c55-7a1f0d7f3a10")
_PROVIDER = 'provider["terraform.io/builtin/terraform"]'
Value: TypeAlias = "str | int | bool | list[Value] | dict[str, Value]"
Type: TypeAlias = "str | list[Type] | dict[str, Type]"


def binary() -> str | None:
    """Where Terraform is, if it is."""
    return shutil.which("terraform")


class Terraform:
    """Terraform on a number of resources, in a folder of its own."""

    name = NAME

    def __init__(self, folder: Path, size: int, program: str) -> None:
        self.folder, self.size, self._program = folder, size, program
        folder.mkdir(parents=True)
        settings = folder / "terraform.rc"  # an empty one: nobody's own settings count
        settings.touch()
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("TF_")}
        self._environ = {
            **inherited,
            "TF_CLI_CONFIG_FILE": str(settings),
            "TF_IN_AUTOMATION": "1",
            "CHECKPOINT_DISABLE": "1",
        }
        self._state = folder / "terraform.tfstate"
        self._written = self._changed = False
        self._write_blocks(changed=False)

    def ready(self, phase: Phase) -> Job | None:
        """No state before all that begins with none; the written one for the plans that compare."""
        if self.size > APPLY_UP_TO and phase not in (Phase.PLAN_SAME, Phase.PLAN_CHANGED):
            return None
        if phase in (Phase.PLAN_NEW, Phase.APPLY_NEW):
            for file in self.folder.glob("terraform.tfstate*"):
                file.unlink()
        elif phase in (Phase.PLAN_SAME, Phase.PLAN_CHANGED) and not self._written:
            self._write_state()
        if phase is Phase.PLAN_CHANGED and not self._changed:
            self._write_blocks(changed=True)
        changes = changed_count(self.size)
        plan = ("plan", "-input=false", "-no-color", "-detailed-exitcode")
        match phase:
            case Phase.VALIDATE:
                return self._job("validate", "-no-color", says="Success")
            case Phase.PLAN_NEW:
                return self._job(*plan, code=2, says=f"{self.size} to add, 0 to change, 0 to destroy")
            case Phase.APPLY_NEW:
                return self._job("apply", "-input=false", "-no-color", "-auto-approve", says=f"{self.size} added")
            case Phase.PLAN_SAME:
                return self._job(*plan, says="No changes")
            case Phase.PLAN_CHANGED:
                says = f"0 to add, {changes} to change, 0 to destroy" if changes else "No changes"
                return self._job(*plan, code=2 if changes else 0, says=says)

    def _job(self, *arguments: str, code: int = 0, says: str = "") -> Job:
        return Job([self._program, *arguments], self.folder, self._environ, code, says)

    def _write_blocks(self, *, changed: bool) -> None:
        with (self.folder / "main.tf").open("w", encoding="utf-8") as file:
            for person in people(self.size, changed=changed):
                file.write(f'resource "terraform_data" "{person.name}" {{\n  input = {{\n')
                for name, value in fields(person).items():
                    file.write(f"    {name} = {_expression(value)}\n")
                file.write("  }\n}\n")
        self._changed = changed

    def _write_state(self) -> None:
        """Version 4 of the state file, as an apply of the unchanged blocks would leave it."""
        head = {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": str(_SPACE), "outputs": {}}
        with self._state.open("w", encoding="utf-8") as file:
            file.write(json.dumps(head)[:-1] + ', "resources": [')
            for number, person in enumerate(people(self.size)):
                file.write(("," if number else "") + json.dumps(_resource(person)))
            file.write('], "check_results": null}\n')
        self._written = True


def fields(person: Person) -> dict[str, Value]:
    """What a user's manifest declares, as one object."""
    profile: dict[str, Value] = {
        "first_name": person.first_name,
        "last_name": person.last_name,
        "city": person.city,
        "locale": person.locale,
        "born": person.born,
        **({"phone": person.phone} if person.phone else {}),
    }
    return {
        "name": person.name,
        "pool": "customers",
        "status": person.status,
        "identifiers": [{"email": person.email}, {"uid": person.name}],
        "addresses": [{"email": person.email, "verified": True}],
        "profile": profile,
        "administrative": {"tier": person.tier},
        **({"groups": [person.group]} if person.group else {}),
    }


def _expression(value: Value) -> str:
    """A value in HCL."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{name} = {_expression(inner)}" for name, inner in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_expression, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def _type(value: Value) -> Type:
    """The type of an HCL value, as state files spell it."""
    if isinstance(value, dict):
        return ["object", {name: _type(inner) for name, inner in value.items()}]
    if isinstance(value, list):
        return ["tuple", [_type(inner) for inner in value]]
    return "bool" if isinstance(value, bool) else "number" if isinstance(value, int) else "string"


def _resource(person: Person) -> dict[str, object]:
    value = fields(person)
    dynamic = {"value": value, "type": _type(value)}
    return {
        "mode": "managed",
        "type": "terraform_data",
        "name": person.name,
        "provider": _PROVIDER,
        "instances": [
            {
                "schema_version": 0,
                "attributes": {
                    "id": str(uuid.uuid5(_SPACE, person.name)),
                    "input": dynamic,
                    "output": dynamic,
                    "triggers_replace": None,
                },
                "sensitive_attributes": [],
            }
        ],
    }
