"""The configuration of the embedded nats-server: one account per organization, one table of exports, nothing else."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from schemas.statement import RESERVED_ORGS
from wire.bus_message import MAX_PAYLOAD

PUBLIC_USER = "public"
MEMBER_CONNECTIONS, MEMBER_SUBSCRIPTIONS = 20, 500
PUBLIC_CONNECTIONS, PUBLIC_SUBSCRIPTIONS = 500, 5000

_LOG_SUBJECTS = ("log.clear.>", "log.green.>", "log.amber.>", "log.amber-strict.>")
_PUBLIC_SUBJECTS = ("log.clear.>", "checkpoints")


@dataclass(frozen=True, slots=True)
class BusAccount:
    """An organization on the bus: its id and the public part of its NATS key (`U…`)."""

    org: str
    nkey_public: str


@dataclass(frozen=True, slots=True)
class BusSettings:
    """What the server needs to know beside its accounts; sizes in bytes."""

    directory: Path
    host: str
    port: int
    monitor_port: int
    hub_nkey_public: str
    max_store: int = 10 * 1024**3


def render(settings: BusSettings, accounts: Sequence[BusAccount]) -> str:
    """The whole configuration file; ValueError for an organization that must not have an account of its own."""
    names = Counter(account.org for account in accounts)
    keys = Counter([settings.hub_nkey_public, *(account.nkey_public for account in accounts)])
    wrong = [a.org for a in accounts if a.org in RESERVED_ORGS or names[a.org] > 1 or keys[a.nkey_public] > 1]
    if wrong:
        raise ValueError(f"no account on the bus for {', '.join(wrong)}: name reserved, or name or NATS key used twice")
    members = "\n".join(_member(account) for account in sorted(accounts, key=lambda account: account.org))
    return f"""# Written by liaison-hub at every start and admission: changes made here are lost.
server_name: "liaison-hub"
listen: {_q(f"{settings.host}:{settings.port}")}
# Monitoring has no log-in, so it never leaves this machine.
http: {_q(f"127.0.0.1:{settings.monitor_port}")}
max_payload: {MAX_PAYLOAD}
max_control_line: 4096
max_pending: {64 * 1024 * 1024}
write_deadline: "5s"
ping_interval: "20s"
ping_max: 3
log_file: {_q(settings.directory / "bus" / "nats-server.log")}
logfile_size_limit: {8 * 1024 * 1024}
logfile_max_num: 3
pid_file: {_q(settings.directory / "bus" / "nats-server.pid")}
jetstream {{
  store_dir: {_q(settings.directory)}
  max_file_store: {settings.max_store}
  max_memory_store: {64 * 1024 * 1024}
  # An acknowledged message is on the disk. Atomic batches make this cheap.
  sync_interval: always
  strict: true
}}
system_account: "SYS"
no_auth_user: {_q(PUBLIC_USER)}
accounts {{
  "SYS": {{ users: [] }}
{_hub(settings)}
{_public()}
{members}
}}
"""


def _q(value: object) -> str:
    return json.dumps(str(value))


def _hub(settings: BusSettings) -> str:
    # account_token_position: the server itself compares that token of the subject with the importing account's name.
    exports = [
        '{ service: "events.*.>", account_token_position: 2 }',
        '{ service: "heads.*", account_token_position: 2 }',
        '{ service: "witness.*", account_token_position: 2 }',
        '{ service: "ask.*.>", account_token_position: 2, response_type: "stream" }',
        '{ stream: "receipts.*", account_token_position: 2 }',
        '{ stream: "checkpoints" }',
        *(f"{{ stream: {_q(subject)} }}" for subject in _LOG_SUBJECTS),
    ]
    return f"""  "HUB": {{
    jetstream: enabled
    users: [ {{ nkey: {_q(settings.hub_nkey_public)} }} ]
    exports: [
      {_lines(exports)}
    ]
  }}"""


def _public() -> str:
    imports = [_import("stream", subject) for subject in _PUBLIC_SUBJECTS]
    return f"""  "PUBLIC": {{
    users: [ {{ user: {_q(PUBLIC_USER)}, password: {_q(PUBLIC_USER)}, permissions: {{
      publish: {{ deny: ">" }}
      subscribe: {{ allow: [{", ".join(map(_q, _PUBLIC_SUBJECTS))}] }}
    }} }} ]
    imports: [
      {_lines(imports)}
    ]
    limits {{ max_conn: {PUBLIC_CONNECTIONS}, max_subs: {PUBLIC_SUBSCRIPTIONS}, max_payload: 1024 }}
  }}"""


def _member(account: BusAccount) -> str:
    org = account.org
    imports = [
        _import("service", f"events.{org}.>"),
        _import("service", f"heads.{org}"),
        _import("service", f"witness.{org}"),
        _import("service", f"ask.{org}.>"),
        _import("stream", f"receipts.{org}"),
        _import("stream", "checkpoints"),
        *(_import("stream", subject) for subject in _LOG_SUBJECTS),
    ]
    return f"""  {_q(org)}: {{
    users: [ {{ nkey: {_q(account.nkey_public)} }} ]
    imports: [
      {_lines(imports)}
    ]
    limits {{ max_conn: {MEMBER_CONNECTIONS}, max_subs: {MEMBER_SUBSCRIPTIONS}, max_payload: {MAX_PAYLOAD} }}
  }}"""


def _import(what: str, subject: str) -> str:
    return f'{{ {what}: {{ account: "HUB", subject: {_q(subject)} }} }}'


def _lines(items: Sequence[str]) -> str:
    return "\n      ".join(items)
