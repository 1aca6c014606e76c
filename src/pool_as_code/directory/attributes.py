"""What a pool asks of its users' settings: attribute maps that fit their schemas, groups that exist, known words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ..core.errors import NotFound, Rejected
from ..core.fieldpath import format_path
from ..core.values import JsonMap, as_list, as_map
from ..resources.pool import ROLES
from ..resources.rules import AttributeCheck
from . import groups, identifiers, rows, schemas
from .directory import Directory

STATUSES = ("new", "active", "inactive", "deleted")
USER_TYPES = ("standard", "jit")


@dataclass
class PoolRules:
    """The rules of one pool. `roles` are its schemas: role -> id. With `many` what many users need is read once."""

    directory: Directory
    pool_id: str
    spec: JsonMap
    ignore_case: bool
    roles: dict[str, str]
    many: bool
    checks: dict[str, AttributeCheck] = field(default_factory=dict)
    _groups: set[str] | None = None

    def check_attributes(self, spec: JsonMap, *, roles: Iterable[str] = ROLES) -> None:
        """Raises Rejected, with path and rule, when an attribute map that is there does not fit its schema: the user's
        own one, else the pool's. A role without a schema takes anything."""
        own = as_map(spec.get("schemas"))
        for role in roles:
            attributes = spec.get(role)
            if attributes is None:
                continue
            if not isinstance(attributes, dict):
                raise Rejected(f"{role} is not a map")
            schema = own.get(role) or self.roles.get(role)
            if schema is not None and not self._check(str(schema)).fits(attributes):
                self._refuse(role, str(schema), attributes)

    def check_choices(self, spec: JsonMap, known: JsonMap) -> None:
        """Raises Rejected for an unknown status or type, NotFound for a group that the pool does not have. Groups that
        `known` names already are there."""
        if spec.get("status") not in STATUSES:
            raise Rejected(f"status must be one of {', '.join(STATUSES)}")
        if spec.get("userType") not in USER_TYPES:
            raise Rejected(f"userType must be one of {', '.join(USER_TYPES)}")
        member_of = as_list(known.get("groups"))
        for group in as_list(spec.get("groups")):
            if group not in member_of and not self._has_group(str(group)):
                raise NotFound(f"pool {self.pool_id!r} has no group {group!r}", hint="create the group first")

    def _has_group(self, group: str) -> bool:
        if not self.many:
            found = rows.find(self.directory.db, "group", group)
            return found is not None and found.pool_id == self.pool_id
        if self._groups is None:
            self._groups = groups.ids_of_pool(self.directory, self.pool_id)
        return group in self._groups

    def _check(self, schema: str) -> AttributeCheck:
        found = self.checks.get(schema)
        if found is None:
            found = self.checks[schema] = schemas.check_of(self.directory, schema)
        return found

    def _refuse(self, role: str, schema: str, attributes: JsonMap) -> None:
        found = self._check(schema).problems(attributes)
        said = [f"{_place(role, problem.path)}: {problem.summary}" for problem in found]
        raise Rejected("; ".join(said[:5]), hint=f"the attributes must fit schema {schema!r}")


def rules_of(directory: Directory, pool_id: str, *, many: bool = False) -> PoolRules:
    """The rules of a pool. Raises NotFound."""
    spec = rows.require(directory.db, "pool", pool_id).spec
    return PoolRules(
        directory,
        pool_id,
        spec,
        identifiers.ignores_case(spec),
        {role: str(schema) for role, schema in as_map(spec.get("schemas")).items() if schema is not None},
        many,
    )


def _place(role: str, path: Iterable[str | int]) -> str:
    text = role
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{format_path((step,))}"
    return text
