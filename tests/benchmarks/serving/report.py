"""``docs/benchmarks/serving.md``: made of the results alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.benchmarks.serving.contestants import ALL, FASTAPI_OUR_ENGINE, OURS_ASKING
from tests.benchmarks.serving.parts import Part, parts
from tests.benchmarks.serving.plan import CONNECTIONS
from tests.benchmarks.serving.results import Cell, Results, Sample
from tests.benchmarks.serving.summary import Figures, Summary, summarise, void
from tests.benchmarks.serving.targets import Target, judge

_TEMPLATE = Path(__file__).parent / "page.md.template"
_HEAD = (
    "| server | requests/s | p50 ms | p99 ms | of requests | CPU ms a request | memory MB |\n"
    "|---|--:|--:|--:|--:|--:|--:|"
)
_OFFERED = (
    "| server | offered/s | answered/s | p50 ms | p99 ms | of requests | CPU ms a request |\n"
    "|---|--:|--:|--:|--:|--:|--:|"
)


def page(results: Results, plot: str) -> str:
    """The page; ``plot`` is the picture's file beside it."""
    summary = summarise(results.samples)
    return _TEMPLATE.read_text("utf-8").format(
        results=results,
        machine=results.machine,
        minutes=results.took_seconds / 60,
        memory_gib=results.machine.memory_bytes / 2**30,
        versions=", ".join(f"{name} {version}" for name, version in results.versions.items()),
        plot=plot,
        targets=_targets(judge(summary)),
        parts=_parts(parts(summary)),
        closed="\n\n".join(_closed(summary)),
        open=_open(summary),
        asking=OURS_ASKING.name,
        our_engine=FASTAPI_OUR_ENGINE.name,
        left_out=_left_out(results),
        client=_client(results),
    )


def _targets(targets: Sequence[Target]) -> str:
    lines = ["| what | wanted | found | | by | compared with |", "|---|--:|--:|---|--:|---|"]
    for target in targets:
        sign = "at most" if target.at_most else "at least"
        verdict = {True: "reached", False: "**missed**", None: "not measured"}[target.reached]
        found = "" if target.ratio is None else f"{target.ratio:.2f}"
        margin = "" if target.margin is None else f"{target.margin:+.0%}"
        note = f" ({target.note})" if target.note else ""
        wanted = f"{sign} {target.wanted:g}"
        lines.append(
            f"| {target.what} | {wanted} | {found} | {verdict} | {margin} | {target.against}{note} |"
        )
    return "\n".join(lines)


def _parts(found: Sequence[Part]) -> str:
    heads = [f"{number} connection" + ("" if number == 1 else "s") for number in CONNECTIONS]
    lines = [f"| what differs | of | over | {' | '.join(heads)} |", "|---|---|---|" + "--:|" * len(heads)]
    for part in found:
        ratios = [f"{part.ratios[number]:.2f}" if number in part.ratios else "" for number in CONNECTIONS]
        lines.append(f"| {part.what} | {part.over.name} | {part.under.name} | {' | '.join(ratios)} |")
    return "\n".join(lines)


def _closed(summary: Summary) -> Iterable[str]:
    for cell in dict.fromkeys(cell for _, cell in summary if cell.rate is None):
        rows = [
            f"| {_named(name, of)} | {of.requests_per_second.shown()} | {_latency(of)} | {_cpu(of)} "
            f"| {of.memory_bytes.shown(2**-20)} |"
            for name, of in _of_cell(summary, cell)
        ]
        yield f"### {title(cell)}"
        yield "\n".join([_HEAD, *rows])


def _open(summary: Summary) -> str:
    cells = sorted({cell for _, cell in summary if cell.rate is not None}, key=lambda cell: cell.rate or 0)
    if not cells:
        return "Not measured."
    rows = [
        f"| {_named(name, of)} | {cell.rate:g} | {of.requests_per_second.shown()} "
        f"| {_latency(of)} | {_cpu(of)} |"
        for cell in cells
        for name, of in _of_cell(summary, cell)
    ]
    return "\n".join([_OFFERED, *rows])


def _of_cell(summary: Summary, cell: Cell) -> Sequence[tuple[str, Figures]]:
    """In the order in which servers are listed everywhere."""
    return [(one.name, summary[one.name, cell]) for one in ALL if (one.name, cell) in summary]


def _left_out(results: Results) -> str:
    """What took no part, or does not count."""
    lines = [f"- {name}: {reason}" for name, reason in results.absent.items()]
    lines += [f"- {_void(sample)}" for sample in void(results.samples)]
    return "\n".join(lines) or "Nothing."


def _void(sample: Sample) -> str:
    errors = ", ".join(f"{count} x {text}" for text, count in sample.errors.items()) or "no answer at all"
    return f"{sample.server}, {title(sample.cell)}, round {sample.round}: void, since there was {errors}"


def _client(results: Results) -> str:
    """Whether the load tool itself is what was measured."""
    lines = [
        f"- The echo server under {check.tool}: {check.requests_per_second:,.0f} requests/s, with "
        f"{check.client_cpu:.0%} of the client's core"
        for check in results.client_checks
    ]
    busiest = max((sample.client_cpu for sample in results.samples), default=0.0)
    lines.append(f"- The client's core in the measurement where it was busiest: {busiest:.0%}")
    return "\n".join(lines)


def title(cell: Cell) -> str:
    """A cell in words."""
    rows = f"{cell.rows} row" + ("" if cell.rows == 1 else "s")
    load = f"{cell.connections} connection" + ("" if cell.connections == 1 else "s")
    if cell.rate is not None:
        load = f"{cell.rate:g} requests/s offered"
    return f"{cell.model}, {cell.engine}, {cell.wire}, {rows}, {load}"


def _latency(figures: Figures) -> str:
    """With the number of requests that they are of, in the round that had fewest."""
    percentiles = f"{figures.p50_seconds.shown(1e3, 2)} | {figures.p99_seconds.shown(1e3, 2)}"
    return f"{percentiles} | {figures.requests.smallest:,.0f}"


def _named(name: str, figures: Figures) -> str:
    """The server; where rounds are void its figures are medians of fewer, and that is said beside them."""
    return f"{name} ({figures.note})" if figures.note else name


def _cpu(figures: Figures) -> str:
    return figures.cpu_seconds_per_request.shown(1e3, 3)
