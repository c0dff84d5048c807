"""The kinds of records among which a desk officer chooses: those entered most often first, each with what it is for."""

from typing import Final

from ui.languages import gettext_noop as N_

# An organization's own record is revised, not entered anew.
ENTERED: Final = {
    "contact": N_("How an office or a person is reached, and for what."),
    "need": N_("What a State asks for: help that it wants others to give."),
    "offer": N_("What your organization can give: training, equipment, advice."),
    "activity": N_("What is done, planned or finished: a project, a course, a visit."),
    "assessment": N_("How a State was rated against a framework, and by whom."),
    "finding": N_("What many assessments show together, without naming any State."),
    "resource": N_("A standard, a guide, a law or a tool that others can use."),
    "priority": N_("What your organization attends to first in a period."),
    "plan": N_("What is to be done by when, and who does it."),
    "accession": N_("Where a State stands with an international instrument."),
    "link": N_("How two organizations are related: part of, partner of, reports to."),
}
