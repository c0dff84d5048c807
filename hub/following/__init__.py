"""The regional hub: another hub's log with the same indices in the place of an intake.

Owns what is followed and held, the judgement of what the followed hub shows, and the refusal of it. It does not know
who reads here, signs nothing, and decides nothing itself: verdicts are those of `wire.verdict` and `wire.examine`.
"""
