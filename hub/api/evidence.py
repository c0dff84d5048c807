"""Evidence over HTTP: of a statement, of a record's current one, and bodies by their hash."""

from http import HTTPStatus
from typing import Annotated

from fastapi import Depends
from starlette.responses import Response

from hub.access import Role
from hub.api.parameters import no_question
from hub.evidence import body_of, evidence_of, evidence_of_record
from hub.log_proofs import NotCovered
from hub.problem_details import Refusal
from hub.reading import PRIVATE, Reading, visible
from ui.routes import Routes
from wire.encoding import from_b64url

MAX_SEQUENCE = 10**12 - 1  # twelve digits


def router(hub: Reading) -> Routes:
    """Give these addresses."""
    routes = Routes(prefix="/api/v1", tags=["evidence"])
    alone = [Depends(no_question)]
    reader = Depends(hub.role)

    @routes.get(
        "/evidence/{org}/{sequence}", dependencies=alone, summary="Evidence of one statement, to be verified offline"
    )
    def of_statement(org: str, sequence: str, role: Annotated[Role, reader]) -> Response:
        number = int(sequence) if sequence.isascii() and sequence.isdigit() and len(sequence) <= 12 else 0
        if number < 1:
            detail = f"A sequence is a whole number from 1 to {MAX_SEQUENCE}; {sequence[:40]!r} was found."
            raise Refusal(HTTPStatus.BAD_REQUEST, "invalid-parameters", detail)
        try:
            with hub.connect() as connection:
                found = evidence_of(connection, hub.registry(), org, number, visible(role), whole=role is Role.OPERATOR)
        except NotCovered as error:
            raise _not_covered(error) from None
        return _document(found, f"The log has no statement {number} of {org[:60]}.")

    @routes.get(
        "/records/{kind}/{org}/{id}/evidence", dependencies=alone, summary="Evidence of a record's current statement"
    )
    def of_record(kind: str, org: str, id: str, role: Annotated[Role, reader]) -> Response:  # noqa: A002
        try:
            with hub.connect() as connection:
                found = evidence_of_record(
                    connection, hub.registry(), (kind, org, id), visible(role), whole=role is Role.OPERATOR
                )
        except NotCovered as error:
            raise _not_covered(error) from None
        address = f"{kind[:40]}/{org[:60]}/{id[:80]}"
        return _document(found, f"There is no record {address}, or it may not be seen with the access you have.")

    @routes.get(
        "/bodies/{datahash}", dependencies=alone, summary="A body by its SHA-256 (base64url), as statements name it"
    )
    def body(datahash: str, role: Annotated[Role, reader]) -> Response:
        try:
            digest = from_b64url(datahash, size=32)
        except ValueError:
            detail = f"A body is named by the datahash of its statement, 43 letters; {datahash[:60]!r} was found."
            raise Refusal(HTTPStatus.BAD_REQUEST, "invalid-parameters", detail) from None
        with hub.connect() as connection:
            found = body_of(connection, digest, visible(role), whole=role is Role.OPERATOR)
        return _document(found, "There is no such body here, or it may not be seen with the access you have.")

    return routes


def _document(found: bytes | None, absent: str) -> Response:
    if found is None:
        raise Refusal(HTTPStatus.NOT_FOUND, "not-there", absent)
    return Response(found, media_type="application/json", headers=PRIVATE)


def _not_covered(error: NotCovered) -> Refusal:
    # As for what is not there: asking again later is all that can be done about it.
    return Refusal(HTTPStatus.NOT_FOUND, "not-covered", f"{str(error)[0].upper()}{str(error)[1:]}.")
