"""Decisions of several roots: `liaison-hub action` proposes one, collects their signatures, and has it logged."""

import sys
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from pydantic import ValidationError

from hub.cli_registry import hand_out
from hub.cli_text import Dir, fail, opened, say, wrong_use
from hub.registrar import next_place, submit
from schemas.amount import amount
from schemas.problems import problems_from
from wire.action_forms import ACTION
from wire.actions import (
    Action,
    Admitted,
    KeyReplaced,
    OfOrganization,
    RootsChanged,
    add_signatures,
    check,
    open_action,
    parse_action,
    sign_action,
)
from wire.canonical import canonical
from wire.encoding import from_b64url
from wire.enrolment import open_enrolment
from wire.keys import SigningKey
from wire.whole_file import write_whole

action_app = typer.Typer(no_args_is_help=True, help="Decisions that several roots sign, each where its key is.")

ActionFile = Annotated[Path, typer.Argument(metavar="ACTION.json", help="What action propose or sign wrote.")]


@action_app.command()
def propose(
    directory: Dir,
    members: Annotated[str, typer.Argument(metavar="MEMBERS.json|-", help="The action's own members; -: stdin.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Where to write the unsigned action.")],
    enrolment: Annotated[Path | None, typer.Option(help="An enrolment whose keys the action is about.")] = None,
) -> None:
    """Write an unsigned action for the next place in the registry's chain; any other decision makes it void.

    \b
    Example: echo '{"action":"organization.suspended","organization":"xa-office","reason":"…"}' |
             liaison-hub action propose DIR - -o ACTION.json
    """
    document = _document(sys.stdin.buffer.read() if members == "-" else Path(members).read_bytes())
    if enrolment is not None:
        document |= open_enrolment(enrolment.read_bytes())
        if document.get("action") == "key.replaced":
            document.pop("name")
    engine, keyring = opened(directory)
    place, registry = next_place(engine, keyring)
    try:
        action = ACTION.validate_json(orjson.dumps({**document, **place}))
    except ValidationError as error:
        fail(" ".join(f"{problem.pointer}: {problem.message}" for problem in problems_from(error)))
    check(action, registry)
    write_whole(output, sign_action(action, []) + b"\n")
    needed = f"{registry.roots.threshold} of {amount(len(registry.roots.keys), 'root')}"
    also = f", and {action.threshold} of the new ones" if isinstance(action, RootsChanged) else ""
    say(f"{needed}{also} must sign it: liaison-hub action sign {output} ROOT.pem")


@action_app.command()
def sign(
    action_file: ActionFile,
    root: Annotated[Path, typer.Argument(metavar="ROOT.pem", help="The file of one root key, mode 0600.")],
) -> None:
    """Show what is decided, and add one root's signature to the file; needs no hub and no network.

    \b
    Example: liaison-hub action sign ACTION.json root-2.pem
    """
    body = action_file.read_bytes()
    action = parse_action(body)
    sys.stdout.write(_readable(action))
    signed = add_signatures(body, [SigningKey.load(root)])
    write_whole(action_file, signed + b"\n")
    number = len(orjson.loads(signed)["signatures"])
    say(f"Signed; {amount(number, 'signature is', 'signatures are')} in {action_file}.")


@action_app.command("submit")
def submit_action(
    directory: Dir,
    action_file: ActionFile,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Where to write the admission.")] = None,
) -> None:
    """Check the signatures and have the action logged; works beside a running hub and without it.

    \b
    Example: liaison-hub action submit DIR ACTION.json -o admission.json
    """
    # A file has a line end and may have been reformatted on its way; what is logged is the canonical form.
    body = canonical(_document(action_file.read_bytes()))
    engine, keyring = opened(directory)
    place, registry = next_place(engine, keyring)
    action = open_action(body, registry, sequence=int(place["sequence"]), previous=from_b64url(place["previous"]))
    check(action, registry)
    index = submit(directory, engine, keyring, "action", body)
    say(f"{action.action} is entry {index} of the log.")
    if isinstance(action, Admitted | KeyReplaced):
        hand_out(directory, action.organization, output)


@action_app.command()
def key(
    root: Annotated[Path, typer.Argument(metavar="ROOT.pem", help="The file; made if it is not there.")],
) -> None:
    """Print the public part of a root key, for roots.changed; a new one is made if the file is not there.

    \b
    Example: liaison-hub action key root-3.pem
    """
    if root.exists():
        found = SigningKey.load(root)
    else:
        found = SigningKey.generate()
        found.save(root)
        say(f"A new root key is in {root}: keep it apart and safe.")
    sys.stdout.write(orjson.dumps(found.public.jwk).decode() + "\n")


def _document(data: bytes) -> dict[str, Any]:
    try:
        document = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        wrong_use(f"what was given is not JSON: {error}")
    if not isinstance(document, dict):
        wrong_use("a JSON object was expected")
    return document


def _readable(action: Action) -> str:
    about = action.organization if isinstance(action, OfOrganization) else action.network
    members = orjson.dumps(action.model_dump(mode="json"), option=orjson.OPT_INDENT_2).decode()
    return f"{action.action}: {about}\n{members}\n"
