"""The API's description: schemathesis asks every address what it describes, and what it does not, and compares."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import CHECKS, load_all_checks

from node.accounts.rules import Role
from node.api.application import create_api
from tests.node.asking import add_person, token_of
from tests.node.nodes import joined_node, put, read_registry
from tests.node.test_cli_readers import letter

EXAMPLES = 6
RECORD = "/api/v1/records/{kind}/{record_id}"
DRAFT, PERSON = "/api/v1/drafts/{number}", "/api/v1/people/{name}"
IMPORT, BULK = "/api/v1/imports/{number}", "/api/v1/bulk/{number}"
OPERATIONS = (
    "GET /livez", "GET /readyz", "GET /version", "POST /add-checkpoint",
    "GET /api/v1/records", "POST /api/v1/records", f"GET {RECORD}", f"PUT {RECORD}", f"DELETE {RECORD}",
    f"POST {RECORD}/confirm", f"GET {RECORD}/audience", "POST /api/v1/audience", "GET /api/v1/inbox",
    "GET /api/v1/matches", "GET /api/v1/erasures", "GET /api/v1/status", "GET /api/v1/doctor", "POST /api/v1/doctor",
    "GET /api/v1/drafts", "POST /api/v1/drafts", f"GET {DRAFT}", f"PUT {DRAFT}",
    f"GET {DRAFT}/check", f"POST {DRAFT}/publish", f"POST {DRAFT}/return", f"POST {DRAFT}/submit", f"DELETE {DRAFT}",
    "GET /api/v1/people", "POST /api/v1/people", f"GET {PERSON}", f"PUT {PERSON}/roles", f"POST {PERSON}/code",
    f"POST {PERSON}/disable", f"POST {PERSON}/enable", "GET /api/v1/log-ins",
    "GET /api/v1/tokens", "POST /api/v1/tokens", "DELETE /api/v1/tokens/{token_id}",
    "GET /api/v1/keys", "POST /api/v1/keys/rotate",
    "GET /api/v1/imports", "POST /api/v1/imports", f"GET {IMPORT}", f"PUT {IMPORT}/mapping", f"POST {IMPORT}/check",
    f"POST {IMPORT}/publish", f"POST {IMPORT}/resume", f"POST {IMPORT}/approve", f"POST {IMPORT}/return",
    f"GET {IMPORT}/marked.xlsx", f"DELETE {IMPORT}",
    "GET /api/v1/mappings", "POST /api/v1/mappings", "GET /api/v1/mappings/{name}", "DELETE /api/v1/mappings/{name}",
    "POST /api/v1/bulk/plan", "POST /api/v1/bulk", "GET /api/v1/bulk", f"GET {BULK}", f"POST {BULK}/approve",
    f"DELETE {BULK}", "GET /api/v1/search", "GET /api/v1/files/records.csv", "GET /api/v1/files/records.xlsx",
    "GET /api/v1/files/template/{kind}.xlsx",
    "GET /api/v1/outbox", "POST /api/v1/alarms/{number}/settle", "GET /api/v1/acts", "GET /api/v1/acts.csv",
    "GET /api/v1/backup", "POST /api/v1/backup", "POST /api/v1/backup/test", f"GET {RECORD}/history",
    "GET /api/v1/inbox/{index}", "POST /api/v1/inbox/answer", f"POST {RECORD}/erase",
    "POST /api/v1/inbox/{index}/read", "POST /api/v1/inbox/{index}/unread",
)  # fmt: skip

WITHOUT_PARAMETERS = ("/livez", "/readyz", "/version", "/add-checkpoint")  # nothing there can be described wrongly
WITH_CURSORS = ("GET /api/v1/search",)  # which only a page before can give
ASKED = [(label, GenerationMode.POSITIVE) for label in OPERATIONS] + [
    (label, GenerationMode.NEGATIVE) for label in OPERATIONS if not label.endswith(WITHOUT_PARAMETERS)
]


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, str]]:
    """The description of a node with a record, a letter and members, and the token of a person with all roles."""
    node = joined_node(tmp_path_factory.mktemp("node") / "node")
    read_registry(node, "fr-office", "ke-nctc")
    node.editor.apply([put("duty")])
    node.letters.keep(letter(7))
    token = token_of(node, "tests", *Role)
    node.drafts.begin("need", None, (add_person(node, "tests"), "Tests"), {"marking": "x", "record": {}}, token[:24])
    add_person(node, "amina", Role.OFFICER)
    yield schemathesis.openapi.from_asgi("/openapi.json", create_api(node)), token
    node.engine.dispose()


def test_every_address_is_described(described: tuple[Any, str]) -> None:
    found = [each.ok().label for each in described[0].get_all_operations()]
    assert sorted(found) == sorted(OPERATIONS)


@pytest.mark.parametrize(("label", "mode"), ASKED, ids=[f"{mode.value}-{label}" for label, mode in ASKED])
def test_every_answer_is_as_described_whatever_is_asked(
    described: tuple[Any, str], label: str, mode: GenerationMode
) -> None:
    schema, token = described
    operation = schema.find_operation_by_label(label)
    load_all_checks()
    # Records have rules beyond what JSON Schema can say, and ETags and keys what stands here: 422, 412 are in order.
    left_out = (
        [] if label.startswith("GET") and label not in WITH_CURSORS else [CHECKS.get_one("positive_data_acceptance")]
    )

    @seed(1373)
    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Case) -> None:
        case.call_and_validate(headers={"Authorization": f"Bearer {token}"}, excluded_checks=left_out)

    ask()
