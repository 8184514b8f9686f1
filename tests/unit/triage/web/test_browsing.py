"""Lists, feedback and resemblance on every database that triage supports."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from tests.unit.triage.conftest import Running
from tests.unit.triage.report.told import BEGAN, keep, report
from triage.clock import utc_now
from triage.incident import Incident
from triage.report.feedback import Feedback, Verdict
from triage.report.similar import traits_of
from triage.store.browsing import Shown, Wanted, browse
from triage.store.feedback import FeedbackStore

ON_EVERY_DATABASE = True
Serve = Callable[..., Running]


def ids(incidents: list[Incident]) -> list[str]:
    return [one.id for one in incidents]


def test_what_burns_most_is_first_and_text_is_looked_for_everywhere(serve: Serve) -> None:
    running = serve()
    triage = running.triage
    for name, severity, minutes in (("a", "warning", None), ("b", "critical", None), ("c", "critical", 5)):
        ended = BEGAN + timedelta(minutes=minutes) if minutes else None
        keep(triage, report(f"Word{name}%", incident_id=name, severity=severity, resolved_at=ended))
    listed = browse(triage.engine, Wanted())
    assert ids([row.incident for row in listed.rows]) == ["b", "a", "c"]
    assert (listed.total, listed.firing, listed.any) == (3, 2, True)
    for wanted, found in (
        (Wanted(Shown.RESOLVED), ["c"]),
        (Wanted(text="wordB%"), ["b"]),
        (Wanted(text="word_"), []),
        (Wanted(text="worda critical"), []),
        (Wanted(Shown.FIRING, page=2), []),
    ):
        assert ids([row.incident for row in browse(triage.engine, wanted).rows]) == found, wanted


def test_feedback_and_traits_are_kept_and_found_again(serve: Serve) -> None:
    running = serve()
    store = FeedbackStore(running.triage.engine, utc_now)
    incident = keep(running.triage, report("word"))
    store.give(incident, Feedback(verdict=Verdict.WRONG, cause="disk-full", note="with \x00 in it"))
    assert store.counts() == {Verdict.RIGHT: 0, Verdict.WRONG: 1}
    (given,) = store.latest([incident, "other"]).values()
    assert (given.cause, given.reported) == ("disk-full", "predict")
    (alike,) = running.triage.store.past(traits_of(report("word", incident_id="new")))
    assert alike.incident_id == incident
