"""Journeys in a real browser over a hub that serves the exercise: what people do, click by click."""
