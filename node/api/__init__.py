"""The API of a node: one module for each part of it, put together in application."""
