"""Changes one value in a settings file and leaves all its other lines as they are."""

import json
import re
import tomllib


def with_value(content: bytes, key: str, value: str) -> bytes:
    """Give a TOML file's content with another text at a key outside of tables; ValueError if that cannot be done."""
    before = tomllib.loads(content.decode("utf-8-sig"))
    line = f"{key} = {json.dumps(value, ensure_ascii=False)}".encode()
    top = re.search(rb"^[ \t]*\[", content, re.MULTILINE)
    end = top.start() if top else len(content)
    own = re.compile(rb"^[ \t]*" + re.escape(key.encode()) + rb"[ \t]*=[^\r\n]*", re.MULTILINE)
    found = own.search(content, 0, end)
    if found:
        changed = content[: found.start()] + line + content[found.end() :]
    else:
        gap = b"" if content[:end].endswith(b"\n") or not end else b"\n"
        changed = content[:end] + gap + line + b"\n" + content[end:]
    # What looks like a line of its own may be the inside of a longer text: reading it again tells.
    if tomllib.loads(changed.decode("utf-8-sig")) != {**before, key: value}:
        raise ValueError(key)
    return changed
