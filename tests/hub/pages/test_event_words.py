"""Tests of event_words: every act has a sentence, and a member is called as it was admitted."""

from hub.pages.event_words import CONTROLS, called
from tests.hub.published import Published
from wire import action_forms


def test_every_act_of_the_roots_has_words() -> None:
    forms = [each for each in vars(action_forms).values() if "action" in getattr(each, "model_fields", {})]
    acts = {f"liaison.{form.model_fields['action'].default}" for form in forms if form.model_fields["action"].default}
    assert len(acts) >= 8
    assert {act for act in acts if act.count(".") == 2} <= set(CONTROLS)


def test_organizations_are_called_by_the_name_of_their_admission(small_network: Published) -> None:
    small_network.admit("xa-centre")
    registry = small_network.writer.state.registry
    assert called("xa-centre", registry) == "Office xa-centre"
    assert called("registry", registry) == "registry"
    assert called("nobody", registry) == "nobody"
