"""The state words of nodes, records, checks and cells: each with a symbol and a tone, never with a colour alone."""

from typing import Final, NamedTuple

from ui.languages import gettext_noop as N_


class Badge(NamedTuple):
    """How a state word is shown; `word` is the English text, translated where it is shown."""

    symbol: str
    tone: str  # good · watch · bad · plain
    word: str


STATES: Final = {
    # nodes
    "live": Badge("●", "good", N_("live")),
    "quiet": Badge("◐", "plain", N_("quiet")),
    "behind": Badge("◔", "watch", N_("behind")),
    "silent": Badge("○", "bad", N_("silent")),
    "refused": Badge("✕", "bad", N_("refused")),
    "forked": Badge("⋔", "bad", N_("forked")),
    "maintenance": Badge("⚒", "plain", N_("maintenance")),
    "suspended": Badge("‖", "watch", N_("suspended")),
    "retired": Badge("□", "plain", N_("retired")),
    "unknown": Badge("?", "watch", N_("unknown")),
    # a regional hub, to the hub that it follows; also behind and refused
    "following": Badge("●", "good", N_("following")),
    "away": Badge("○", "bad", N_("away")),
    # records
    "current": Badge("✓", "good", N_("current")),
    "withdrawn": Badge("□", "plain", N_("withdrawn")),
    "disputed": Badge("!", "bad", N_("disputed")),
    "erased": Badge("⌫", "plain", N_("erased")),
    "superseded": Badge("↑", "plain", N_("a later version stands")),
    "elsewhere": Badge("↗", "plain", N_("held elsewhere")),
    "confirmed": Badge("✓", "good", N_("confirmed")),
    "due": Badge("◔", "watch", N_("due")),
    "overdue": Badge("!", "bad", N_("overdue")),
    # checks
    "pass": Badge("✓", "good", N_("pass")),
    "fail": Badge("✕", "bad", N_("fail")),
    "not checked": Badge("–", "plain", N_("not checked")),
    # subscriptions and their deliveries
    "awaiting": Badge("◔", "watch", N_("waits for confirmation")),
    "active": Badge("●", "good", N_("active")),
    "paused": Badge("‖", "watch", N_("paused")),
    "stopped": Badge("□", "plain", N_("stopped")),
    "delivered": Badge("✓", "good", N_("delivered")),
    "failed": Badge("!", "bad", N_("failed")),
    "gone": Badge("□", "plain", N_("gone")),
    # cells of the matrix
    "gap": Badge("✕", "bad", N_("gap")),
    "partly": Badge("◐", "watch", N_("partly covered")),
    "covered": Badge("✓", "good", N_("covered")),
    "unrequested": Badge("◇", "plain", N_("unrequested")),
    "possible_duplication": Badge("❐", "watch", N_("possible duplication")),
    "none": Badge("·", "plain", N_("none")),
}

# How the checks of a service end (liaison-node doctor, liaison-hub doctor).
CHECKS: Final = {
    "pass": Badge("✓", "good", N_("works")),
    "warning": Badge("!", "watch", N_("needs attention")),
    "fail": Badge("✗", "bad", N_("does not work")),
    "not-checked": Badge("–", "plain", N_("not checked")),
}


def badge(word: str) -> Badge:
    """Give how a state word is shown; one that is not known is shown as it is."""
    return STATES.get(word, Badge("·", "plain", word))
