"""The steps of an import, as pages and the API take them: a file is kept, checked, published, approved, given back."""

from collections.abc import Callable
from contextlib import nullcontext
from datetime import timedelta
from functools import partial
from typing import Any, BinaryIO, Final

from node.batch_import import Publishing, clean_up, examine
from node.forms import now_text
from node.importing.headers import delimiter_of
from node.importing.own_files import recognise
from node.importing.report import counts
from node.importing.rows import ImportFileError
from node.importing.uploads import format_of, shown_name
from node.node import Node
from node.pages.bulk import may_approve
from node.pages.desk import Desk, Role, Visitor
from node.refusal import Refusal
from node.store.batches import CHECKED, IMPORT, MAPPING, PUBLISHING, REVIEW, Batch
from node.store.drafts import Changed
from node.store.note import Note, no_note
from schemas.sentences import gettext_noop as N_

KEPT: Final = timedelta(days=1)
KEPT_FOR_REVIEW: Final = timedelta(days=7)


def batch_of(node: Node, visitor: Visitor, number: int) -> Batch:
    """Give an upload; Refusal `not-found` if it is none of this person's, and does not wait for the person either."""
    batch = node.batches.one(number)
    if (
        batch is None or batch.sort != IMPORT
        or not (batch.owner == visitor.number or (batch.state == REVIEW and visitor.may(Role.REVIEWER)))
    ):  # fmt: skip
        raise Refusal(
            "not-found", N_("There is no such upload. Uploads are deleted after a day, and when they are done.")
        )
    return batch


def take_in(desk: Desk, visitor: Visitor, called: str | None, file: BinaryIO) -> int:
    """Keep a file if it is safe, and tell what it is; gives its number. ImportFileError or TooMany if it cannot be."""
    node, now, name = desk.node, desk.now(), shown_name(called)
    clean_up(node, now_text(now))
    times = (now_text(now), now_text(now + KEPT))
    number = node.batches.begin(IMPORT, (visitor.number, visitor.name), MAPPING, {"name": name}, times)
    try:
        path = node.uploads.keep(number, file)
        work: dict[str, Any] = {"name": name, "format": format_of(path, name)}
        if work["format"] == "csv":
            work["delimiter"] = delimiter_of(path)
        own = recognise(path, work["format"])
        batch = batch_of(node, visitor, number)
        if own is not None:
            work["own"] = list(own)
        batch = node.batches.change(batch, work=work)
        if own is not None:
            check(desk, batch)
    except BaseException as error:
        node.uploads.delete(number)
        node.batches.end(number)
        if isinstance(error, ImportFileError):
            # Paths and inner names are ours: the person knows the file by its own name.
            raise ImportFileError(str(error).replace("file: ", f"{name}: ", 1)) from None
        raise
    desk.acts.note(visitor, "file.uploaded", f"import {number}", name)
    return number


def check(desk: Desk, batch: Batch) -> Batch:
    """Compare the file with what stands, and keep what was found; ImportFileError if it cannot be read."""
    examined = examine(desk.node, batch)
    desk.node.uploads.note(batch.number, examined.report())
    number = counts(examined.found)
    total = number["new"] + number["changed"] + number["gone"]
    return desk.node.batches.change(
        batch, state=CHECKED, digest=examined.digest(), done=0, total=total, outcome=None, note=None
    )  # fmt: skip


def do(desk: Desk, visitor: Visitor, batch: Batch, given: dict[str, str]) -> str:
    """Do what `do` says: check, publish, resume or delete one's own; approve another's, or give it back.

    Gives the page that is next. Refusal if it cannot be done, or the batch is not as it was any more.
    """
    node, publishing, act = desk.node, desk.publishing, given.get("do", "")
    here, owns = f"/import/{batch.number}", batch.owner == visitor.number and visitor.may(Role.OFFICER)
    if act in {"approve", "back"}:
        return _review(desk, publishing, visitor, batch, given)
    if not owns:
        raise Refusal("not-allowed", N_("This is for the person who uploaded the file."))
    steps: dict[str, Callable[[Note], str | None]] = {
        "delete": partial(_delete, node, publishing, batch),
        "check": partial(_check_again, desk, batch),
        "publish": partial(_publish, desk, publishing, batch),
        "resume": partial(_resume, publishing, batch),
    }
    step = steps.get(act)
    if step is None:
        raise Refusal("schema-invalid", N_("The page asks for something that there is not. Open it again."))
    noted = partial(desk.acts.noting, visitor, f"import.{act}", f"import {batch.number}", str(batch.work["name"]))
    with nullcontext() if act == "check" else noted() as noting:
        try:
            return step(no_note if noting is None else noting.note) or here
        except (ImportFileError, Changed) as error:
            raise Refusal("changed-meanwhile", str(error)) from None


def _delete(node: Node, publishing: Publishing, batch: Batch, note: Note) -> str:
    if publishing.is_running(batch.number):
        raise Refusal("changed-meanwhile", N_("It is being published now, and cannot be deleted before that ends."))
    node.uploads.delete(batch.number)
    node.batches.end(batch.number, note)
    return "/import"


def _check_again(desk: Desk, batch: Batch, _note: Note) -> None:
    if batch.state in {CHECKED, REVIEW}:
        check(desk, batch)


def _publish(desk: Desk, publishing: Publishing, batch: Batch, note: Note) -> None:
    if batch.state != CHECKED or not batch.total:
        raise Refusal("changed-meanwhile", N_("There is nothing to publish, or it is under way already."))
    if desk.node.settings.four_eyes:
        desk.node.batches.change(batch, note, state=REVIEW, expires=now_text(desk.now() + KEPT_FOR_REVIEW))
    else:
        publishing.start(desk.node.batches.change(batch, note, state=PUBLISHING, outcome=None), batch.digest)


def _resume(publishing: Publishing, batch: Batch, _note: Note) -> None:
    if batch.state == PUBLISHING:
        publishing.start(batch, None)


def _review(desk: Desk, publishing: Publishing, visitor: Visitor, batch: Batch, given: dict[str, str]) -> str:
    if not may_approve(visitor, batch) or batch.state != REVIEW:
        raise Refusal(
            "not-allowed", N_("This is for a reviewer who is another person than the one who uploaded the file.")
        )
    approves, said = given["do"] == "approve", f"import {batch.number} of {batch.owner_name}"
    act = "import.approved" if approves else "import.returned"
    note = desk.acts.noted(visitor, act, said, str(batch.work["name"]))
    try:
        if approves:
            begun = desk.node.batches.change(batch, note, state=PUBLISHING, outcome=None)
            publishing.start(begun, given.get("digest", ""))
        else:
            desk.node.batches.change(batch, note, state=CHECKED, note=given.get("note", "")[:1000])
    except Changed as error:
        raise Refusal("changed-meanwhile", str(error)) from None
    return "/batches"
