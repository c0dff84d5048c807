"""The node's pages in HTML: the desk of an organization. Owns words and layout; knows no SQL and signs nothing."""
