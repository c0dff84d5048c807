"""How readers' questions are answered in time: owns what records are found by, their counts and the matrix' cells.

All of it is folded from the log behind the intake, and can be forgotten and folded anew at any time. It does not know
HTTP or pages.
"""
