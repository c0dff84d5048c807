"""From a model's schema to a pattern over the JSON bytes of its values, at least as strict as the model.

It is meant for what a JSON parser takes too: so commas may be optional in it. What it proves of such bytes is which
members there are, that every value has its form, and that the whole is in canonical form (RFC 8785), with one
exception: it lets DEL and the C1 controls pass. Where a model counts characters, the pattern counts bytes.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from schemas.fields import EVERY_YEAR, as_written
from schemas.word_pattern import one_of

Core = Mapping[str, Any]
Rule = tuple[str | None, Callable[[Any], Any]]  # the member that it is about (None: the whole), and what judges it

# Longer bodies are left to the models; in those below no text by language can be too long, however it is escaped.
LONGEST: Final = 32_000

# Days as text, which is what the record holds. The rare 29 February is left to the models, who know the leap years.
_DAY: Final = f"[12][0-9]{{3}}-{EVERY_YEAR}"
# What may stand in a schema of each type. With anything else there the pattern could be the more lenient one.
_ALLOWED: Final[Mapping[str, frozenset[str]]] = {
    "str": frozenset({"pattern", "min_length", "max_length", "strict"}),
    "int": frozenset({"ge", "le", "strict"}),
    "bool": frozenset({"strict"}),
    "literal": frozenset({"expected"}),
    "list": frozenset({"items_schema", "min_length", "max_length", "strict"}),
    "dict": frozenset({"keys_schema", "values_schema", "min_length", "max_length", "strict"}),
    "nullable": frozenset({"schema"}),
    "model": frozenset({"cls", "schema", "config", "custom_init", "root_model"}),
    "model-fields": frozenset({"fields", "model_name", "computed_fields"}),
    "tagged-union": frozenset({"choices", "discriminator"}),
    "function-after": frozenset({"function", "schema"}),
    "function-wrap": frozenset({"function", "schema"}),
    "definitions": frozenset({"schema", "definitions"}),
    "definition-ref": frozenset({"schema_ref"}),
}
_CONFIG: Final = frozenset({"extra_fields_behavior", "strict", "frozen", "title", "protected_namespaces"})
_ENUMERATED: Final = 1_000  # whole numbers between bounds as near as this are written out
_NO_LETTER: Final = r"(?![0-9a-z])"  # after a number or a word without quotes

# Text in several languages is taken quickly in these, in their order; any language may stand alone.
_LANGUAGES: Final = ("ar", "en", "es", "fr", "ru", "zh")
_MAYBE_BLANK: Final = r"\s\xc2\xe1-\xe3"  # blanks, and the first bytes of all that Unicode has besides
_TEXT: Final = r"\S"  # the schemas' own pattern for human text: anything but blanks alone
_SETS: Final = re.compile(r"\[\^?(?:\\.|[^\]\\])+\]")
_PLAIN: Final = re.compile(r"(?:[A-Za-z0-9:/@_|?*+(){},-]|\\[.+])*")

# Before Python 3.11.5 a possessive group goes on behind what it could not take (CPython's gh-106052), and the pattern
# would be too lenient; an atomic group is right everywhere, and slower.
SURE: Final = re.fullmatch("(?:a,?c)*+b", "ab") is None


class Unlike(TypeError):
    """A schema that has no pattern of which it is certain that it would be at least as strict."""


class BodyPattern:
    """The pattern of a model's canonical JSON, and the rules that judge what it says as a whole.

    With `escapes`, it is for bytes with a backslash somewhere, which only human text may have; without, for all other.
    """

    def __init__(self, schema: Core, *, escapes: bool) -> None:
        self._escapes = escapes
        self._parts: dict[str, Core] = {}
        self._within: list[str] = []  # members on the way to where we are, for the place of a rule
        self._open: list[str] = []  # references on the way, so that none leads into itself
        self.rules: list[Rule] = []
        self.text = self._pattern(schema)

    def _pattern(self, schema: Core) -> str:
        kind = schema["type"]
        strange = schema.keys() - _ALLOWED.get(kind, frozenset()) - {"type", "metadata", "ref"}
        if kind not in _ALLOWED or strange:
            raise Unlike(f"{kind} with {', '.join(sorted(strange)) or 'nothing'}")
        made: str = getattr(self, "_" + kind.replace("-", "_"))(schema)
        return made

    def _str(self, schema: Core) -> str:
        return self._quoted(schema.get("pattern"), schema.get("min_length", 0), schema.get("max_length"))

    def _quoted(self, pattern: str | None, least: int, most: int | None) -> str:
        """The pattern of a JSON string whose text matches `pattern`."""
        letter = r'[^"\\]' if self._escapes else '[^"]'
        if least > 1 and pattern is None:
            raise Unlike("a shortest length of text whose characters may have several bytes")
        length = f"{letter}{{{least},{'' if most is None else most}}}+"
        if pattern is None:
            return f'"{length}"'
        if pattern == _TEXT:
            begin, rest = f'"{letter[:-1]}{_MAYBE_BLANK}]', "" if most is None or most >= LONGEST else most - 1
            if rest or not self._escapes:
                return f'{begin}{letter}{{0,{rest}}}+"'
            return begin + f"{letter}*+" + _at_once(rf'\\["\\nt]{letter}*+', "*") + '"'
        bound = "" if most is None and not least else f'(?={length}")'
        return f'"{bound}{_core(pattern)}"'

    def _function_wrap(self, schema: Core) -> str:
        if schema["function"]["function"] is not as_written:
            raise Unlike("what may change a value before it is judged")
        return f'"{_DAY}"'

    def _literal(self, schema: Core) -> str:
        words = schema["expected"]
        if not all(isinstance(word, str) and word.isascii() and '"' not in word and "\\" not in word for word in words):
            raise Unlike("a literal that is no plain word")
        return f'"{one_of(words)}"'

    def _bool(self, _schema: Core) -> str:
        return f"(?:true|false){_NO_LETTER}"

    def _int(self, schema: Core) -> str:
        if not {"ge", "le"} <= schema.keys() or schema["ge"] < 0:
            raise Unlike("a number without bounds")
        least, most = schema["ge"], schema["le"]
        if most - least <= _ENUMERATED:
            return one_of(map(str, range(least, most + 1))) + _NO_LETTER
        # Any of one digit that is great enough, and any with more digits than the one bound and fewer than the other.
        ways = [f"[1-9][0-9]{{{len(str(least))},{len(str(most)) - 2}}}+"]
        if len(str(least)) == 1:
            ways.append(f"[{least}-9]")
        return f"(?>{'|'.join(ways)}){_NO_LETTER}"

    def _list(self, schema: Core) -> str:
        times = f"{{{schema.get('min_length', 0)},{schema.get('max_length', '')}}}"
        return rf"\[{_at_once(self._inside(schema['items_schema']) + ',?', times)}\]"

    def _dict(self, schema: Core) -> str:
        key, value = self._inside(schema["keys_schema"]), self._inside(schema["values_schema"])
        if schema.get("min_length", 0) > 1 or schema.get("max_length", len(_LANGUAGES)) < len(_LANGUAGES):
            raise Unlike("a dictionary of another size")
        known = [f'"{name}"' for name in _LANGUAGES if re.fullmatch(key, f'"{name}"')]
        several = "".join(_at_once(f"{name}:{value},?", "?") for name in known)
        return rf'(?>\{{(?="){several}\}}|\{{{key}:{value}\}})'

    def _nullable(self, schema: Core) -> str:
        return self._pattern(schema["schema"])  # a null is for the models to refuse or to take

    def _model(self, schema: Core) -> str:
        config = schema.get("config", {})
        if schema.get("root_model") or schema.get("custom_init") or config.get("extra_fields_behavior") != "forbid":
            raise Unlike(f"{schema['cls'].__name__}, which takes more than its fields")
        if config.keys() - _CONFIG:
            raise Unlike(f"{schema['cls'].__name__}, which is configured in a way not known here")
        return self._pattern(schema["schema"])

    def _model_fields(self, schema: Core) -> str:
        if schema.get("computed_fields"):
            raise Unlike("computed fields")
        return rf"\{{{''.join(self._field(name, field) for name, field in sorted(schema['fields'].items()))}\}}"

    def _field(self, name: str, field: Core) -> str:
        if field.keys() - {"type", "schema", "metadata"} or not re.fullmatch("[a-z0-9_]+", name):
            raise Unlike("a field with another name")
        inner, required = field["schema"], True
        if inner["type"] == "default":
            if inner["default"] is not None or inner["schema"]["type"] != "nullable":
                raise Unlike("a default")
            inner, required = inner["schema"]["schema"], False
        self._within.append(name)
        member = f'"{name}":{self._pattern(inner)},?'
        self._within.pop()
        return member if required else _at_once(member, "?")

    def _tagged_union(self, schema: Core) -> str:
        # Every choice has its own tag among its members, or is told by its form: no value fits two of them.
        return f"(?>{'|'.join(self._inside(choice) for choice in schema['choices'].values())})"

    def _function_after(self, schema: Core) -> str:
        function = schema["function"]
        if function["type"] != "no-info" or len(self._within) > 1:
            raise Unlike("a rule that wants more than the record, or is about less")
        # The models' rules read by `get`, so that they take a plain dictionary in a model's place.
        self.rules.append((self._within[0] if self._within else None, function["function"]))
        return self._pattern(schema["schema"])

    def _definitions(self, schema: Core) -> str:
        self._parts |= {part["ref"]: part for part in schema["definitions"]}
        return self._pattern(schema["schema"])

    def _definition_ref(self, schema: Core) -> str:
        name = schema["schema_ref"]
        if name in self._open or name not in self._parts:
            raise Unlike("a part that holds itself")
        self._open.append(name)
        made = self._pattern(self._parts[name])
        self._open.pop()
        return made

    def _inside(self, schema: Core) -> str:
        """The pattern of what may stand there many times, or not: a rule about it would have no place."""
        self._within += ("", "")
        made = self._pattern(schema)
        del self._within[-2:]
        return made


def _at_once(pattern: str, times: str) -> str:
    """So many times, and never tried again with fewer."""
    return f"(?:{pattern}){times}+" if SURE else f"(?>(?:{pattern}){times})"


def _core(pattern: str) -> str:
    """What stands between ^ and $, if it cannot match the end of a JSON string, nor the beginning of an escape."""
    core = pattern[1:-1]
    anchored = pattern.startswith("^") and pattern.endswith("$") and pattern.isascii()
    if not anchored or _PLAIN.fullmatch(_SETS.sub("", core)) is None:
        raise Unlike(f"the pattern {pattern}")
    if any(re.match(letters, mark) for letters in _SETS.findall(core) for mark in '"\\'):
        raise Unlike(f"the pattern {pattern}, which takes a quotation mark or an escape")
    core = core.replace("[^", r"[^\x80-\xff")  # what is no ASCII may be one of Unicode's blanks
    listed = re.fullmatch(r"\(\?:((?:[A-Za-z0-9]+\|)+[A-Za-z0-9]+)((?:\|[^()|]+)?)\)", core)
    if listed is None:
        return f"(?:{core})"
    return f"(?>{one_of(listed[1].split('|'))}{listed[2]})"
