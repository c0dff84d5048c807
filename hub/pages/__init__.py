"""The hub's pages in HTML: what the API gives, for people. Owns words and layout; knows no SQL and decides nothing."""
