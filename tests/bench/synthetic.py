"""A hub's database filled with synthetic records in six languages by the hub's own fold and store, unsigned."""

import hashlib
import random
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, Final

import orjson
from sqlalchemy import Engine

from hub.entries import Entry
from hub.log_state import Speaker
from hub.reads import view_of
from hub.store import store_for
from schemas.codelists import codes, countries
from schemas.entry import parse_entry
from wire import jws
from wire.encoding import b64url

NETWORK: Final = "bench.example"
ORGANIZATIONS: Final = 300
PROVIDERS: Final = 60
BATCH: Final = 2_000
REVISED, WITHDRAWN = 0.05, 0.01
KINDS: Final = ("contact", "need", "offer", "activity", "assessment", "resource", "priority")
_WEIGHTS: Final = (18, 25, 8, 33, 10, 4, 2)
_BEGUN: Final = datetime(2022, 1, 1, tzinfo=UTC)
_WORDS: Final = {
    "en": "training border equipment law officers support review assistance posts readers drafting court judges money "
    "freezing assets cash couriers customs police regional centre office programme experts health laboratory",
    "fr": "formation frontière équipement loi agents appui examen assistance postes lecteurs rédaction tribunal juges",
    "es": "formación frontera equipo ley oficiales apoyo examen asistencia puestos lectores redacción tribunal jueces",
    "ru": "обучение граница оборудование закон сотрудники поддержка обзор помощь посты считыватели суд судьи",
    "ar": "تدريب الحدود المعدات القانون الضباط الدعم المراجعة المساعدة المراكز القراءة المحكمة القضاة والجمارك",
    "zh": "培训 边境 设备 法律 官员 支持 审查 援助 哨所 阅读器 起草 法院 法官 海关 警察",
}
_LANGUAGES: Final = ("en", "en", "en", "fr", "es", "ru", "ar", "zh")
_SYLLABLES: Final = (
    "ka",
    "ru",
    "mi",
    "ten",
    "so",
    "lo",
    "var",
    "gi",
    "dun",
    "pe",
    "zor",
    "ha",
    "ni",
    "bel",
    "qui",
    "fa",
)
_ROLES: Final = tuple(sorted(codes("contact_role")))
_HEADER: Final = jws.header(jws.EVENT, b64url(bytes(32))).encode()
_SIGNATURE: Final = b64url(bytes(64)).encode()
_MODES: Final = ("equipment", "training", "expert_mission", "legislative_drafting", "funding")


class Synthetic:
    """Draws records; the same seed draws the same. Words and places are drawn as they are in life: few are common."""

    def __init__(self, seed: int = 1) -> None:
        self._draw = random.Random(seed)  # noqa: S311 - the same every time
        self.names = [f"organization-{number:03d}" for number in range(ORGANIZATIONS)]
        self.places = sorted(countries())
        self.themes = sorted(code for code in codes("theme_1373") if "." in code)
        self.criteria = sorted(codes("fatf"))
        self._place_weights = [1 / (number + 20) for number in range(len(self.places))]
        self._org_weights = [1 / (number + 10) for number in range(ORGANIZATIONS)]
        self._words = {language: words.split() for language, words in _WORDS.items()}

    def record(self, kind: str, number: int) -> dict[str, Any]:
        """Draw one record of a kind; `number` tells it from all others."""
        given: dict[str, Any] = getattr(self, f"_{kind}")(number)
        return given

    def org(self) -> int:
        """Draw who publishes."""
        return self._draw.choices(range(ORGANIZATIONS), self._org_weights)[0]

    def kind(self) -> str:
        """Draw a kind."""
        return self._draw.choices(KINDS, _WEIGHTS)[0]

    def chance(self, part: float) -> bool:
        """Draw whether something is so."""
        return self._draw.random() < part

    def below(self, number: int) -> int:
        """Draw a number."""
        return self._draw.randrange(number)

    def _text(self, count: int, number: int | None = None) -> dict[str, str]:
        language = self._draw.choice(_LANGUAGES)
        words = self._draw.choices(self._words[language], k=count)
        # One word of many that are rare, as names are.
        words.append("".join(self._draw.choices(_SYLLABLES, k=4)))
        if number is not None:
            words.append(f"no{number}")
        return {language: ("" if language == "zh" else " ").join(words)}

    def _place(self) -> str:
        return self._draw.choices(self.places, self._place_weights)[0]

    def _theme(self) -> list[dict[str, str]]:
        return [{"scheme": "theme_1373", "code": self._draw.choice(self.themes)}]

    def _provider(self) -> str:
        return self.names[self._draw.randrange(PROVIDERS)]

    def _contact(self, number: int) -> dict[str, Any]:
        language = self._draw.choice(_LANGUAGES)
        return {
            "organization": self.names[self._draw.randrange(ORGANIZATIONS)],
            "card_kind": "group",
            "name": self._text(3, number),
            "roles": self._draw.sample(_ROLES, 2),
            "emails": [{"address": f"office{number}@centre.example"}],
            "phones": [{"number": f"+2542{number:08d}"}],
            "languages": [{"language": language}, {"language": "en"}] if language != "en" else [{"language": "en"}],
            "available_24x7": self.chance(0.1),
            "confirmed_at": f"2026-{1 + number % 10:02d}-01",
            "visibility": "public",
            "themes": self._theme(),
            "places": [{"country": self._place()}],
        }

    def _need(self, number: int) -> dict[str, Any]:
        status = self._draw.choices(("submitted", "acknowledged", "in_progress", "met", "closed"), (3, 3, 2, 4, 1))[0]
        return {
            "requester": self.names[self._draw.randrange(ORGANIZATIONS)],
            "beneficiary": {"country": self._place()},
            "themes": self._theme(),
            "title": self._text(4, number),
            "description": self._text(20),
            "assistance_modes": [self._draw.choice(_MODES)],
            "priority": self._draw.choice(("high", "medium", "low")),
            "origin": "self_identified",
            "need_status": status,
            "consent_to_circulate": True,
            "consent_to_publish": True,
        }

    def _offer(self, number: int) -> dict[str, Any]:
        if self.chance(0.1):
            places: Any = "global"
        elif self.chance(0.3):
            places = [{"region": self._draw.choice(("002", "014", "019", "142", "150", "202"))}]
        else:
            places = [{"country": self._place()} for _ in range(2)]
        return {
            "provider": self._provider(),
            "title": self._text(4, number),
            "description": self._text(20),
            "themes": self._theme(),
            "assistance_modes": [self._draw.choice(_MODES)],
            "eligible_places": places,
            "contact": "contact1",
            "available_from": "2026-01-01",
            "available_until": "2027-12-31",
            "open": self.chance(0.5),
        }

    def _activity(self, number: int) -> dict[str, Any]:
        answers = {"answers_needs": [f"n{self._draw.randrange(number + 1)}"]} if self.chance(0.2) else {}
        return {
            "activity_id": f"XI-{number}",
            "title": self._text(4, number),
            "descriptions": [{"type": "1", "text": self._text(20)}],
            "participating_orgs": [{"org": self._provider(), "role": "1"}],
            "activity_status": self._draw.choice(("1", "2", "2", "4", "4")),
            "dates": [{"type": "1", "date": "2026-03-01"}, {"type": "3", "date": "2027-03-01"}],
            "places": [{"country": self._place()}],
            "modality": self._draw.choice(_MODES),
            "themes": self._theme(),
            **answers,
        }

    def _assessment(self, number: int) -> dict[str, Any]:
        criteria = self._draw.sample(self.criteria, 4)
        return {
            "subject": {"country": self._place()},
            "framework": "fatf-4",
            "assessment_type": "mutual_evaluation",
            "assessor": self._provider(),
            "ratings": [
                {
                    "criterion": {"scheme": "fatf", "code": code},
                    "score": self._draw.choice(
                        ("HE", "SE", "ME", "LE") if code.startswith("IO") else ("C", "LC", "PC", "NC")
                    ),
                }
                for code in criteria
            ],
            "state_comment": self._text(10, number),
            "consent": "full_release",
        }

    def _resource(self, number: int) -> dict[str, Any]:
        return {
            "title": self._text(4, number),
            "description": self._text(20),
            "resource_type": "guide",
            "issuer": self._provider(),
            "themes": self._theme(),
        }

    def _priority(self, number: int) -> dict[str, Any]:
        return {
            "organization": self._provider(),
            "title": self._text(4, number),
            "statement": self._text(20),
            "themes": self._theme(),
            "places": [{"country": self._place()}],
            "period_start": "2026-01-01",
            "period_end": "2027-12-31",
            "status": "active",
        }


def fill(engine: Engine, records: int) -> int:
    """Log events about so many records in transactions of BATCH; gives the size of the log."""
    synthetic = Synthetic()
    for kind in KINDS:  # what is drawn is what the network would take
        parse_entry({"kind": kind, "id": "x", "marking": "TLP:CLEAR", **synthetic.record(kind, 1)})
    log = _Log(synthetic)
    with engine.connect() as connection:
        store = store_for(connection.dialect)
    while log.records < records:
        with engine.begin() as connection:
            entries = list(islice(log.entries(), BATCH))
            at = datetime.now(UTC)
            about = store.write_view(connection, entries)
            store.write_log(connection, entries, about)
            store.write_speakers(connection, entries, log.speakers, at.strftime("%Y-%m-%dT%H:%M:%S.000Z"))
        if log.size % (50 * BATCH) == 0:
            print(f"{log.records:,} records", file=sys.stderr, flush=True)
    return log.size


class _Log:
    """What was said so far, so that records are revised and withdrawn as well."""

    def __init__(self, synthetic: Synthetic) -> None:
        self._synthetic = synthetic
        self._known: list[tuple[str, int, str]] = []  # kind, organization, marking
        self.size = self.records = 0
        self.speakers = {name: Speaker(number, name, 0, bytes(32)) for number, name in enumerate(synthetic.names)}

    def entries(self) -> Iterator[Entry]:
        """Go on without end."""
        draw = self._synthetic
        while True:
            action = "published"
            if self._known and draw.chance(REVISED + WITHDRAWN):
                number = draw.below(len(self._known))
                kind, org, marking = self._known[number]
                action = "withdrawn" if draw.chance(WITHDRAWN / (REVISED + WITHDRAWN)) else "revised"
            else:
                number, kind, org = len(self._known), draw.kind(), draw.org()
                marking = "TLP:GREEN" if draw.chance(0.3 if kind == "contact" else 0.1) else "TLP:CLEAR"
                self._known.append((kind, org, marking))
                self.records += 1
            yield self._entry(action, kind, number, org, marking)

    def _entry(self, action: str, kind: str, number: int, org: int, marking: str) -> Entry:
        name, index = self._synthetic.names[org], self.size
        speaker = self.speakers[name]
        speaker.sequence += 1
        at = (_BEGUN + timedelta(minutes=2 * index)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        record = None if action == "withdrawn" else self._synthetic.record(kind, number)
        nonce = b64url(index.to_bytes(16, "big"))
        body = orjson.dumps(
            {"nonce": nonce, "reason": "It ended."} if record is None else {"nonce": nonce, "record": record}
        )
        statement = _statement(name, speaker, f"{kind}/{name}/n{number}", f"liaison.{kind}.{action}", marking, body, at)
        token = _token(statement)
        digest = hashlib.sha256(statement).digest()
        read = view_of(kind, record, at, action) if record is not None else (None, [], None)
        entry = Entry(
            index, org, name, kind, f"n{number}", action, marking, at, speaker.sequence, -1, digest, token, body, None,
            *read,
        )  # fmt: skip
        speaker.head, speaker.last_index = digest, index
        self.size += 1
        return entry


def _statement(name: str, speaker: Speaker, subject: str, said: str, marking: str, body: bytes, at: str) -> bytes:
    sequence = f"{speaker.sequence:012d}"
    return orjson.dumps(
        {
            "datacontenttype": "application/json",
            "datahash": b64url(hashlib.sha256(body).digest()),
            "dataschema": f"https://{NETWORK}/schemas/{subject.partition('/')[0]}/1",
            "id": f"{name}:{sequence}",
            "marking": marking,
            "previous": b64url(speaker.head),
            "sequence": sequence,
            "source": f"https://{NETWORK}/orgs/{name}",
            "specversion": "1.0",
            "subject": subject,
            "time": at,
            "type": said,
        }
    )


def _token(statement: bytes) -> bytes:
    return b".".join((_HEADER, b64url(statement).encode(), _SIGNATURE))
