"""The naive way: one message at a time, one ORM session and one commit for each, as a team would write it first."""

import hashlib
import time
from typing import Any

import orjson
from sqlalchemy import Engine, LargeBinary, String, Text, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

from schemas.records import KINDS
from schemas.statement import Statement, parse_statement
from tests.bench.network import BenchNetwork
from wire import jws
from wire.bus import Bus
from wire.bus_pull import Puller
from wire.encoding import b64url
from wire.keys import PublicKey


class _Base(DeclarativeBase):
    pass


class _Event(_Base):
    __tablename__ = "events"
    id: Mapped[str] = mapped_column(String(60), primary_key=True)
    organization: Mapped[str] = mapped_column(String(40), index=True)
    sequence: Mapped[int] = mapped_column(index=True)
    hash: Mapped[str] = mapped_column(String(43), unique=True)
    token: Mapped[bytes] = mapped_column(LargeBinary)
    body: Mapped[str] = mapped_column(Text)


class _Record(_Base):
    __tablename__ = "records"
    address: Mapped[str] = mapped_column(String(150), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), index=True)
    organization: Mapped[str] = mapped_column(String(40), index=True)
    event: Mapped[str] = mapped_column(String(60))
    body: Mapped[str] = mapped_column(Text)


class _Head(_Base):
    __tablename__ = "heads"
    organization: Mapped[str] = mapped_column(String(40), primary_key=True)
    sequence: Mapped[int] = mapped_column()
    hash: Mapped[str] = mapped_column(String(43))


class NaiveIntake:
    """Does the same work, event by event: verify, validate, chain, store, project, acknowledge."""

    def __init__(self, network: BenchNetwork, heads: dict[str, tuple[int, bytes]]) -> None:
        self._keys = {organization: key.public for organization, key in network.keys.items()}
        self._engine: Engine = create_engine(f"sqlite:///{network.directory / 'naive.sqlite'}")
        _Base.metadata.create_all(self._engine)
        self._session = sessionmaker(self._engine)
        with self._session.begin() as session:
            for organization, (sequence, digest) in heads.items():
                session.merge(_Head(organization=organization, sequence=sequence, hash=b64url(digest)))

    async def events_per_second(self, bus: Bus, stream: str, durable: str, count: int) -> float:
        """Take in `count` events from the stream; ValueError if one of them is not as it must be."""
        puller = Puller(bus, stream, durable)
        begun = time.perf_counter()
        for _ in range(count):
            incoming = (await puller.next(1, 5.0))[0]
            with self._session.begin() as session:
                self._take(session, incoming.header("Liaison-Token").encode(), incoming.body)
            await puller.ack_through(incoming)
        rate = count / (time.perf_counter() - begun)
        puller.close()
        return rate

    def stored(self) -> int:
        """How many events are stored."""
        with self._session() as session:
            return len(session.scalars(select(_Event.id)).all())

    def _take(self, session: Session, token: bytes, body: bytes) -> None:
        parts = jws.take_apart(token, jws.EVENT)
        statement = parse_statement(parts.payload)
        key: PublicKey = self._keys[statement.organization]
        if not key.verify(parts.signature, parts.signed):
            raise ValueError("bad signature")
        if b64url(hashlib.sha256(body).digest()) != statement.datahash:
            raise ValueError("body mismatch")
        document: dict[str, Any] = orjson.loads(body)
        KINDS[statement.kind].model_validate_json(orjson.dumps(document["record"]))
        self._store(session, statement, b64url(hashlib.sha256(parts.payload).digest()), token, body)

    def _store(self, session: Session, statement: Statement, digest: str, token: bytes, body: bytes) -> None:
        head = session.get_one(_Head, statement.organization)
        if session.scalar(select(_Event).where(_Event.hash == digest)) is not None:
            return
        if (statement.sequence_number, statement.previous) != (head.sequence + 1, head.hash):
            raise ValueError("not the next of its chain")
        session.add(
            _Event(
                id=statement.id,
                organization=statement.organization,
                sequence=statement.sequence_number,
                hash=digest,
                token=token,
                body=body.decode(),
            )
        )
        head.sequence, head.hash = statement.sequence_number, digest
        session.merge(
            _Record(
                address=statement.subject,
                kind=statement.kind,
                organization=statement.organization,
                event=statement.id,
                body=body.decode(),
            )
        )
