"""Who may log in or read with a token: `liaison-hub account` and `liaison-hub token`. No secret is ever an argument."""

from typing import Annotated

import typer

from hub.access import create_token, list_tokens, remove_tokens
from hub.accounts import people
from hub.cli_text import Dir, Json, fail, opened_store, print_json, print_line, say, wrong_use
from hub.clock import utc_now

account_app = typer.Typer(no_args_is_help=True, help="Named accounts of people who log in to the pages.")
tokens = typer.Typer()

Name = Annotated[str, typer.Argument(metavar="NAME", help="What its owner types, such as an e-mail address.")]
Days = Annotated[int, typer.Option(help="For how many days the one-time code is good.")]


@account_app.command("add")
def account_add(
    directory: Dir,
    name: Name,
    role: Annotated[str, typer.Option(metavar="member|operator", help="What its owner may see and do.")],
    person: Annotated[str, typer.Option(help="The person's name, as pages and the trail of acts show it.")] = "",
    days: Days = people.DAYS,
) -> None:
    """Make an account; prints a one-time code with which its owner sets the password at /login/first.

    \b
    Example: liaison-hub account add DIR amina@exercise.example --role operator --person "Amina Warsame"
    """
    if role not in {"member", "operator"}:
        wrong_use(f"the role is member or operator, not {role!r}")
    engine, _ = opened_store(directory)
    with engine.begin() as connection:
        code = people.add(connection, name, role, utc_now(), person=person, days=days)
    _hand_out(code, name, days)


@account_app.command("list")
def account_list(directory: Dir, json: Json = False) -> None:
    """List the accounts: name, role, state, last log-in. Example: liaison-hub account list DIR --json."""
    engine, _ = opened_store(directory)
    with engine.connect() as connection:
        found = people.list_accounts(connection)
    if json:
        print_json(found)
        return
    for each in found:
        last = f"last log-in {each['last_log_in']}" if each["last_log_in"] else "has never logged in"
        typer.echo(f"{each['name']:<40} {each['role']:<9} {each['state']:<9} {last}  {each['person']}")


@account_app.command("reset")
def account_reset(directory: Dir, name: Name, days: Days = people.DAYS) -> None:
    """Take the password away, end all sessions, print a new one-time code.

    It is also what helps a person whom somebody else's failed attempts make wait.

    \b
    Example: liaison-hub account reset DIR NAME
    """
    engine, _ = opened_store(directory)
    with engine.begin() as connection:
        code = people.reset(connection, name, utc_now(), days=days)
    _hand_out(code, name, days)


@account_app.command("disable")
def account_disable(directory: Dir, name: Name) -> None:
    """Let nobody in under this account, and end its sessions. Example: liaison-hub account disable DIR NAME."""
    engine, _ = opened_store(directory)
    with engine.begin() as connection:
        people.disable(connection, name)
    say(f"{people.folded(name)} is disabled, and its sessions have ended.")


@account_app.command("enable")
def account_enable(directory: Dir, name: Name) -> None:
    """Let the owner of a disabled account in again. Example: liaison-hub account enable DIR NAME."""
    engine, _ = opened_store(directory)
    with engine.begin() as connection:
        people.enable(connection, name)
    say(f"{people.folded(name)} can log in again, with the password as it was.")


@account_app.command("log-ins")
def account_log_ins(
    directory: Dir, limit: Annotated[int, typer.Option(min=1, max=20_000, help="How many.")] = 50, json: Json = False
) -> None:
    """List attempts to log in, newest first. Example: liaison-hub account log-ins DIR --limit 200."""
    engine, _ = opened_store(directory)
    with engine.connect() as connection:
        found = people.list_log_ins(connection, limit=limit)
    if json:
        print_json(found)
        return
    for each in found:
        print_line(f"{each['at']}  {each['outcome']:<16} {each['address']:<40} {each['name'] or '–'}")


@tokens.command()
def token(
    directory: Dir,
    what: Annotated[
        str,
        typer.Argument(metavar="member|operator|list|remove", help="What a new one's bearer may read; list; remove."),
    ],
    name: Annotated[str, typer.Argument(metavar="NAME", help="For whom it is.")] = "",
    json: Json = False,
) -> None:
    """Make an access token, shown once; list them; remove one, which ends what it began.

    \b
    Example: liaison-hub token DIR member "Reader of the secretariat"
             liaison-hub token DIR remove "Reader of the secretariat"
    """
    if what not in {"member", "operator", "list", "remove"}:
        wrong_use(f"member, operator, list or remove was expected, not {what!r}")
    if not name and what != "list":
        wrong_use("the name of whom the token is for is missing")
    engine, _ = opened_store(directory)
    if what == "list":
        with engine.connect() as connection:
            found = list_tokens(connection)
        if json:
            print_json(found)
        for each in [] if json else found:
            typer.echo(f"{each['created']}  {each['role']:<9} {each['name']}")
    elif what == "remove":
        with engine.begin() as connection:
            removed = remove_tokens(connection, name)
        if not removed:
            fail(
                f"there is no token of the name {name!r}; liaison-hub token {directory} list shows those that there are"
            )
        say(f"{removed} removed. Sessions that began with it have ended.")
    else:
        typer.echo(create_token(engine, what, name))
        say("Shown this once; only its hash is kept.")


def _hand_out(code: str, name: str, days: int) -> None:
    typer.echo(code)
    say(
        f"Give this code to the owner of {people.folded(name)}, by a way that you trust. At /login/first of this hub it"
    )
    say(f"sets the password, once, within {days} days. Shown this once; only its hash is kept.")
