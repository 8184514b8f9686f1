"""The pages as a person sees them: in a real browser, on a small phone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.browser import Looked
from tests.unit.triage.conftest import Running
from tests.unit.triage.report.told import BEGAN, item, keep, report
from tests.unit.triage.story import Forge, Story

pytestmark = pytest.mark.packages
Serve = Callable[..., Running]

HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(2)>\"' onmouseover='alert(3) "
    "[a](javascript:alert(4)) \x1b[2J\N{RIGHT-TO-LEFT OVERRIDE}gnp javascript:alert(5) </style>"
    "<style>*{display:none}</style>"
    "{{ 7 * 7 }} <form action=http://evil.invalid><button>x</button></form>"
)


def has_no_sideways_scroll(look: Looked) -> bool:
    return look.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_an_incident_is_found_read_and_judged(serve: Serve, story: Story, forge: Forge, look: Looked) -> None:
    running = serve()
    url = str(running.client.base_url)
    look.page.goto(url)
    assert "No incident so far." in look.page.inner_text("main")
    story.slow_in_predict()
    story.log("slow_request", 50, duration_seconds=0.9, phases={"predict": 0.89})
    commits = [forge.commit_source(f"depth = {n}\n") for n in (3, 4)]
    forge.hand_off(2, commits[0], story.now - timedelta(hours=1))
    forge.hand_off(3, commits[1], story.now - timedelta(minutes=7))
    assert running.post(story.payload()).status_code == 202
    running.settled()
    look.page.reload()
    assert look.page.locator("meta[http-equiv=refresh]").count() == 1
    assert has_no_sideways_scroll(look)
    look.page.get_by_role("link", name="ModelInferenceLatencyHigh").click()
    assert "most likely: The model server itself is slow in predict" in look.page.inner_text("main .lead")
    assert has_no_sideways_scroll(look)
    look.page.get_by_role("button", name="Right: it was 1.").click()
    assert "it was predict" in look.page.inner_text("#feedback + ul")
    assert look.page.url.endswith("#feedback")
    look.page.goto(url)
    assert "judged right" in look.page.inner_text(".incidents")
    (given,) = running.client.get("/api/feedback").json()["feedback"]
    assert (given["verdict"], given["cause"], given["reported"]) == ("right", "predict", "predict")
    assert 'homeostat_triage_feedback{verdict="right"} 1.0' in running.client.get("/metrics").text


def test_a_cited_line_opens_to_what_stands_around_it_with_the_keyboard_alone(
    serve: Serve, look: Looked
) -> None:
    running = serve()
    look.page.goto(f"{running.client.base_url}/incidents/{keep(running.triage, report())}")
    around = look.page.locator("article .excerpt").first
    assert not around.is_visible()
    look.page.locator("article summary").first.focus()
    look.page.keyboard.press("Enter")
    assert around.is_visible()
    assert around.locator("mark").inner_text() == "ValueError: no bytes"
    assert around.locator("li").count() == 7
    assert "request 4 served" in around.inner_text()


def test_a_wrong_report_is_told_with_the_cause_that_it_was(serve: Serve, look: Looked) -> None:
    running = serve()
    look.page.goto(f"{running.client.base_url}/incidents/{keep(running.triage, report())}")
    look.page.get_by_label("Note").fill("The disk <b>was</b> full\npassword=hunter22")
    look.page.get_by_label("If it was something else").fill("disk-full")
    look.page.get_by_role("button", name="Wrong", exact=True).click()
    told = look.page.inner_text("#feedback + ul")
    assert "wrong, it was disk-full: The disk <b>was</b> full" in told
    assert "hunter22" not in told


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_hostile_text_is_shown_and_does_nothing(serve: Serve, look: Looked, scheme: str) -> None:
    running = serve()
    url = str(running.client.base_url)
    look.page.emulate_media(color_scheme=scheme)
    incident = keep(running.triage, report(HOSTILE), item(HOSTILE))
    for path in ("/", f"/incidents/{incident}", f"/incidents/{incident}.html"):
        look.page.goto(url + path)
        shown = look.page.inner_text("main")
        assert "<script>alert(1)</script>" in shown
        assert "{{ 7 * 7 }}" in shown
        assert "\\x1b[2J\\u202egnp" in shown
        assert look.page.locator("script, main img, [onmouseover], a[href^='javascript']").count() == 0
        assert has_no_sideways_scroll(look), path
    assert {asked.split("/")[2] for asked in look.asked if not asked.startswith("data:")} == {
        url.split("/")[2]
    }


def test_the_page_is_one_file_that_needs_no_server(
    serve: Serve, look: Looked, tmp_path_factory: pytest.TempPathFactory
) -> None:
    running = serve()
    incident = keep(running.triage, report())
    file = tmp_path_factory.mktemp("file") / "report.html"
    file.write_text(running.client.get(f"/incidents/{incident}.html").text)
    look.page.goto(file.as_uri())
    assert look.page.locator("form, a[href^='/']").count() == 0
    assert look.page.locator("svg").count() == 2
    assert look.page.evaluate("getComputedStyle(document.body).maxWidth") != "none", (
        "the style sheet is allowed"
    )
    assert [asked for asked in look.asked if not asked.startswith("data:")] == [file.as_uri()]


def test_a_list_of_two_hundred_incidents_stays_small(serve: Serve, look: Looked) -> None:
    running = serve()
    for number in range(200):
        ended = None if number % 20 == 0 else BEGAN + timedelta(minutes=number + 5)
        told = report(
            f"alert {number}",
            incident_id=f"20260102-030405-{number:08x}",
            severity="critical" if number % 40 == 0 else "warning",
            started_at=BEGAN + timedelta(minutes=number),
            resolved_at=ended,
        )
        keep(running.triage, told)
    look.page.goto(str(running.client.base_url))
    assert has_no_sideways_scroll(look)
    states = look.page.locator(".incidents > li > .pill:first-child").all_inner_texts()
    assert states == ["firing"] * 10 + ["resolved"] * 40
    names = look.page.locator(".incidents a").all_inner_texts()
    assert names[:5] == [f"alert {n} on alert {n}" for n in (160, 120, 80, 40, 0)], (
        "critical first, the latest first"
    )
    look.page.get_by_role("link", name="Older").click()
    assert "Page 2 of 4" in look.page.inner_text("main")
    look.page.get_by_label("Text").fill("alert 199")
    look.page.get_by_role("button", name="Show").click()
    assert look.page.locator(".incidents > li").count() == 1
    page = running.client.get("/", headers={"accept": "text/html"})
    assert len(page.content) < 40_000


def test_what_is_missing_is_told_to_people(serve: Serve, look: Looked) -> None:
    running = serve()
    answer = look.page.goto(f"{running.client.base_url}/incidents/none")
    assert answer is not None
    assert answer.status == 404
    assert "there is no incident 'none'" in look.page.inner_text("main")
    # the browser's own complaint about the status
    look.complaints.clear()
