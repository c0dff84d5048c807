"""The checks that tell an operator what is wrong with the hub: one list for page, command and JSON. Owns no data."""

from hub.doctor.examination import examine
from hub.doctor.results import Examination

__all__ = ["Examination", "examine"]
