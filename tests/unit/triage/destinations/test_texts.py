"""What strangers wrote pings nobody, links nothing, is no markup, carries no secret, and fits the limits."""

from __future__ import annotations

import json
import re
import time
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from tests.unit.triage.destinations.conftest import INCIDENT, a_cause, a_message, a_report
from triage.alert import AlertStatus
from triage.analysts.analysis import Citation, Remedy
from triage.destinations.github_body import MOST_BODY, body_of, is_marked, marker, title_of
from triage.destinations.github_text import neutral
from triage.destinations.message import Handle
from triage.destinations.slack_blocks import MOST_BLOCKS, MOST_TEXT, to_slack
from triage.destinations.slack_text import plain
from triage.report.document import Report

HOSTILE = (
    "<!channel> <@U123> @channel @here <https://evil.example|click> <script>alert(1)</script> "
    "@someone @example/team #12 GH-34 &commat;hidden &#64;too https://github.com/o/r/issues/5 "
    "![x](http://evil.example/t.png) <img src=x> `@in-code` -->"
)
SECRET = "ghp_" + "a1B2" * 9


def hostile(text: str = HOSTILE) -> Report:
    cause = a_cause(
        title=text,
        explanation=text,
        remediation=(Remedy(text=text, command=text),),
        citations=(Citation(evidence="logs", line=1, quote=text),),
    )
    alert = a_report().alerts[0].model_copy(update={"summary": text, "name": text})
    return a_report(
        causes=(cause,), alertname=text, subject=text, not_seen=(text,), sentence=text, alerts=(alert,)
    )


def slack_texts(report: Report) -> list[str]:
    shown = to_slack(a_message(report, team=Handle()))
    found: list[str] = [shown.text]

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            if isinstance(value.get("text"), str):
                found.append(value["text"])
            for inner in value.values():
                walk(inner)
        elif isinstance(value, list | tuple):
            for inner in value:
                walk(inner)

    walk(list(shown.blocks))
    return found


def test_slack_is_given_no_mention_and_no_link_of_strangers() -> None:
    for text in slack_texts(hostile()):
        ours = text.replace(f"<https://triage.example/incidents/{INCIDENT}|Report, with all evidence>", "")
        assert "<" not in ours
        assert ">" not in ours
        assert not re.search(r"@\w", ours)


def test_slack_is_asked_to_find_no_names_by_itself() -> None:
    shown = json.dumps(list(to_slack(a_message(hostile())).blocks))
    assert shown.count('"mrkdwn"') == shown.count('"verbatim": true')


def test_only_the_team_of_the_settings_is_mentioned_and_only_while_it_fires() -> None:
    firing = json.dumps(list(to_slack(a_message(a_report())).blocks))
    assert "<!subteam^S0PLATFORM>" in firing
    done = a_report(status=AlertStatus.RESOLVED)
    assert "subteam" not in json.dumps(list(to_slack(a_message(done)).blocks))


def live_text(markdown: str) -> tuple[str, list[str]]:
    """What GitHub would look at for mentions, and the HTML in it, by a parser of CommonMark."""
    texts: list[str] = []
    html: list[str] = []
    for token in MarkdownIt("gfm-like", {"html": True, "linkify": False}).parse(markdown):
        for one in [token, *(token.children or [])]:
            if one.type in ("html_block", "html_inline"):
                html.append(one.content)
            elif one.type == "text":
                texts.append(one.content)
    # what stands in two nodes is no mention
    return "\n".join(texts), html


def test_github_is_given_no_mention_reference_or_markup_of_strangers() -> None:
    text, html = live_text(body_of(a_message(hostile(), team=Handle())))
    assert not re.search(r"@\w|#\d|GH-\d|https?://github", text)
    assert [one.strip() for one in html] == [marker(INCIDENT)]


def test_titles_mention_and_link_nothing() -> None:
    title = title_of(a_message(hostile()))
    assert not re.search(r"@\w|#\d|<script", title)
    assert len(title) <= 256


def test_code_is_left_as_people_copy_it() -> None:
    line = "run `kubectl set image web=r/web@sha256:1` now"
    assert neutral(line) == line
    fenced = "```text\n@someone #12\n```"
    assert neutral(fenced) == fenced


@pytest.mark.parametrize(
    "text",
    [
        "a ` b\nc ` @someone ` d",
        "\\`@someone`",
        "<details>`@someone`",
        "    ```\n@someone",
        "- x\n  ```\n@someone",
        "~~~\n@someone",
        "```a`b\n@someone",
        "`` ` @someone",
    ],
)
def test_what_only_looks_like_code_is_not_trusted(text: str) -> None:
    assert "@\u200bsomeone" in neutral(text)


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="`\\@ab<>#1 \n&;-~*_[]()!", max_size=60))
@example("@\\-")
def test_no_text_at_all_leaves_a_mention_or_markup(text: str) -> None:
    shown, html = live_text(neutral(text))
    assert not re.search(r"@[A-Za-z0-9_-]", shown)
    assert not re.search(r"<(?!/?(?:details|summary)>)[a-z]", "".join(html))


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=300), st.integers(min_value=10, max_value=120))
def test_slacks_text_fits_and_is_escaped_whatever_it_is(text: str, most: int) -> None:
    shown = plain(text, most)
    assert len(shown) <= most
    assert not re.search(r"[<>]|&(?!(?:amp|lt|gt);)", shown)


def test_a_huge_report_fits_slack_and_github() -> None:
    long = "word <&> " * 3_000
    causes = tuple(a_cause(title=f"{number} {long}", explanation=long) for number in range(80))
    report = hostile(long).model_copy(update={"causes": causes})
    shown = to_slack(a_message(report))
    assert len(shown.blocks) <= MOST_BLOCKS
    assert max(len(text) for text in slack_texts(report)) <= MOST_TEXT
    body = body_of(a_message(report))
    assert len(body) <= MOST_BODY
    assert body.startswith(marker(INCIDENT))
    assert f"https://triage.example/incidents/{INCIDENT}" in body[-200:]
    assert "GitHub takes no more" in body


def test_secrets_do_not_leave() -> None:
    message = a_message(hostile(f"token {SECRET} leaked"))
    shown = to_slack(message)
    assert SECRET not in json.dumps([shown.text, list(shown.blocks)])
    assert SECRET not in body_of(message) + title_of(message)


def test_a_post_that_quotes_ours_is_not_ours() -> None:
    assert is_marked(f"{marker(INCIDENT)}\nx", INCIDENT)
    assert not is_marked(f"> {marker(INCIDENT)}", INCIDENT)
    assert not is_marked(None, INCIDENT)


def test_no_cause_is_said_as_such() -> None:
    report = a_report(causes=())
    assert any("No cause could be shown" in text for text in slack_texts(report))
    assert "No cause could be shown" in body_of(a_message(report))


@pytest.mark.parametrize(
    "url", ["https://x.example/a|b> <!channel>", "javascript:alert(1)", "https://x.example/)@a"]
)
def test_an_address_that_could_end_its_markup_is_left_out(url: str) -> None:
    message = a_message(a_report(), url=url)
    assert url not in json.dumps(list(to_slack(message).blocks))
    assert url not in body_of(message)


@pytest.mark.parametrize("part", ["<", "\\<", "\\`", "` ", "&#1", "@a", "\\"])
def test_a_long_line_of_strangers_costs_no_more_than_its_length(part: str) -> None:
    began = time.process_time()
    neutral(part * (30_000 // len(part)))
    short = time.process_time() - began
    began = time.process_time()
    neutral(part * (300_000 // len(part)))
    # ten times as long: a hundred times as much would be the square
    assert time.process_time() - began < 40 * short + 0.2
