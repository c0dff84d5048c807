"""What is said of a bus that does not accept the node's key, and of one that is away."""

from node.bus_key import in_words


def test_a_refused_key_is_told_with_what_to_do_and_the_buss_own_words() -> None:
    said = in_words("nats: 'Authorization Violation'")
    assert said.startswith("The bus does not accept this node's key.")
    assert "liaison-node join DIR ADMISSION.json" in said
    assert said.endswith("(nats: 'Authorization Violation')")


def test_anything_else_is_told_as_it_is() -> None:
    assert in_words("Connection refused") == "Connection refused"
