"""The checks that tell an administrator what is wrong: one list for page, command and JSON. Owns no data."""

from node.doctor.examination import examine
from node.doctor.results import Check, Examination, Result
from node.doctor.round_trip import there_and_back

__all__ = ["Check", "Examination", "Result", "examine", "there_and_back"]
