"""octoDNS, YAML to YAML: a zone with as many records as there are users. Each record has the 15 fields that a user has: name,
type, ttl, and three targets of a service with priority, weight, port and host."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

from ..contest import Job, Phase
from ..population import CHANGED_TIER, changed_count, people
from .pac import clean_environ, command_of

NAME = "octodns"
_CONFIG = """\
manager: {max_workers: 1}
providers:
  config: {class: octodns.provider.yaml.YamlProvider, directory: ./config, default_ttl: 3600}
  live: {class: octodns.provider.yaml.YamlProvider, directory: ./live, default_ttl: 3600}
zones:
  example.com.: {sources: [config], targets: [live]}
"""


def present() -> bool:
    """Whether octoDNS is installed beside the product (the extra `bench`)."""
    return importlib.util.find_spec("octodns") is not None


class OctoDns:
    """octoDNS on a number of records, in a folder of its own."""

    name = NAME

    def __init__(self, folder: Path, size: int) -> None:
        self.folder, self.size = folder, size
        (folder / "config").mkdir(parents=True)
        (folder / "octodns.yaml").write_text(_CONFIG, "utf-8")
        self._changed = False
        self._write_zone(changed=False)

    def ready(self, phase: Phase) -> Job:
        """An empty target before all that begins with none."""
        if phase in (Phase.PLAN_NEW, Phase.APPLY_NEW):
            shutil.rmtree(self.folder / "live", ignore_errors=True)
        (self.folder / "live").mkdir(exist_ok=True)
        if phase is Phase.PLAN_CHANGED and not self._changed:
            self._write_zone(changed=True)
        changes = changed_count(self.size)
        match phase:
            case Phase.VALIDATE:
                return self._job("octodns-validate")
            case Phase.PLAN_NEW:
                return self._job("octodns-sync", says=f"Creates={self.size}")
            case Phase.APPLY_NEW:
                return self._job("octodns-sync", "--doit", "--force", says=f"{self.size} total changes")
            case Phase.PLAN_SAME:
                return self._job("octodns-sync", says="No changes were planned")
            case Phase.PLAN_CHANGED:
                return self._job("octodns-sync", says=f"Updates={changes}" if changes else "No changes were planned")

    def _job(self, program: str, *arguments: str, says: str = "") -> Job:
        command = [command_of(program), "--config-file", "octodns.yaml", *arguments]
        return Job(command, self.folder, clean_environ(), says=says)

    def _write_zone(self, *, changed: bool) -> None:
        with (self.folder / "config" / "example.com.yaml").open("w", encoding="utf-8") as zone:
            zone.write("---\n")
            for number, person in enumerate(people(self.size, changed=changed)):
                weight = {"silver": 10, "gold": 20, CHANGED_TIER: 30}[person.tier]
                zone.write(f"_{person.name}._tcp:\n  ttl: 300\n  type: SRV\n  values:\n")
                for target in range(3):
                    zone.write(
                        f"  - port: {5000 + number % 999}\n    priority: {target + 1}\n"
                        f"    target: host-{target}.{person.name}.example.com.\n    weight: {weight}\n"
                    )
        self._changed = changed
