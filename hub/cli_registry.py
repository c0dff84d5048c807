"""The registry's commands of liaison-hub: who may speak, with which keys, who witnesses, and who decides."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from hub.admissions import admission_for
from hub.bus_server import BusServer
from hub.cli_text import Dir, Json, Org, Reason, fail, opened, print_json, say, wrong_use
from hub.history import load_state
from hub.registrar import act
from hub.settings import read_settings
from wire.actions import Action, Admitted, KeyReplaced, KeyRevoked, Reinstated, Retired, Suspended, WitnessesChanged
from wire.enrolment import open_enrolment
from wire.nkeys import nkey_public
from wire.registry import HUB, Registry
from wire.whole_file import write_whole

commands = typer.Typer()

Enrolment = Annotated[
    Path, typer.Argument(metavar="ENROLMENT.json", help="What the node's init or keys replace wrote.")
]
Output = Annotated[Path | None, typer.Option("-o", "--output", help="Where to write the admission.")]


@commands.command()
def admit(directory: Dir, enrolment: Enrolment, output: Output = None) -> None:
    """Admit an organization; works beside a running hub and without it.

    \b
    Example: liaison-hub admit DIR enrolment.json -o admission.json
    """
    members = open_enrolment(enrolment.read_bytes())
    index = _act(directory, lambda **place: Admitted(**place, **members))
    say(f"{members['organization']} is admitted, as entry {index} of the log.")
    hand_out(directory, members["organization"], output)


@commands.command()
def suspend(directory: Dir, organization: Org, reason: Reason) -> None:
    """Accept nothing of an organization for now. Example: liaison-hub suspend DIR xa-office --reason "…"."""
    _decide(directory, organization, lambda **place: Suspended(reason=reason, **place), "suspended")


@commands.command()
def reinstate(directory: Dir, organization: Org, reason: Reason) -> None:
    """Let a suspended organization speak again. Example: liaison-hub reinstate DIR xa-office --reason "…"."""
    _decide(directory, organization, lambda **place: Reinstated(reason=reason, **place), "reinstated")


@commands.command()
def retire(directory: Dir, organization: Org, reason: Reason) -> None:
    """End an organization's membership for good. Example: liaison-hub retire DIR xa-office --reason "…"."""
    _decide(directory, organization, lambda **place: Retired(reason=reason, **place), "retired")


@commands.command("replace-key")
def replace_key(
    directory: Dir,
    organization: Org,
    enrolment: Enrolment,
    output: Output = None,
    reason: Annotated[str, typer.Option(help="Why; it goes into the log.")] = "The keys were lost or stolen.",
) -> None:
    """Give an organization, or the hub itself, new keys in the place of lost or stolen ones.

    \b
    Example: liaison-hub replace-key DIR xa-office enrolment.json -o admission.json
    """
    members = open_enrolment(enrolment.read_bytes())
    if members.pop("organization") != organization:
        wrong_use(f"{enrolment} was written by the node of another organization than {organization}")
    members.pop("name")
    index = _act(
        directory, lambda **place: KeyReplaced(organization=organization, reason=reason, **place, **members)
    )  # fmt: skip
    say(f"{organization} has new keys from entry {index} of the log on.")
    hand_out(directory, organization, output)


@commands.command()
def revoke(
    directory: Dir,
    organization: Org,
    key: Annotated[
        str, typer.Argument(metavar="KEY", help="Thumbprint of the key (liaison-node keys show), or: current.")
    ],
    last_good_sequence: Annotated[int, typer.Option(help="The last statement under this key that can be relied on.")],
    reason: Reason,
) -> None:
    """Revoke a key: it is not valid any more, and what it signed after that sequence is disputed.

    \b
    Example: liaison-hub revoke DIR xa-office KEY --last-good-sequence 396 --reason "Stolen."
    """
    member = _registry(directory).members.get(organization)
    if key == "current":
        if member is None or member.keys[-1].end is not None:
            fail(f"{organization} has no key that is valid now")
        key = member.keys[-1].key.thumbprint

    def make(**place: Any) -> Action:
        last = last_good_sequence
        return KeyRevoked(organization=organization, key=key, last_good_sequence=last, reason=reason, **place)

    index = _act(directory, make)
    say(f"The key is revoked, as entry {index} of the log. Disputed records: status=disputed in the API.")
    say(f"Without another valid key {organization} cannot speak: liaison-hub replace-key {directory} {organization} …")


@commands.command()
def witnesses(
    directory: Dir,
    quorum: Annotated[
        str | None, typer.Option(metavar="K|auto", help="How many must cosign; auto: ⌊2n/3⌋ + 1.")
    ] = None,
    reason: Annotated[str, typer.Option(help="Why; it goes into the log.")] = "The quorum was changed.",
    as_data: Json = False,
) -> None:
    """List the witnesses, or fix how many of them must cosign a checkpoint.

    \b
    Example: liaison-hub witnesses DIR --quorum 3
    """
    found = _registry(directory)
    listed = found.witnesses(found.network)
    if quorum is not None:
        # 0 means the formula in the log; said by a person, it would mean that nobody is needed.
        if not re.fullmatch("auto|[1-9][0-9]{0,8}", quorum):
            wrong_use(f"--quorum is auto or a number from 1 on, not {quorum[:40]!r}")
        keys = {organization: key.jwk for organization, key in listed.keys.items()}
        number = 0 if quorum == "auto" else int(quorum)
        index = _act(directory, lambda **place: WitnessesChanged(witnesses=keys, quorum=number, reason=reason, **place))
        say(f"The quorum is changed, as entry {index} of the log.")
        return
    if as_data:
        members = [
            {"org": organization, "key": key.jwk, "thumbprint": key.thumbprint}
            for organization, key in sorted(listed.keys.items())
        ]
        print_json({"quorum": listed.quorum, "fixed": found.quorum is not None, "witnesses": members})
        return
    for organization, key in sorted(listed.keys.items()):
        typer.echo(f"{organization:<24} {key.thumbprint}")
    how = "fixed by the roots" if found.quorum is not None else "by the formula"
    say(f"{listed.quorum} of {len(listed.keys)} must cosign ({how}).")


def hand_out(directory: Path, organization: str, output: Path | None) -> None:
    """Write the admission of an organization to a file or to standard output; the hub needs none."""
    engine, keyring = opened(directory)
    if organization == HUB:
        say("The hub signs with its new key now. Start it anew when it suits, so that it uses its new key for the bus")
        say("too; a bus of your own must be told that key before: docs/operations.md, the hub's own keys.")
        return
    url = read_settings(directory).bus or BusServer(directory, nkey_public(keyring.bus_seed)).url
    admission = admission_for(engine, keyring.trust, organization, url)
    if output is None:
        typer.echo(admission, nl=False)
    else:
        write_whole(output, admission)
    say("Give its administrator the admission.")


def _registry(directory: Path) -> Registry:
    engine, keyring = opened(directory)
    with engine.begin() as connection:
        return load_state(connection, keyring.trust).registry


def _decide(directory: Path, organization: str, make: Callable[..., Action], word: str) -> None:
    index = _act(directory, lambda **place: make(organization=organization, **place))
    say(f"{organization} is {word}, as entry {index} of the log.")


def _act(directory: Path, make: Callable[..., Action]) -> int:
    engine, keyring = opened(directory)
    network = keyring.trust.network
    return act(
        directory,
        engine,
        keyring,
        lambda sequence, previous: make(network=network, sequence=sequence, previous=previous),
    )
