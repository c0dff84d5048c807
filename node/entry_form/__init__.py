"""Forms drawn from the records' models: owns which control a field gets; checks nothing, parse_entry does that."""

from node.entry_form.controls import Control, controls_of
from node.entry_form.reading import read_form
from node.entry_form.values import shown_value

__all__ = ["Control", "controls_of", "read_form", "shown_value"]
