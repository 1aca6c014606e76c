"""Ownership records of a plan's objects: the claim before a write, and the record of what stands after it. Nothing is written here."""

from __future__ import annotations

from dataclasses import dataclass

from ..plan.model import Action, Change
from ..plan.settled import settled_token
from ..resources.live import Observed, Owner, OwnerRecord
from .live_ids import LiveIds


@dataclass(frozen=True, slots=True)
class Records:
    """Of one run: who owns what it makes, and the ids of its objects."""

    owner: Owner
    live: LiveIds

    def claim(self, change: Change) -> OwnerRecord:
        """A claim of an object to be made knows what is about to be written: whatever a crash leaves of it is known as ours."""
        wanted = change.ownership
        return OwnerRecord(
            self.owner,
            change.address,
            change.remote_id,
            claimed=True,
            adopted=wanted.adopted if wanted else False,
            fields=wanted.fields if wanted and change.action is Action.CREATE else {},
            pool_id=self.live.pool_id(change),
        )

    def settled(self, change: Change, observed: Observed | None) -> OwnerRecord:
        """The record of an object as it stands, and its id for those that refer to it."""
        wanted = change.ownership
        if wanted is None:
            raise ValueError(f"a change of {change.address} without an ownership record")
        if observed is not None and observed.id != change.remote_id:
            self.live.ids[change.address] = observed.id
        settled = settled_token(wanted.settles.encode(), observed.raw) if observed and wanted.settles else ""
        return OwnerRecord(
            self.owner,
            change.address,
            observed.id if observed is not None else change.remote_id,
            protect=wanted.protect,
            adopted=wanted.adopted,
            settled=settled,
            fields=wanted.fields,
            pool_id=observed.pool_id if observed is not None else self.live.pool_id(change),
        )
