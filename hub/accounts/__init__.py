"""Who logs in to the hub's pages: the package people with the hub's tables and roles.

It does not know what a role may see or do, nor how a page looks.
"""
