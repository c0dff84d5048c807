"""The page Backup: when the last one was made, one made now, tested, and taken away as a file."""

from pathlib import Path
from typing import Final

from fastapi import Request
from starlette.responses import FileResponse, Response

from node.backup import BACKUPS, Content, NoBackup, back_up, last_backup, try_out
from node.backup.making import POSTGRESQL
from node.pages.asking import visitor_of
from node.pages.desk import Desk, Role, Visitor
from node.pages.forms import go_to
from node.refusal import Refusal
from schemas.sentences import gettext_noop as N_
from schemas.sentences import sentence
from ui.pages import Pages
from ui.routes import Routes

KEEP_NOTHING: Final = {"Cache-Control": "no-store"}


def router(desk: Desk, pages: Pages) -> Routes:
    """Give the page's address, and those of what can be done with backups."""
    routes = Routes(include_in_schema=False)
    directory = desk.node.settings.directory
    tried: list[tuple[str, Content]] = []  # the last test of this process, and when

    @routes.get("/backup")
    def backup(request: Request) -> Response:
        visitor_of(desk, request, Role.ADMINISTRATOR)
        last, here = last_backup(directory), newest(directory)
        said = next((each for each in ("made", "tested") if each in request.query_params), "")
        return pages.render(
            request, "backup.html", 200, KEEP_NOTHING,
            last=last, exists=last is not None and Path(last.file).exists(), tried=tried[-1] if tried else None,
            here=here, size=here.stat().st_size if here is not None else 0, said=said, directory=str(directory),
            postgresql=desk.node.engine.dialect.name == POSTGRESQL, as_of=desk.now_text(),
        )  # fmt: skip

    @routes.post("/backup")
    def making(request: Request) -> Response:
        visitor = visitor_of(desk, request, Role.ADMINISTRATOR)
        make(desk, visitor)
        return go_to(request, "/backup", made=1)

    @routes.post("/backup/test")
    def testing(request: Request) -> Response:
        visitor = visitor_of(desk, request, Role.ADMINISTRATOR)
        tried[:] = [(desk.now_text(), test_last(desk, visitor))]
        return go_to(request, "/backup", tested=1)

    @routes.get("/backup/file")
    def file(request: Request) -> Response:
        visitor = visitor_of(desk, request, Role.ADMINISTRATOR)
        here = newest(directory)
        if here is None:
            raise Refusal("not-found", N_("There is no backup here to download. Make one first."))
        desk.acts.note(visitor, "backup.downloaded", "", here.name)
        return FileResponse(here, headers=KEEP_NOTHING, media_type="application/x-tar", filename=here.name)

    return routes


def newest(directory: Path) -> Path | None:
    """Give the one that was made here last; those before it are removed."""
    return max((directory / BACKUPS).glob("*.backup"), default=None)


def make(desk: Desk, visitor: Visitor) -> None:
    """Make a backup in the node's directory, in the place of the last; Refusal if it cannot be, or one is made now."""
    with desk.backing_up:
        _made(desk, visitor)


def test_last(desk: Desk, visitor: Visitor) -> Content:
    """Try out the last backup that is known; gives what it holds, Refusal if it is no good or there is none."""
    last = last_backup(desk.node.settings.directory)
    if last is None:
        raise Refusal("no-backup", N_("No backup of this node is known that could be tested. Make one first."))
    with desk.backing_up, desk.acts.noting(visitor, "backup.tested", "", last.file):
        return _tried(Path(last.file))


def _made(desk: Desk, visitor: Visitor) -> None:
    settings, now = desk.node.settings, desk.now()
    folder = settings.directory / BACKUPS
    folder.mkdir(mode=0o700, exist_ok=True)
    target = folder / f"{settings.organization}-{now:%Y%m%dT%H%M%SZ}.backup"
    with desk.acts.noting(visitor, "backup.made", "", target.name):
        try:
            back_up(settings, target, now)
        except (NoBackup, OSError) as error:
            raise Refusal("no-backup", sentence("There is no backup: {cause}", cause=error)) from None
    for older in folder.glob("*.backup"):
        if older != target:
            older.unlink()


def _tried(file: Path) -> Content:
    try:
        return try_out(file)
    except FileNotFoundError:
        raise Refusal(
            "no-backup",
            sentence("{file} is not there any more; test it where it is: liaison-node test-backup", file=file),
        ) from None
    except (NoBackup, OSError) as error:
        raise Refusal("no-backup", sentence("The last backup is no good: {cause}", cause=error)) from None
