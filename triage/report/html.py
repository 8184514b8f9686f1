"""Pages out of templates: whatever a template shows is redacted, made visible and escaped on its way.

No template can forget it: the environment does so to every value that is no markup of our own. The policy
allows our one style sheet by its hash and nothing else: no script, no picture, no frame, no foreign form.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime
from functools import cache
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from homeostat.redaction import redact
from triage.clock import stamp
from triage.report.unseen import visible

#: what a page may do on its own; a served page may send its form home
_POLICY = (
    "default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action {forms}"
)


def policy(*, forms: str) -> str:
    """The Content-Security-Policy of a page whose forms go to ``forms``: ``'self'`` or ``'none'``."""
    digest = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    return _POLICY.format(digest=digest, forms=forms)


def render_html(template: str, *, forms: str = "'none'", **values: Any) -> str:
    """One page; ``values`` are what the template shows."""
    return (
        _environment()
        .get_template(template)
        .render(
            # both are ours, and redaction would take the hash for a key
            policy=Markup(policy(forms=forms)),  # noqa: S704 # nosec B704
            style=Markup(_style()),  # noqa: S704 # nosec B704
            **values,
        )
    )


def harmless(value: Any) -> Any:
    """Text from anywhere without secrets, and with nothing that a browser would obey or hide."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return visible(redact(str(value)))


@cache
def _environment() -> Environment:
    loader = ChoiceLoader([PackageLoader("triage.report"), PackageLoader("triage.web")])
    environment = Environment(
        loader=loader,
        autoescape=True,
        finalize=harmless,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["stamp"] = stamp
    environment.filters["iso"] = datetime.isoformat
    return environment


@cache
def _style() -> str:
    # the template's own text: a style sheet has no values to fill in
    source, _, _ = PackageLoader("triage.report").get_source(Environment(autoescape=True), "style.css")
    return source
