"""The hub's accounts, as commands and tests change them: people's accounts by the hub's rules."""

from functools import partial

from hub.accounts.rules import RULES
from people import attempts
from people.accounts import DAYS, Accounts, folded

_accounts = Accounts(RULES)
add, reset, disable, enable = _accounts.add, _accounts.reset, _accounts.disable, _accounts.enable
list_accounts, invited = _accounts.listed, _accounts.invited

list_log_ins = partial(attempts.list_log_ins, log_ins=RULES.tables.log_ins)

__all__ = ["DAYS", "add", "disable", "enable", "folded", "invited", "list_accounts", "list_log_ins", "reset"]
