"""What the commands print: the same data as JSON, and as text for a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from csr_match import regions
from csr_match.domain import Organisation, Record, Tag
from csr_match.match.config import COMPONENTS
from csr_match.match.explain import quote_as_dict
from csr_match.taxonomy import label_of

if TYPE_CHECKING:
    from rich.console import Console

    from csr_match.domain import Match
    from csr_match.match import Ranking
    from csr_match.store import StoredPassage

DIGITS = 9
BAR = 20


def console() -> Console:
    """Standard output, as wide as the terminal, 110 columns elsewhere."""
    import sys

    from rich.console import Console

    return Console(highlight=False, width=None if sys.stdout.isatty() else 110, soft_wrap=False)


def rounded(value: Any) -> Any:
    """All floats to nine digits: short to read, and contributions still add up to the score."""
    if isinstance(value, float):
        return round(value, DIGITS)
    if isinstance(value, Mapping):
        return {k: rounded(v) for k, v in value.items()}
    return [rounded(v) for v in value] if isinstance(value, list | tuple) else value


def match_as_dict(match: Match) -> dict[str, Any]:
    """A match as JSON-ready data."""
    o = match.organisation
    return {
        "organisation": o.id,
        "name": o.label,
        "country": o.country,
        "region": o.place,
        "type": o.type.value if o.type else None,
        "score": round(match.score, DIGITS),
        "good": match.good,
        "relation": match.relation,
        "reason": match.reason,
        "components": [rounded(c._asdict()) for c in match.components],
        "quotes": [rounded(quote_as_dict(q)) for q in match.quotes],
    }


def ranking_as_dict(ranking: Ranking) -> dict[str, Any]:
    """A ranking as JSON-ready data."""
    return {
        "query": {
            "organisation": ranking.query.id,
            "name": ranking.query.label,
            "region": ranking.query.place,
        },
        "home": ranking.home,
        "candidates": ranking.candidates,
        "left_out": ranking.left_out,
        "no_good_partner": ranking.no_good_partner,
        "matches": [match_as_dict(m) for m in ranking.matches],
    }


def place_name(code: str | None) -> str:
    """A region as people read it: code, name and country."""
    if code is None:
        return "region unknown"
    named = f"{code} {regions.name(code)}"
    return named if len(code) == 2 else f"{named}, {regions.name(code[:2])}"


def render_ranking(ranking: Ranking, why: bool) -> None:
    """A ranking for a terminal."""
    from rich.text import Text

    out = console()
    home = place_name(ranking.home) if ranking.home else "home region not given: --home would leave it out"
    out.print(Text.assemble(("Partners for ", "bold"), (ranking.query.label, "bold"), f"  ({home})"))
    out.print(f"{ranking.candidates} candidates considered" + _left_out(ranking.left_out), style="dim")
    if ranking.query.needs is None:
        out.print("What it looks for is not known, so only fit and their needs count.", style="dim")
    if ranking.no_good_partner:
        out.print("\n[bold]No good partner here.[/bold] " + _no_partner_hint(ranking))
        if ranking.matches:
            out.print("The nearest, none of which deserves it:")
    for place, match in enumerate(ranking.matches, 1):
        _render_match(out, place, match, why)


def _left_out(counts: Mapping[str, int]) -> str:
    return "; left out: " + ", ".join(f"{n} {why}" for why, n in counts.items()) if counts else ""


def _no_partner_hint(ranking: Ranking) -> str:
    if not ranking.candidates:
        return "Nobody passes: loosen the filters, or load more profiles."
    return "Say more of what you offer and look for, or load more profiles."


def _render_match(out: Console, place: int, match: Match, why: bool) -> None:
    from rich.text import Text

    o = match.organisation
    kind = o.type.value if o.type else "type unknown"
    weak = "" if match.good else " · weak"
    out.print()
    out.print(
        Text.assemble(f"{place:>3}  ", (f"{match.score:.3f}", "bold cyan"), "  ", (o.label, "bold"), f"  [{o.id}]")
    )
    out.print(Text(f"{'':12}{place_name(o.place)} · {kind} · {match.relation}{weak}"), soft_wrap=True)
    _indented(out, match.reason, 12)
    for component in match.components if why else ():
        known = "   ?" if component.value is None else f"{component.value:.2f}"
        bar = "█" * round(BAR * component.contribution / max(component.weight, 1e-9))
        text = f"{component.name:<27}{known:>5} x {component.weight:.2f} = {component.contribution:.3f}  {bar}"
        out.print(Text(f"{'':12}{text}"), soft_wrap=True)
        if component.value is None:
            _indented(out, component.evidence["unknown"], 14, "dim")
    for quote in match.quotes if why else ():
        _indented(out, f"{COMPONENTS[quote.component].about}:", 12)
        for side, passage in (("theirs", quote.theirs), ("ours", quote.ours)):
            _indented(out, f'{side} ({passage.field}, worth {passage.contribution:+.3f}): "{passage.text}"', 14, "dim")


def _indented(out: Console, text: str, columns: int, style: str = "") -> None:
    import textwrap

    from rich.text import Text

    margin = " " * columns
    filled = textwrap.fill(text, out.width, initial_indent=margin, subsequent_indent=margin, break_on_hyphens=False)
    out.print(Text(filled, style=style), soft_wrap=True)


def tags_as_dicts(tags: Iterable[Tag]) -> list[dict[str, Any]]:
    """Tags as JSON-ready data, each concept once with its best score, best first."""
    best: dict[str, Tag] = {}
    for tag in sorted(tags, key=lambda t: (-t.score, t.concept)):
        best.setdefault(tag.concept, tag)
    return [
        {"concept": t.concept, "label": label_of(t.concept), "score": t.score, "quote": t.quote, "how": t.how}
        for t in best.values()
    ]


def render_tags(tags: Sequence[Mapping[str, Any]]) -> None:
    """Tags for a terminal."""
    from rich.table import Table

    if not tags:
        console().print("No concept found: say more concretely what is done, for whom, with which technology.")
        return
    table = Table("concept", "label", "score", "proved by", box=None, pad_edge=False)
    for tag in tags:
        table.add_row(tag["concept"], tag["label"], f"{tag['score']:.2f}", f'"{tag["quote"]}" ({tag["how"]})')
    console().print(table)


def record_as_dict(
    record: Record,
    passages: Sequence[StoredPassage],
    corrections: Mapping[str, bool],
    origin: tuple[str, str],
) -> dict[str, Any]:
    """A record as JSON-ready data: its fields, where each comes from, its tags and corrections."""
    fields = record.model_dump(mode="json", exclude={"provenance"})
    if isinstance(record, Organisation):
        fields |= {name: "unknown" for name in ("offers", "needs") if fields[name] is None}
    filled = [n for n, v in fields.items() if v not in (None, [], {}, "unknown") and n not in ("id", "kind", "doubts")]
    return {
        "record": fields,
        "provenance": {name: record.source_of(name).model_dump(mode="json") for name in filled},
        "tags": tags_as_dicts(t for p in passages for t in p.tags),
        "corrections": dict(corrections),
        "origin": origin[0],
        "loaded_at": origin[1],
    }


def render_record(shown: Mapping[str, Any]) -> None:
    """A record for a terminal."""
    from rich.text import Text

    out = console()
    record, provenance = shown["record"], shown["provenance"]
    out.print(Text(f"{record.get('short_name') or record['name']}  [{record['id']}]  {record['kind']}", style="bold"))
    for name, value in record.items():
        if name in ("id", "kind", "doubts") or value in (None, [], {}):
            continue
        source = provenance.get(name)
        trail = f"  ({source['status']}{', ' + source['source'] if source['source'] else ''})" if source else ""
        if isinstance(value, list) and value and isinstance(value[0], Mapping):
            out.print(Text(f"{name}:"))
            for item in value:
                out.print(Text(f"  - {_item(item)}"))
        else:
            out.print(Text.assemble(f"{name}: {_plain(value)}", (trail, "dim")))
    for doubt in record.get("doubts", []):
        out.print(Text(f"doubt on {doubt['field']}: {doubt['text']}", style="yellow"))
    if shown["tags"]:
        out.print(Text("tags:", style="bold"))
        render_tags(shown["tags"])
    for concept, holds in shown["corrections"].items():
        out.print(f"corrected by hand: {'has' if holds else 'lacks'} {concept} ({label_of(concept)})")
    out.print(Text(f"loaded {shown['loaded_at']} from {shown['origin']}", style="dim"))


def render_stats(found: Mapping[str, Any], rows: int = 20) -> None:
    """Coverage for a terminal: a bar a row, then what is thin."""
    out = console()
    out.print(f"{found['organisations']} organisations", style="bold")
    named: dict[str, Callable[[str], str]] = {
        "region": place_name,
        "country": place_name,
        "capability": label_of,
        "stage": label_of,
    }
    for kind, counts in found["by"].items():
        out.print(f"\nby {kind}", style="bold")
        most = max([*counts.values(), 1])
        for value, count in list(counts.items())[:rows]:
            name = named[kind](value) if kind in named and value != "unknown" else value
            head = name if name.startswith(value) else f"{value} {name}"
            out.print(f"  {head[:48]:<48} {count:>6} {'█' * round(BAR * count / most)}", soft_wrap=True)
        if len(counts) > rows:
            out.print(f"  ... and {len(counts) - rows} more (--json lists all)", style="dim")
    out.print("\ncompleteness", style="bold")
    for name, share in found["completeness"].items():
        out.print(f"  {name:<48} {share:>6.0%} {'█' * round(BAR * share)}", soft_wrap=True)
    out.print("\nthin", style="bold")
    for kind, names in found["thin"].items():
        _indented(out, f"{kind}: " + ", ".join(f"{n} {label_of(n)}" if label_of(n) != n else n for n in names), 2)
    if not found["thin"]:
        out.print("  nowhere")


def _plain(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{k} {v}" for k, v in value.items() if v is not None)
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _item(item: Mapping[str, Any]) -> str:
    text = item.get("text") or item.get("listed_as") or item.get("name")
    rest = [
        ", ".join(v) if isinstance(v, list) else str(v)
        for k, v in item.items()
        if k in ("capabilities", "stages", "organisation", "country", "status", "source") and v
    ]
    return f"{text}  ({'; '.join(rest)})" if rest else str(text)
