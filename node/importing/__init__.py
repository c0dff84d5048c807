"""Turns files of other systems into records; owns mappings and their reading, knows no database and no bus."""
