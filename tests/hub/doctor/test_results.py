"""What an examination of a hub says as a whole, and as data."""

from hub.doctor.results import TITLES, Examination, passed, skipped, warned


def test_its_form_names_the_worst_and_each_check() -> None:
    checks = (passed("disk", "Room."), warned("backup", "Old.", "Make one."), *skipped(["tls"], "None."))
    form = Examination("exercise.example", "2026-11-26T12:00:00.000Z", checks).form()
    assert (form["network"], form["as_of"], form["worst"]) == (
        "exercise.example",
        "2026-11-26T12:00:00.000Z",
        "warning",
    )
    assert [(each["name"], each["result"]) for each in form["checks"]] == [
        ("disk", "pass"), ("backup", "warning"), ("tls", "not-checked"),
    ]  # fmt: skip
    assert form["checks"][0]["title"] == TITLES["disk"]
