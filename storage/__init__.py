"""What the bot remembers. The only package that imports SQLAlchemy."""

from __future__ import annotations

from storage import chores, conversations, installations, zone_data  # noqa: F401 - they declare their tables
from storage.database import Connection
from storage.directory import Directory
from storage.evidence import EvidenceLog
from storage.initiatives import Initiatives
from storage.outbox import Outbox
from storage.privacy import Belongings
from storage.reflections import Reflections
from storage.releases import Releases, Retros
from storage.schedules import Schedules
from storage.teams import Teams


class Store:
    """All that a handler may look up or remember: one workspace, inside one transaction."""

    def __init__(self, connection: Connection, workspace_id: int) -> None:
        self.directory = Directory(connection, workspace_id)
        self.teams = Teams(connection, workspace_id)
        self.initiatives = Initiatives(connection, workspace_id)
        self.reflections = Reflections(connection, workspace_id)
        self.releases = Releases(connection, workspace_id)
        self.retros = Retros(connection, workspace_id)
        self.evidence = EvidenceLog(connection, workspace_id)
        self.schedules = Schedules(connection, workspace_id)
        self.outbox = Outbox(connection, workspace_id)
        self.belongings = Belongings(connection, workspace_id)
