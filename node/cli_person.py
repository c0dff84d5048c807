"""Who may log in or send a token: `liaison-node person` and `liaison-node token`. No secret is ever an argument."""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from node import cli_text
from node.accounts.acts import command
from node.accounts.rules import Role
from node.accounts.tokens import MAX_NAME, USUAL_DAYS
from node.node import Node, build
from node.store.access import Token
from people.accounts import DAYS, folded

person_app = typer.Typer(no_args_is_help=True, help="People of the organization who log in to the node's pages.")

Dir = Annotated[Path, typer.Argument(metavar="DIR", help="The node's state directory.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="What the person types, such as an e-mail address.")]
Roles = Annotated[list[Role], typer.Option("--role", help="What the person may do; repeat it for several.")]
Days = Annotated[int, typer.Option(help="For how many days the one-time code is good.")]
Json = Annotated[bool, typer.Option("--json", help="Print data as JSON.")]


@person_app.command("add")
def person_add(
    directory: Dir,
    name: Name,
    role: Roles,
    person: Annotated[str, typer.Option(help="The person's name, as pages and the trail show it.")] = "",
    days: Days = DAYS,
) -> None:
    """Make an account; prints a one-time code with which its owner sets the password at /login/first.

    \b
    Example: liaison-node person add DIR amina@exercise.example --role officer --role reviewer --person "Amina Warsame"
    """
    _hand_out(build(directory).people.add(command(), name, [*map(str, role)], person=person, days=days), name, days)


@person_app.command("list")
def person_list(directory: Dir, as_data: Json = False) -> None:
    """List the people: account, roles, state, last log-in. Example: liaison-node person list DIR --json."""
    found = build(directory).people.listed()
    if as_data:
        cli_text.print_json(found)
        return
    for each in found:
        last = f"last log-in {each['last_log_in']}" if each["last_log_in"] else "has never logged in"
        typer.echo(f"{each['name']:<40} {', '.join(each['roles']):<32} {each['state']:<9} {last}  {each['person']}")


@person_app.command("roles")
def person_roles(directory: Dir, name: Name, role: Roles) -> None:
    """Give a person other roles. Example: liaison-node person roles DIR amina --role officer --role administrator."""
    build(directory).people.give_roles(command(), name, [*map(str, role)])
    cli_text.say(f"{folded(name)} is now {', '.join(role)}.")


@person_app.command("reset")
def person_reset(directory: Dir, name: Name, days: Days = DAYS) -> None:
    """Take the password away, end all sessions and access tokens, print a new one-time code.

    It is also what helps a person whom somebody else's failed attempts make wait.

    \b
    Example: liaison-node person reset DIR NAME
    """
    _hand_out(build(directory).people.reset(command(), name, days=days), name, days)


@person_app.command("disable")
def person_disable(directory: Dir, name: Name) -> None:
    """Let nobody in under this account, end its sessions and access tokens.

    \b
    Example: liaison-node person disable DIR NAME
    """
    build(directory).people.disable(command(), name)
    cli_text.say(f"{folded(name)} is disabled; its sessions and access tokens have ended.")


@person_app.command("enable")
def person_enable(directory: Dir, name: Name) -> None:
    """Let the owner of a disabled account in again. Example: liaison-node person enable DIR NAME."""
    build(directory).people.enable(command(), name)
    cli_text.say(f"{folded(name)} can log in again, with the password as it was.")


@person_app.command("log-ins")
def person_log_ins(
    directory: Dir,
    limit: Annotated[int, typer.Option(min=1, max=20_000, help="How many.")] = 50,
    as_data: Json = False,
) -> None:
    """List attempts to log in, newest first. Example: liaison-node person log-ins DIR --limit 200."""
    found = build(directory).people.attempts(limit)
    if as_data:
        cli_text.print_json(found)
        return
    for each in found:
        cli_text.print_line(f"{each['at']}  {each['outcome']:<16} {each['address']:<40} {each['name'] or '–'}")


def token(
    directory: Dir,
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="Whose token it is.")] = "",
    person: Annotated[str, typer.Option(help="The account in whose name it acts; without it, a program's own.")] = "",
    role: Annotated[list[Role] | None, typer.Option(help="With --person: a role that it has; repeatable.")] = None,
    days: Annotated[int | None, typer.Option(help=f"With --person: how long it is good, else {USUAL_DAYS}.")] = None,
    listed: Annotated[bool, typer.Option("--list", help="List the tokens; none can be shown again.")] = False,
    remove: Annotated[bool, typer.Option("--remove", help="Remove all tokens of this name.")] = False,
    as_data: Annotated[bool, typer.Option("--json", help="With --list: print data as JSON.")] = False,
) -> None:
    """Make a token for the API; it is printed once and cannot be shown again.

    A program's own reads and changes records. One of a person does what the person may, with the roles given.

    \b
    Example: liaison-node token DIR "case management system" > token.txt
             liaison-node token DIR --list --json
    """
    if listed and remove:
        cli_text.wrong_use("--list and --remove are two commands: give one of them")
    if as_data and not listed:
        cli_text.wrong_use("--json is for --list: a token is printed as it is")
    if (role or days is not None) and (not person or listed or remove):
        cli_text.wrong_use("--role and --days are for the new token of a person: name the account with --person")
    if not listed and not 1 <= len(name) <= MAX_NAME:
        cli_text.wrong_use(f"NAME has 1 to {MAX_NAME} characters")
    node = build(directory)
    if listed:
        _list_tokens(node.access.listed(), as_data=as_data)
    elif remove:
        if not node.access.remove(name, note=node.acts.noted(command(), "token.removed", name)):
            cli_text.fail(f"there is no token of the name {name!r}; liaison-node token {directory} --list shows them")
        cli_text.say("Removed.")
    elif person:
        account = node.people.account(person)
        lasting = USUAL_DAYS if days is None else days
        made = node.tokens.for_person(
            command(), account.number, account.role.split(), name, role or [], datetime.now(UTC), lasting
        )
        sys.stdout.write(made + "\n")
    else:
        sys.stdout.write(node.tokens.for_program(command(), name, datetime.now(UTC)) + "\n")


def _list_tokens(tokens: Sequence[Token], *, as_data: bool) -> None:
    if as_data:
        cli_text.print_json([each.form() for each in tokens])
        return
    for each in tokens:
        whose = f"  {each.person}: {', '.join(each.roles)}, until {each.ends}" if each.account is not None else ""
        typer.echo(f"{each.created}  {each.name}{whose}")


def say_first_code(node: Node, directory: Path) -> None:
    """Tell a person at a terminal the code of the first administrator, as long as there was none; never a log."""
    if node.people.begun():
        return
    if not sys.stderr.isatty():
        cli_text.say(f"Nobody administers this node yet. At a terminal: liaison-node person first {directory}")
        return
    code = node.people.first_code()
    if code is not None:
        cli_text.say(f"Nobody administers this node yet. Open /welcome with this code, which is good once: {code}")


@person_app.command("first")
def person_first(directory: Dir) -> None:
    """Print a code with which the first administrator begins at /welcome. Example: liaison-node person first DIR."""
    code = build(directory).people.first_code()
    if code is None:
        cli_text.fail("this node has an administrator; an administrator or liaison-node person reset gives new codes")
    typer.echo(code)
    cli_text.say(f"Open /welcome of this node with it, once, within {DAYS} days. Codes of before are void.")


def _hand_out(code: str, name: str, days: int) -> None:
    typer.echo(code)
    cli_text.say(
        f"Give this code to the owner of {folded(name)}, by a way that you trust. At /login/first of this node"
    )
    cli_text.say(f"it sets the password, once, within {days} days. Shown this once; only its hash is kept.")
