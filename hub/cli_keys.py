"""The keys' commands of liaison-hub: which key signs, and new keys in the place of those that are old or known."""

from pathlib import Path
from typing import Any

import typer

from hub.cli_text import Dir, Json, opened, print_facts, say
from hub.history import load_state
from hub.keyring import Keyring, name_of, set_in_use
from wire.key_sets import key_set, key_sets, prepare_key_set
from wire.keys import SigningKey, read_secret
from wire.nkeys import nkey_public
from wire.registry import HUB, Registry

keys_app = typer.Typer(no_args_is_help=True, help="The hub's own keys: which one signs, and going over to new ones.")


@keys_app.command()
def show(directory: Dir, as_data: Json = False) -> None:
    """Tell which key signs, since which entry of the log, which one is for the bus, and which waits for the roots.

    \b
    Example: liaison-hub keys show DIR --json
    """
    keyring, registry = _registered(directory)
    number, newest = set_in_use(directory, keyring, registry), key_sets(directory)[-1]
    hub = registry.members.get(HUB)
    period = None if hub is None else hub.period_now
    waiting = None if newest == number else SigningKey.load(key_set(directory, newest) / "signing.pem")
    facts: dict[str, Any] = {
        "signing": None if period is None else period.key.thumbprint,
        "since": None if period is None else period.start,
        "bus": nkey_public(read_secret(key_set(directory, number) / "bus.nk")),
        "folder": str(key_set(directory, number)),
        "prepared": None if waiting is None else waiting.public.thumbprint,
    }
    print_facts(facts, as_data=as_data)


@keys_app.command()
def replace(directory: Dir) -> None:
    """Make new keys for the hub, and the enrolment with which the roots register them.

    The old ones go on signing until the roots have decided; works beside a running hub.

    \b
    Example: liaison-hub keys replace DIR
    """
    keyring, registry = _registered(directory)
    number = set_in_use(directory, keyring, registry)
    path = prepare_key_set(directory, number, organization=HUB, name=name_of(registry.network))
    say("New keys are made. They sign as soon as the roots have decided:")
    say(f'liaison-hub replace-key {directory} {HUB} {path} --reason "…"')
    say("Where the roots are kept apart: liaison-hub action propose, with --enrolment, then sign and submit.")


def _registered(directory: Path) -> tuple[Keyring, Registry]:
    engine, keyring = opened(directory)
    with engine.begin() as connection:
        return keyring, load_state(connection, keyring.trust).registry
