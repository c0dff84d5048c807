"""The statement of an ordinary event, read by one pattern over its exact bytes.

The members of a statement and their order are fixed, so a full match proves form, membership and canonical form at
once. What doesn't match may still be good: `schemas.statement` judges it, and says what is wrong.
"""

import functools
import re
from datetime import datetime
from typing import Final

from schemas.fields import KIND_NAMES, ORG, RECORD_ID
from schemas.release import MARKINGS
from schemas.statement import NETWORK_PATTERN, RECORD_ACTIONS
from wire.encoding import from_b64url

# Organization, sequence, previous, kind, record id, action, marking, time, datahash, type, seen: what `Said` says.
Fields = tuple[str, int, bytes, str, str, str, str, str, bytes, str, str]

_HASH: Final = r"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]"
_MEMBERS: Final = (
    r'"datacontenttype":"application/(?:json|jose\+json)"',
    rf'"datahash":"(?P<datahash>{_HASH})"',
    rf'"dataschema":"https://@/schemas/(?P<kind>{"|".join(KIND_NAMES)})/1"',
    rf'"id":"(?P<org>{ORG}):(?P<sequence>[0-9]{{12}})"',
    rf'"marking":"(?P<marking>{"|".join(map(re.escape, MARKINGS))})"',
    rf'"previous":"(?P<previous>{_HASH})"(?:,"seen":"(?P<seen>(?:0|[1-9][0-9]{{0,14}}):{_HASH})")?',
    r'"sequence":"(?P=sequence)"',
    r'"source":"https://@/orgs/(?P=org)"',
    r'"specversion":"1\.0"',
    rf'"subject":"(?P=kind)/(?P=org)/(?P<id>{RECORD_ID})"',
    r'"time":"(?P<time>[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z)"',
    rf'"type":"(?P<type>liaison\.(?P=kind)\.(?P<action>{"|".join(RECORD_ACTIONS)}))"',
)
_LONGEST_NETWORK: Final = 253  # the longest name of a host; every member then stays below its own limit
_FIRST: Final = "000000000001"


def quick_statement(payload: bytes, network: str) -> Fields | None:
    """What a good statement about a record of this network says; None where more must be looked at."""
    pattern = _pattern(network)
    found = pattern.fullmatch(payload.decode("latin-1")) if pattern else None
    if found is None:
        return None
    datahash, kind, organization, sequence, marking, previous, seen, record_id, time, event_type, action = found.groups(
        ""
    )
    if not 3 <= len(organization) <= 40 or sequence < _FIRST:
        return None
    try:
        datetime.fromisoformat(time)
    except ValueError:
        return None
    return (
        organization, int(sequence), from_b64url(previous), kind, record_id, action, marking, time,
        from_b64url(datahash), event_type, seen,
    )  # fmt: skip


@functools.lru_cache(maxsize=16)
def _pattern(network: str) -> re.Pattern[str] | None:
    if len(network) > _LONGEST_NETWORK or not re.fullmatch(NETWORK_PATTERN, network):
        return None
    return re.compile("{" + ",".join(_MEMBERS).replace("@", re.escape(network)) + "}", re.ASCII)
