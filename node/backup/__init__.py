"""Backups of a node: made while it serves, try_out, restored. Owns which files belong to one; knows no pages."""

from node.backup.making import BACKUPS, Last, NoBackup, back_up, last_backup
from node.backup.restoring import Content, restore, try_out

__all__ = ["BACKUPS", "Content", "Last", "NoBackup", "back_up", "last_backup", "restore", "try_out"]
