"""The API of the hub: one module for each part of it, put together in application."""
