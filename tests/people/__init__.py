"""Tests of people/: accounts, sessions and log-ins of a service that is neither hub nor node."""
