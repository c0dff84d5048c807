"""The people of an organization who use its node: the package people with the node's tables and roles, and their acts.

Owns who may log in with which roles, and the trail of what people, commands and programs did. Knows no page.
"""
