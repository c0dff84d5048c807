"""Opening the hub's database with its tables brought up to date."""

from pathlib import Path

from sqlalchemy import Engine

from hub.settings import Settings
from wire.database import migrate, open_database

MIGRATIONS = Path(__file__).parent / "migrations"


def open_store(settings: Settings) -> Engine:
    """Open the hub's database; the newest migration has run when this returns."""
    engine = open_database(settings.database)
    migrate(engine, MIGRATIONS)
    return engine
