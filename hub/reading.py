"""What every reading address is given: the database, the end of the log, the registry, and who is asking."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import Request
from sqlalchemy import Connection, Engine
from starlette.responses import Response

from hub import search
from hub.access import VISIBLE, Reader, Role, bearer_of
from hub.accounts.log_ins import COOKIES, open_log_ins
from hub.accounts.rules import reader_of
from hub.clock import utc_now
from hub.filters import Filters
from hub.finding.kept_cells import KeptCells
from hub.finding.listing import is_indexed, is_near, is_needed
from hub.log_checks import LogDamaged
from hub.node_queries import StatementCounts
from hub.operating.deeds import Deeds, Operating
from hub.problem_details import Refusal
from hub.queries import Listed
from hub.tail import Tail
from hub.this_log import this_log
from people.log_ins import LogIns
from schemas.sentences import gettext_noop as N_
from schemas.sentences import sentence
from wire.notes import VerifierKey
from wire.registry import Registry, Standing
from wire.seal import timestamp

_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="liaison"'}


@dataclass
class Reading:
    """Built once for an application."""

    engine: Engine
    network: str
    trust_json: bytes
    registry: Callable[[], Registry]
    tail: Tail
    now: Callable[[], datetime] = utc_now
    damaged: Callable[[LogDamaged], None] | None = None
    following: Callable[[], dict[str, Any]] | None = None  # of a regional hub: how it stands to the one it follows
    counts: StatementCounts = field(default_factory=StatementCounts)
    operating: Operating = field(default_factory=Operating)
    address: str = ""  # where people reach the pages, if the operator has said it
    live_readers: Callable[[], tuple[int, int]] = lambda: (0, 0)  # who read live streams now, and how many can
    log_ins: LogIns = field(init=False)
    deeds: Deeds = field(init=False)

    def __post_init__(self) -> None:
        self.log_ins = open_log_ins(self.engine, self.now)
        self.deeds = Deeds(self.engine, self.operating, self.now)

    cells: KeptCells = field(default_factory=KeptCells)

    @property
    def log_name(self) -> str:
        """Name the log by its origin and the hash of its key: indices of another one mean other events."""
        return this_log(self.registry(), self._first_log).name

    @cached_property
    def _first_log(self) -> VerifierKey:
        return VerifierKey.parse(orjson.loads(self.trust_json)["log"]["vkey"])

    def connect(self) -> Connection:
        """Open a connection for reading."""
        return self.engine.connect()

    def reader(self, request: Request) -> Reader:
        """Give who asks: by the bearer token if one is sent, or else by the session of who has logged in.

        A token that is not known is refused rather than ignored; a session that has ended is the public's.
        """
        found: Reader | None = getattr(request.state, "reader", None)
        if found is None:
            found = request.state.reader = self._identify(request)
        return found

    def role(self, request: Request) -> Role:
        """Give the role of who asks."""
        return self.reader(request).role

    def operator(self, request: Request) -> Reader:
        """Let operators in, and nobody else."""
        reader = self.reader(request)
        if reader.role is Role.OPERATOR:
            return reader
        detail = N_(
            "This is for the hub's operators: log in as one, or send an operator's token as Authorization: Bearer."
        )
        if reader.role is Role.PUBLIC:
            raise Refusal(HTTPStatus.UNAUTHORIZED, "token-needed", detail, headers=_CHALLENGE)
        raise Refusal(HTTPStatus.FORBIDDEN, "not-allowed", detail)

    def still(self, request: Request) -> bool:
        """Whether who asked is still let in as then: tokens are removed, and sessions end, while streams are read."""
        try:
            return self._identify(request) == self.reader(request)
        except Refusal:
            return False

    def _identify(self, request: Request) -> Reader:
        header = request.headers.get("authorization")
        if header is None:
            session = COOKIES.session_of(request)
            person = self.log_ins.person(session) if session else None
            return Reader(Role.PUBLIC) if person is None else reader_of(person)
        scheme, _, token = header.partition(" ")
        found = None
        if scheme.lower() == "bearer":
            with self.connect() as connection:
                found = bearer_of(connection, token.strip())
        if found is None:
            detail = N_("The access token is not known here. Ask the hub's operator for one, or ask without a token.")
            raise Refusal(HTTPStatus.UNAUTHORIZED, "unknown-token", detail, headers=_CHALLENGE)
        return found[0]

    def ready_for(self, asked: Filters) -> None:
        """Bring the index of what records are found by to the end of the log where it is asked: no lag shows."""
        if not is_indexed(asked):
            return
        if not is_needed(asked):
            with self.connect() as connection:
                if not is_near(connection, self.tail.size):
                    return  # the view itself is asked
        search.catch_up(self.engine, self.tail.size)

    def ready_for_counts(self) -> None:
        """Bring the index to the end of the log where facets are counted; a question with filters needs no more."""
        search.catch_up(self.engine, self.tail.size)

    def ready_for_matrix(
        self, scheme: str, places: Iterable[str] | None = None, codes: Iterable[str] | None = None
    ) -> None:
        """Bring the cells of the matrix, or a part of them, to the end of the log."""
        search.judge(self.engine, self.tail.size, scheme, places, codes)

    def check_cursor(self, after: int | None) -> int | None:
        """Refuse a cursor beyond the end of the log: it comes from a log that was longer, or from elsewhere."""
        size = self.tail.size
        if after is None or after < size:
            return after
        detail = sentence(
            "The cursor {after} is beyond the end of this log, whose last index is {last}. If it came from this hub, "
            "the hub has lost part of its log: compare with what you hold.",
            after=after,
            last=size - 1,
        )
        raise Refusal(HTTPStatus.CONFLICT, "cursor-beyond-log", detail, log_size=size)

    def as_of(self) -> str:
        """Write the hub's clock."""
        return timestamp(self.now())

    def standing_of(self, organization: str) -> str | None:
        """Say that an organization is suspended or has retired; None for others: its records stay, and are marked."""
        member = self.registry().members.get(organization)
        return None if member is None or member.standing is Standing.ACTIVE else member.standing.value

    def marked(self, found: dict[str, Any]) -> dict[str, Any]:
        """Give a record with its author's `standing`, where that is not a good one."""
        standing = self.standing_of(found["org"])
        return found if standing is None else {**found, "standing": standing}

    def listed(self, request: Request, found: Listed) -> Response:
        """Answer with a page, and a link to the next one."""
        headers = {}
        if found.next is not None:
            target = request.url.include_query_params(after=found.next)
            headers["Link"] = f'<{target.path}?{target.query}>; rel="next"'
        return as_json({"items": found.items, "next": found.next, "as_of": self.as_of()}, headers)


def visible(role: Role) -> Sequence[str]:
    """Give the markings that a role sees."""
    return VISIBLE[role]


def as_json(value: Any, headers: dict[str, str] | None = None) -> Response:
    """Answer in JSON; what a reader sees depends on who asks, and is never kept by a cache between."""
    return Response(orjson.dumps(value), headers={**PRIVATE, **(headers or {})}, media_type="application/json")


PRIVATE = {"Cache-Control": "private, no-cache", "Vary": "Authorization, Cookie"}
