"""The exercise of deploy/demo/scenario published into a hub's database, step by step, without a bus."""

from typing import Any

from deploy.demo.exercise import Exercise
from schemas.entry import parse_entry
from tests.hub.published import Published
from tests.hub.signing import sign


def publish_exercise(network: Published) -> None:
    """Have every organization say what the scenario has it say, in its order."""
    exercise = Exercise()
    known: dict[tuple[str, str], dict[str, Any]] = {}
    for organization in exercise.organizations:
        network.admit(organization.id)
        record = {
            "name": {"en": organization.name}, "org_type": {"scheme": "iati_org_type", "code": organization.org_type},
            "identifiers": [{"scheme": "exercise", "id": organization.id}],
        }  # fmt: skip
        network.publish("organization", record, org=organization.id, id="self")
    for step in exercise.steps:
        org = step["org"]
        for given in exercise.entries(step):
            entry = parse_entry(given)
            assert entry.id is not None
            address = (org, f"{entry.kind}/{entry.id}")
            if entry.recipients:
                network.tell(*entry.recipients, org=org, kind=entry.kind, id=entry.id, record=entry.record)
            else:
                action = "revised" if address in known else "published"
                network.publish(
                    entry.kind, entry.record, org=org, id=entry.id, marking=entry.marking, action=action
                )  # fmt: skip
            known[address] = {"kind": entry.kind, "id": entry.id, "record": entry.record, "marking": entry.marking}
        if "withdraw" in step:
            last = known[org, step["withdraw"]]
            network.withdraw(last["kind"], org=org, id=last["id"], marking=last["marking"])
        if "confirm" in step:
            last = known[org, step["confirm"]]
            network.publish(
                last["kind"], last["record"], org=org, id=last["id"], marking=last["marking"], action="confirmed"
            )  # fmt: skip
    sign(network)
