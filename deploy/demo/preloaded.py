"""What the process has read from which the demonstration's commands are forked, so that none has to start Python."""

import gc

import alembic.command

import deploy.demo.sources
import hub.cli
import node.cli
import node.cli_import

COMMANDS = {"liaison-hub": hub.cli.main, "liaison-node": node.cli.main}
__all__ = ["COMMANDS", "alembic", "deploy", "node"]

gc.freeze()  # every child shares these pages, and leaves them alone
