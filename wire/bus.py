"""The bus (NATS JetStream) as nodes and hub use it: durable publishing, requests, live subscriptions, and streams.

A Bus is one lasting connection (bus_connection.py), its conversation (bus_conversation.py) and JetStream's verbs.
Members use the first half; streams and consumers belong to the hub alone, and a member's account cannot reach them.
"""

import asyncio
import base64
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import uuid4

import orjson

from wire.bus_conversation import Conversation
from wire.bus_message import (
    MAX_PAYLOAD,
    MESSAGE_ID,
    BatchRefused,
    BusAway,
    BusError,
    BusRefused,
    Incoming,
    NoResponder,
    Outgoing,
    Stored,
    Unknown,
    frame,
)

__all__ = [
    "MAX_BATCH",
    "MAX_PAYLOAD",
    "MESSAGE_ID",
    "BatchRefused",
    "Bus",
    "BusAway",
    "BusError",
    "BusRefused",
    "Incoming",
    "NoResponder",
    "Outgoing",
    "Stored",
    "StreamPlan",
    "StreamState",
    "Unknown",
]

MAX_BATCH = 1000
API_SECONDS = 10.0
_SECOND = 1_000_000_000
_NAME_TAKEN, _NOTHING_FOUND, _NOT_REMOVED = 10058, 10037, 10057


@dataclass(frozen=True, slots=True)
class StreamPlan:
    """What a stream is to be; sizes in bytes (-1: no limit), times in seconds (0: no limit)."""

    name: str
    subjects: tuple[str, ...]
    max_bytes: int = -1
    max_msgs: int = -1
    max_age: float = 0
    max_msgs_per_subject: int = -1
    discard: Literal["new", "old"] = "new"
    duplicate_window: float = 600
    allow_atomic: bool = True
    compression: Literal["none", "s2"] = "none"
    deny_delete: bool = False

    @property
    def config(self) -> dict[str, Any]:
        """JetStream's form."""
        return {
            "name": self.name,
            "subjects": list(self.subjects),
            "retention": "limits",
            "storage": "file",
            "num_replicas": 1,
            "discard": self.discard,
            **{limit: getattr(self, limit) for limit in ("max_bytes", "max_msgs", "max_msgs_per_subject")},
            "max_age": int(self.max_age * _SECOND),
            "duplicate_window": int(self.duplicate_window * _SECOND),
            "allow_atomic": self.allow_atomic,
            "compression": self.compression,
            "deny_delete": self.deny_delete,
        }


@dataclass(frozen=True, slots=True)
class StreamState:
    """What a stream holds; `created` changed or `last` below what was seen means that the bus lost something."""

    created: str
    first: int
    last: int
    messages: int
    size: int


class Bus(Conversation):
    """One lasting connection to the bus; see the verbs."""

    async def publish_batch(
        self,
        messages: Sequence[Outgoing],
        *,
        expected_last_seq: int | None = None,
        timeout: float = API_SECONDS,  # noqa: ASYNC109 - after it the outcome is Unknown, which no outer timeout could say
    ) -> Stored:
        """Store up to 1,000 messages of one stream, all or none, durably when this returns.

        BatchRefused: nothing of it was stored (`duplicate`: at least one of it was there before). Unknown: it may
        have been stored; publish the same messages again. The answer's `seq` is that of the last message.
        """
        if not 0 < len(messages) <= MAX_BATCH:
            raise ValueError(f"a batch has 1 to {MAX_BATCH} messages, {len(messages)} found")
        reply, answer = self._expect()
        try:
            await self._send(_batch_frames(messages, reply, expected_last_seq))
            incoming = await self._answer_of(answer, timeout, messages[-1].subject)
        finally:
            self._forget(reply)
        return _stored(incoming)

    async def publish_pipelined(
        self,
        messages: Sequence[Outgoing],
        *,
        window: int = 256,
        timeout: float = API_SECONDS,  # noqa: ASYNC109 - as above; for each window
    ) -> list[Stored]:
        """Store messages in order, one by one, many under way at once; each answer says whether it is a duplicate.

        For what a batch refuses as duplicate. Unknown or BatchRefused at the first one that was not confirmed: those
        before it are stored, those behind it may be.
        """
        stored: list[Stored] = []
        for start in range(0, len(messages), window):
            stored += await self._publish_window(messages[start : start + window], timeout)
        return stored

    async def _publish_window(self, messages: Sequence[Outgoing], timeout: float) -> list[Stored]:  # noqa: ASYNC109
        expected = [self._expect() for _ in messages]
        until = time.monotonic() + timeout
        try:
            await self._send(
                [frame(m.subject, m.body, m.headers, reply) for m, (reply, _) in zip(messages, expected, strict=True)]
            )
            await asyncio.wait([answer for _, answer in expected], timeout=timeout)
            return [
                _stored(await self._answer_of(answer, max(until - time.monotonic(), 0.001), message.subject))
                for message, (_, answer) in zip(messages, expected, strict=True)
            ]
        finally:
            for reply, _ in expected:
                self._forget(reply)

    async def ensure_stream(self, plan: StreamPlan) -> StreamState:
        """Create the stream, or change it to the plan; give its state."""
        try:
            info = await self.api(f"STREAM.CREATE.{plan.name}", plan.config)
        except BusRefused as refused:
            if refused.code != _NAME_TAKEN:
                raise
            info = await self.api(f"STREAM.UPDATE.{plan.name}", plan.config)
        return _state(info)

    async def ensure_pull_consumer(
        self,
        stream: str,
        durable: str,
        *,
        ack_policy: Literal["all", "explicit"] = "all",
        max_ack_pending: int = 20_000,
        max_deliver: int = -1,
        ack_wait: float = 60,
        subjects: Sequence[str] = (),
    ) -> None:
        """Create the durable pull consumer, or change it; `ack_wait` in seconds, no `subjects`: the whole stream."""
        config: dict[str, Any] = {
            "durable_name": durable,
            "name": durable,
            "deliver_policy": "all",
            "replay_policy": "instant",
            "ack_policy": ack_policy,
            "ack_wait": int(ack_wait * _SECOND),
            "max_deliver": max_deliver,
            "max_ack_pending": max_ack_pending,
        }
        if subjects:
            config["filter_subjects"] = list(subjects)
        await self.api(f"CONSUMER.CREATE.{stream}.{durable}", {"stream_name": stream, "config": config})

    async def stream_state(self, stream: str) -> StreamState:
        """What the stream holds; BusRefused when there is none."""
        return _state(await self.api(f"STREAM.INFO.{stream}", {}))

    async def purge_through(self, stream: str, seq: int) -> int:
        """Remove everything up to this sequence, itself included; tell how many went."""
        return int((await self.api(f"STREAM.PURGE.{stream}", {"seq": seq + 1}))["purged"])

    async def remove_message(self, stream: str, seq: int) -> bool:
        """Remove one message and overwrite it in the stream's files; false if there is no such message (any more)."""
        try:
            answer = await self.api(f"STREAM.MSG.DELETE.{stream}", {"seq": seq, "no_erase": False})
        except BusRefused as refused:
            if refused.code in (_NOTHING_FOUND, _NOT_REMOVED):
                return False
            raise
        return bool(answer.get("success"))

    async def last_message(self, stream: str) -> Incoming | None:
        """The newest message of the stream, None when it is empty."""
        return await self.last_message_for(stream, ">")

    async def last_message_for(self, stream: str, subject: str) -> Incoming | None:
        """The newest message on a subject (wildcards allowed) of the stream."""
        return await self._look_up(stream, {"last_by_subj": subject})

    async def message_at(self, stream: str, seq: int) -> Incoming | None:
        """The message at this sequence of the stream, None where there is none."""
        return await self._look_up(stream, {"seq": seq})

    async def _look_up(self, stream: str, wanted: Mapping[str, Any]) -> Incoming | None:
        try:
            found = (await self.api(f"STREAM.MSG.GET.{stream}", wanted))["message"]
        except BusRefused as refused:
            if refused.code == _NOTHING_FOUND:
                return None
            raise
        headers, body = (base64.b64decode(found.get(part, "")) for part in ("hdrs", "data"))
        return Incoming(found["subject"], "", headers, body, found_at=found["seq"])

    async def api(self, what: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Ask JetStream itself; BusRefused with its code."""
        answer = orjson.loads(await self.request(f"$JS.API.{what}", orjson.dumps(body), timeout=API_SECONDS))
        if "error" in answer:
            raise BusRefused(answer["error"].get("err_code", 0), answer["error"].get("description", "no reason given"))
        return dict(answer)


def _batch_frames(messages: Sequence[Outgoing], reply: str, expected_last_seq: int | None) -> list[bytes]:
    batch = uuid4().hex
    frames = []
    for place, message in enumerate(messages, start=1):
        headers = {**message.headers, "Nats-Batch-Id": batch, "Nats-Batch-Sequence": str(place)}
        if place == 1 and expected_last_seq is not None:
            headers["Nats-Expected-Last-Sequence"] = str(expected_last_seq)
        last = place == len(messages)
        if last:
            headers["Nats-Batch-Commit"] = "1"
        frames.append(frame(message.subject, message.body, headers, reply if last else ""))
    return frames


def _stored(incoming: Incoming) -> Stored:
    answer = orjson.loads(incoming.body)
    if "error" in answer:
        raise BatchRefused(answer["error"].get("err_code", 0), answer["error"].get("description", "no reason given"))
    return Stored(answer["stream"], answer["seq"], bool(answer.get("duplicate")))


def _state(info: Mapping[str, Any]) -> StreamState:
    state = info["state"]
    return StreamState(info["created"], state["first_seq"], state["last_seq"], state["messages"], state["bytes"])
