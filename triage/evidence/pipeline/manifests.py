"""Manifests, rules and configuration that a checker refused: promtool, kubeconform, kustomize and others."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from triage.evidence.item import Observation
from triage.evidence.pipeline.parser import Parser, observation
from triage.evidence.pipeline.run_line import RunLine
from triage.evidence.pipeline.shape import Shape

_KUSTOMIZE = "|".join(
    (
        *("accumulating resources", "trouble configuring", "invalid Kustomization", "no matches for Id"),
        *("add operation does not apply", "may not add resource", "json: unknown field", "evalsymlink"),
        *("unable to find one of 'kustomization", "no resource matches", "loading KV pairs"),
        *("merging from generator", "MalformedYAML", "failed to find unique target"),
    )
)
_KUBECTL = "|".join(
    (
        *("error validating", "error parsing", "unable to recognize", "no matches for kind"),
        *("resource mapping not found", "unable to decode", "error when (?:creating|applying|retrieving)"),
    )
)
_SHAPES = (
    Shape(
        "promtool",
        re.compile(
            r"^\s*(?P<file>\S+\.ya?ml): (?:(?P<line>\d+):\d+: )?"
            r"(?P<error>(?:group \"|groupname: |yaml: |could not parse).+)$"
        ),
    ),
    Shape(
        "promtool",
        re.compile(
            r"^\s*(?P<error>(?:group \"[^\"]*\", rule \d+|\d+:\d+: group ).+(?:parse error|invalid).*)$"
        ),
    ),
    Shape(
        "kubeconform",
        re.compile(
            r"^(?P<file>\S+) - (?P<resource>\w+ \S+) (?:is invalid: |failed validation: )(?P<error>.+)$"
        ),
    ),
    Shape(
        "kubeconform",
        re.compile(
            r"^(?P<file>\S+) - "
            r"(?P<error>(?:error unmarshalling resource|failed validation|error while parsing).+)$"
        ),
    ),
    Shape(
        "terraform",
        re.compile(
            r"^(?:[│|] )?Error: (?P<error>(?:Reference to|Unsupported|Invalid|Missing|Duplicate"
            r"|Inconsistent|No value|Failed to query|Unable to|creating|error|Argument|Incorrect|Provider"
            r"|Cycle|Resource|Module).+)$"
        ),
    ),
    Shape("helm", re.compile(r"^\[ERROR\] (?P<file>\S+\.(?:ya?ml|tpl)): (?P<error>.+)$")),
    Shape("kyverno", re.compile(r"^policy (?P<error>\S+ -> resource \S+/(?P<resource>\w+/\S+) failed.*)$")),
    Shape("trivy", re.compile(r"^(?P<error>(?:AVD|CKV\w*)[-_][\w-]+ \((?:CRITICAL|HIGH|MEDIUM)\): .+)$")),
    Shape("conftest", re.compile(r"^(?:FAIL|EXCP) - (?P<file>\S+) - (?:\S+ - )?(?P<error>.+)$")),
    Shape("kustomize", re.compile(rf"^(?:Error|error): (?P<error>(?:{_KUSTOMIZE}).*)$")),
    Shape(
        "helm",
        re.compile(
            r"^(?:Error|error): (?P<error>(?:INSTALLATION FAILED|UPGRADE FAILED|YAML parse error on"
            r"|template: |execution error at|values don't meet).*)$"
        ),
    ),
    Shape("kubectl", re.compile(rf"^(?:error|Error): (?P<error>(?:{_KUBECTL}).*)$")),
    Shape("kubectl", re.compile(r"^(?P<error>The (?P<resource>\w+ \"[^\"]+\") is invalid: .+)$")),
    Shape(
        "kubectl",
        re.compile(
            r"^(?P<error>Error from server "
            r"\((?:Invalid|BadRequest|Forbidden|NotFound|InternalError|Conflict)\): .+)$"
        ),
    ),
    Shape("argocd", re.compile(r"^.*?(?P<error>(?:ComparisonError|SyncError|InvalidSpecError)\b.+)$")),
    Shape(
        "homeostat",
        re.compile(
            r"^(?:error: )?(?P<file>\S+\.ya?ml): "
            r"(?P<error>(?:'|field |the |unknown |[a-z_.\[\]0-9]+ (?:is|must|has)).+\.)$"
        ),
    ),
)
_FILE = re.compile(r"(?P<file>[\w./-]+\.ya?ml)\b")
#: a rule's own test: what was expected and did not fire, or the reverse
_RULE_TEST = re.compile(r"^\s+(?:name: [^,]*, )?alertname:\s*(?P<alert>[^,\s]+), time: (?P<time>[^,\s]+)")
_EXPRESSION_TEST = re.compile(r"^\s+expr: (?P<alert>\".+\"), time: (?P<time>[^,\s]+)")


def observe(lines: Sequence[RunLine]) -> Iterable[Observation]:
    """``manifest.error`` for each complaint; ``test.failed`` for a rule's test."""
    seen: set[str] = set()
    for at, line in enumerate(lines):
        if (one := _complaint(line, lines[at + 1 : at + 6])) is not None and one.texts["error"] not in seen:
            seen.add(one.texts["error"])
            yield one
        elif found := _RULE_TEST.match(line.text) or _EXPRESSION_TEST.match(line.text):
            error = f"{found['alert']} at {found['time']} is not what the test expects"
            yield observation("test.failed", line, None, tool="promtool", test=found["alert"], error=error)


#: Terraform's place, some lines below the error
_TERRAFORM = re.compile(r"\bon (?P<file>\S+\.tf(?:vars)?) line (?P<line>\d+)")


def _complaint(line: RunLine, below: Sequence[RunLine]) -> Observation | None:
    for shape in _SHAPES:
        if found := shape.pattern.match(line.text):
            told = found.groupdict()
            if shape.tool == "terraform":
                place = next((one for under in below if (one := _TERRAFORM.search(under.text))), None)
                if place is None:
                    continue
                told |= place.groupdict()
            file = told.get("file") or (named["file"] if (named := _FILE.search(told["error"])) else "")
            numbers = {"line": float(told["line"])} if told.get("line") else {}
            return observation(
                "manifest.error", line, numbers, tool=shape.tool, file=file,
                resource=told.get("resource") or "",
                error=told["error"],
            )  # fmt: skip
    return None


PARSER = Parser(
    marks=(
        *(".yml: ", ".yaml: ", "rule ", " - ", "rror: ", " is invalid", "rror from server"),
        *(
            "ComparisonError",
            "SyncError",
            "InvalidSpecError",
            "alertname:",
            "expr: ",
            "AVD-",
            "CKV",
            "-> resource",
        ),
    ),
    observe=observe,
)
