"""The hub's accounts, as commands and tests change them: people's accounts by the hub's rules."""

from hub.accounts.rules import RULES
from people.accounts import DAYS, Accounts, folded

_accounts = Accounts(RULES)
add, reset, disable, enable = _accounts.add, _accounts.reset, _accounts.disable, _accounts.enable
list_accounts, invited = _accounts.listed, _accounts.invited

__all__ = ["DAYS", "add", "disable", "enable", "folded", "invited", "list_accounts", "reset"]
