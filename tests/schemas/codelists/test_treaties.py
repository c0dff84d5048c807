"""The 19 instruments, twelve of which were there in 2003."""

from schemas.codelists import codes, instruments
from tests.schemas.codelists.test_lists import proposed
from tests.shared_files import needs_shared


def test_there_are_nineteen_and_twelve_of_2003() -> None:
    assert len(instruments()) == len(codes("ct_instrument")) == 19
    assert sum(each.in_2003 for each in instruments().values()) == 12


@needs_shared
def test_the_facts_are_as_proposed() -> None:
    found = [[i.code, i.year, i.title, i.depositary, i.in_2003, i.untc] for i in instruments().values()]
    assert found == [row[:6] for row in proposed()["ct_instrument"]["codes"]]
