"""Whatever strangers write into alerts, logs and answers: a report shows it and does nothing."""

from __future__ import annotations

import html
from html.parser import HTMLParser

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.triage.report.told import item, report
from triage.report.markdown import to_markdown
from triage.report.page import Said, to_html
from triage.report.unseen import visible

# fmt: off
ALLOWED = frozenset({
    "a", "article", "body", "br", "button", "code", "dd", "details", "div", "dl", "dt", "em",
    "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "head", "header", "html",
    "input", "label", "li", "line", "link", "main", "mark", "meta", "meter", "nav", "ol", "p",
    "polyline", "pre", "rect", "section", "span", "strong", "style", "summary", "svg", "table",
    "tbody", "td", "text", "textarea", "th", "thead", "time", "title", "tr", "ul",
})
#: pieces that mean something to some reader, and anything else
PIECES = st.sampled_from([
    "<script>", "</style>", "</textarea>", "<!--", "]]>", "&lt;", "{{ 7*7 }}", "{% raw %}",
    "javascript:x", "`", "```", "\n# Title\n", "|", "[a](http://x)", "\x1b[2J", "\u202e", "\x00", "'",
    '"', "\\", "=", "<a href=//x>", "<svg/onload=x>", "password=hunter22x",
])
# fmt: on
TEXTS = st.lists(PIECES | st.text(max_size=20), max_size=6).map("".join)


class Elements(HTMLParser):
    """What a browser would make of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[tuple[str, str | None]] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(attrs)

    def handle_data(self, data: str) -> None:
        self.text += data


@settings(max_examples=60, deadline=None)
@given(TEXTS)
def test_a_page_holds_only_our_own_elements_whatever_the_text(text: str) -> None:
    evidence = item(text or "-")
    for served in (None, Said()):
        page = to_html(report(text), [evidence], served)
        page.encode()
        found = Elements()
        found.feed(page)
        assert found.tags <= ALLOWED
        assert not [
            name for name, _ in found.attributes if name.startswith("on") or name in {"style", "srcdoc"}
        ]
        addresses = {value or "" for name, value in found.attributes if name in {"href", "action", "src"}}
        assert all(address.startswith(("/", "#", "data:,", "http://", "https://")) for address in addresses)
        assert found.text.count("{{ 7*7 }}") >= text.count("{{ 7*7 }}")
        assert "hunter22x" not in html.unescape(page)
        assert visible(page) == page


@settings(max_examples=60, deadline=None)
@given(TEXTS)
def test_markdown_keeps_its_headings_whatever_the_text(text: str) -> None:
    told = to_markdown(report(text), None)
    plain = to_markdown(report("word"), None)
    assert [line for line in told.splitlines() if line.startswith("## ")] == [
        line for line in plain.splitlines() if line.startswith("## ")
    ]
    assert not set(told) & {"\x1b", "\u202e", "\x00"}
    assert "hunter22x" not in told


def test_a_link_leads_only_where_the_web_is() -> None:
    for address, linked in (
        ("https://runbooks.example/disk?x=1#now", True),
        ("javascript:alert(1)", False),
        ("docs/runbooks/X.md", False),
        ('https://x/"onmouseover="y', False),
    ):
        page = to_html(report("word", runbook=address))
        assert (f'<a href="{address}"' in page) is linked
