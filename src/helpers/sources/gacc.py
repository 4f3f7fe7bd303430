"""China's customs (GACC), English pages: the preliminary release by country and the monthly bulletin by country.

An index page leads to one page for each month (and currency). The two kinds of page have one layout: a title with the
month, a unit, two header rows, and a row for each partner with month, cumulative and year-on-year rate of the
cumulative. January and February come together in most years; a January page has one column where others have two.
The rates belong to the cumulative figures; a month is never taken as a difference of two cumulative ones.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

from helpers import partners
from helpers.months import MONTH_NAMES
from helpers.sources.contract import (
    Ask,
    Dataset,
    Figure,
    Office,
    RefusedAnswer,
    Terms,
    Wanted,
    check_doubles,
    check_sum,
)
from helpers.sources.documents import Page, as_page
from helpers.sources.printed import half_unit, number

HOST = "english.customs.gov.cn"
ADDRESS = f"http://{HOST}"  # the office answers in plain http only
FIRST_YEAR = 2018  # of the English pages
INDEX = {"preliminary": "/statics/report/preliminary{year}.html", "bulletin": "/statics/report/monthly{year}.html"}
TITLES = {
    "preliminary": re.compile(
        r"China.s Total (Export & Import Values|Values? of Imports and Exports) by (Major )?Country", re.IGNORECASE
    ),
    "bulletin": re.compile(r"Imports and Exports by Country ?\(Region\) of Origin/Destination", re.IGNORECASE),
}
MONTHS = {name[:3].lower(): number for number, name in enumerate(MONTH_NAMES, start=1)}
WRITTEN = re.compile(r"\b(" + "|".join(name[:3] for name in MONTH_NAMES) + r")[a-z]*\b\.?", re.ASCII | re.IGNORECASE)
UNIT = re.compile(
    r"Unit ?: ?(CNY|RMB|USD|US\$)[ ¥]*+([0-9][0-9,]*+)?+ ?+([a-z]*+)(?!\w|\.[0-9])", re.ASCII | re.IGNORECASE
)
TO_MILLIONS = {"": Decimal("0.000001"), "thousand": Decimal("0.001"), "million": Decimal(1), "billion": Decimal(1000)}
GROUPS = {
    "export&import": "total", "total": "total", "export": "exports", "exports": "exports", "import": "imports",
    "imports": "imports",
}  # fmt: skip
LABEL_HEADS = ("importsource", "exportdestination", "country(region)")
HIDDEN = re.compile(r"#+|\*?#?REF!")  # a spreadsheet's column too narrow, or a lost link: nothing was printed
# Who is counted inside another row of the preliminary release.
INSIDE = {"BR": "LATAM", "MX": "LATAM", "ZA": "AFRICA"}
AGGREGATES = {"APEC", "RCEP", "BRI"}


def _dataset(stem: str, kind: str, currency: str, vintage: str) -> Dataset:
    return Dataset(
        stem, "gacc", f"China's trade by partner, {kind}, {currency}", f"{kind.capitalize()}, by country (region)",
        "CN", currency, "exports FOB, imports CIF", "Exports by destination and imports by origin, as first printed by "
        "the English pages; rates are those of the cumulative figures.", vintage,
        "January and February come together in most years. ASEAN includes Timor-Leste from 2026 in the bulletin.",
    )  # fmt: skip


DATASETS = (
    _dataset("gacc_preliminary_usd", "preliminary release", "USD", "first_print"),
    _dataset("gacc_preliminary_cny", "preliminary release", "CNY", "first_print"),
    _dataset("gacc_bulletin_usd", "monthly bulletin", "USD", "bulletin"),
)


def plan(wanted: Wanted) -> list[Ask]:
    """Ask for the index pages: the current year's, and one for each earlier year."""
    years = [str(year) for year in range(max(FIRST_YEAR, int(wanted.first[:4])), int(wanted.last[:4]) + 1)]
    return [
        Ask(
            "gacc", f"index-{kind}-{year or 'current'}", address.format(year=year), wanted.first, wanted.last, "html",
            about=(kind, year), empty=(404,) if year else (),
        )
        for kind, address in INDEX.items()
        for year in ["", *years[:-1]]
    ]  # fmt: skip


def follow(ask: Ask, body: bytes, wanted: Wanted) -> list[Ask]:
    """Return the pages of the wanted months that an index leads to."""
    kind, year = ask.about
    page = as_page(ask, body)
    years = [option for option in page.options if re.fullmatch(r"20[0-9]{2}", option)]
    year = year or max(years, default=wanted.last[:4])
    asks: dict[str, Ask] = {}
    rows = [(texts, links) for grid, links in zip(page.tables, page.links, strict=True)
            for texts, links in zip(grid, links, strict=True)]  # fmt: skip
    titled = [(_normal(texts[0]), links) for texts, links in rows if texts and TITLES[kind].search(_normal(texts[0]))]
    if not titled:
        raise RefusedAnswer(
            "gateway page" if not page.tables else "columns", f"{ask.name}: no row of the table by country: "
            f"{page.title[:80]!r}", expected="an index of titles and months",
        )  # fmt: skip
    _check_whole(ask, page)
    for title, links in titled:
        currency = "CNY" if re.search(r"\b(CNY|RMB)\b", title) else "USD"
        if not any(item.stem == f"gacc_{kind}_{currency.lower()}" for item in DATASETS):
            continue
        for text, href in links:
            named = [MONTHS[found.lower()[:3]] for found in WRITTEN.findall(text)]
            month = f"{year}-{named[-1]:02d}" if named else ""
            if wanted.first <= month <= wanted.last:
                found = _page_ask(ask, kind, month, currency, href)
                asks[found.name] = found
    return list(asks.values())


def _page_ask(index: Ask, kind: str, month: str, currency: str, href: str) -> Ask:
    found = re.fullmatch(rf"(?:(?:http:)?//{re.escape(HOST)})?(/[Ss]tatics/[A-Za-z0-9_-]+\.html)(?:[?#].*)?",
                         href.strip().replace("\\", "/"))  # fmt: skip
    if not found:
        raise RefusedAnswer(
            "redirect", f"{index.name}: a link to {href[:80]!r}", expected=f"{ADDRESS}/Statics/….html"
        )  # fmt: skip
    return Ask(
        "gacc", f"{kind}-{month}-{currency.lower()}", found[1], month[:4] + "-01", month, "html",
        f"gacc_{kind}_{currency.lower()}", (kind, month, currency),
    )  # fmt: skip


@dataclass(frozen=True)
class Layout:
    """A page's table: its month, whether January and February stand together, factor to millions, columns, rows."""

    month: str
    combined: bool
    to_millions: Decimal
    columns: dict[tuple[str, str], int]
    rows: list[tuple[str, list[str]]]


def read(ask: Ask, body: bytes) -> list[Figure]:
    """Read a page by country: a month and a cumulative figure for each partner and flow."""
    kind, month, currency = ask.about
    layout = _layout(ask, as_page(ask, body), kind, month, currency)
    figures = []
    for label, cells in layout.rows:
        found = {
            key: _cell(cells[place], f"{ask.name}: {label}, {' '.join(key)}") for key, place in layout.columns.items()
        }
        _check_row(ask, label, found, layout)
        figures += _figures(label, found, layout)
    _check_parts(ask, figures, kind, layout)
    return figures


def _cell(text: str, where: str) -> tuple[Decimal | None, Decimal]:
    if HIDDEN.fullmatch(text.strip()):
        return None, Decimal(0)
    value = number(text, where)
    return value, half_unit(text) if value is not None else Decimal(0)


def _figures(label: str, found: dict, layout: Layout) -> list[Figure]:
    kinds = {"month": "month", "cumulative": "jan_feb" if layout.month.endswith("-02") else "ytd"}
    out = []
    for flow, concept in (("exports", "exports_fob"), ("imports", "imports_cif")):
        for span, kind in kinds.items():
            value, half = found.get((flow, span), (None, Decimal(0)))
            if value is None:
                continue
            of_january = layout.month.endswith("-01")
            yoy = found["growth", flow][0] if span == "cumulative" or of_january else None
            out.append(
                Figure(layout.month, kind, label, flow, concept, value * layout.to_millions, half * layout.to_millions,
                       yoy_pct="" if yoy is None else f"{yoy:f}")
            )  # fmt: skip
    return out


def _layout(ask: Ask, page: Page, kind: str, month: str, currency: str) -> Layout:
    grids = [grid for grid in page.tables if any(_head_row(row) is not None for row in grid)]
    if not grids:
        if TITLES[kind].search(_normal(page.text)) and page.has_picture:
            raise RefusedAnswer("picture", f"{ask.name}: {page.title[:120]}", expected="a table of text")
        raise RefusedAnswer("gateway page", f"{ask.name}: no table by country: {page.title[:80]!r}",
                            expected="a table by country")  # fmt: skip
    _check_whole(ask, page)
    grid = grids[-1]  # the innermost, when tables are nested
    top = next(place for place, row in enumerate(grid) if _head_row(row) is not None)
    title = next((text for text in (_normal(page.title), *(_normal(cell) for row in grid[:top] for cell in row))
                  if TITLES[kind].search(text)), "")  # fmt: skip
    _check_title(ask, title, kind, month, currency)
    above = dict.fromkeys(_normal(cell) for row in grid[:top] for cell in row)
    factor = _unit(ask, "; ".join(above), currency)
    columns, combined = _columns(ask, grid[top : top + 2], int(month[5:]))
    first, width = _head_row(grid[top]), len(grid[top])
    rows = []
    for line in grid[top + 2 :]:
        cells = line[first:]
        label = _label(cells[0]) if cells else ""
        if not label or label.lower().startswith("note") or (len(set(cells)) == 1 and not partners.is_known(label)):
            continue
        if len(line) != width:
            raise RefusedAnswer("columns", f"{ask.name}: {label[:60]}: {len(line)} cells", expected=f"{width} cells")
        rows.append((label, cells))
    if not rows:
        raise RefusedAnswer("truncated", f"{ask.name}: a header and no rows", expected="a row for each partner")
    return Layout(month, combined, factor, columns, rows)


def _check_whole(ask: Ask, page: Page) -> None:
    if not page.is_whole:
        raise RefusedAnswer("truncated", f"{ask.name}: the page ends inside its table", expected="a whole page")


def _head_row(row: list[str]) -> int | None:
    """Return the column of the partners' names if this is the upper header row."""
    heads = [place for place, cell in enumerate(row) if _squeezed(cell) in LABEL_HEADS]
    return heads[0] if heads and len(row) - heads[0] >= 7 else None


def _columns(ask: Ask, head: list[list[str]], month: int) -> tuple[dict[tuple[str, str], int], bool]:
    """Name every column by its two header cells; all that a page must have, none twice, none that nobody knows."""
    if len(head) < 2 or len(head[0]) != len(head[1]):
        raise RefusedAnswer("columns", f"{ask.name}: two header rows of different width", expected="two header rows")
    first = _head_row(head[0]) or 0
    spans = {str(month): "month", f"1to{month}": "cumulative"}
    columns: dict[tuple[str, str], int] = {}
    for place, (upper, lower) in enumerate(zip(head[0][first:], head[1][first:], strict=True)):
        above, below = _squeezed(upper), _squeezed(lower)
        if place == 0:
            continue
        if re.fullmatch(rf"(1-?to-?{month}total)?year-on-year\(±%\)|percentagechange|1-?to-?{month}totalyear-on-year.*",
                        above):  # fmt: skip
            key = ("growth", GROUPS.get(below, ""))
        else:
            key = (GROUPS.get(above, ""), spans.get(below.replace("-", ""), ""))
        if "" in key or key in columns:
            raise RefusedAnswer(
                "columns", f"{ask.name}: column {place + 1}: {upper[:40]!r} over {lower[:40]!r}",
                expected="total, exports and imports by month and cumulative, and three rates",
            )  # fmt: skip
        columns[key] = place
    flows = ("total", "exports", "imports")
    found = {span for key, span in columns if key != "growth"}
    wanted = {(flow, span) for flow in flows for span in found} | {("growth", flow) for flow in flows}
    allowed = [{"month", "cumulative"}]
    allowed += [{"month"}] if month == 1 else []
    allowed += [{"cumulative"}] if month == 2 else []
    if found not in allowed or set(columns) != wanted:
        raise RefusedAnswer(
            "columns", f"{ask.name}: {len(columns)} columns: {', '.join(' '.join(key) for key in columns)[:200]}",
            expected="total, exports and imports by month and cumulative, and three rates",
        )  # fmt: skip
    return columns, found == {"cumulative"}


def _stated(title: str, kind: str) -> tuple[str, str]:
    """Return month and currency that a title states; empty where it states none."""
    if kind == "bulletin":
        found = re.search(r",\s*(?:1-)?([0-9]{1,2})\.([0-9]{4})", title)
        return (f"{found[2]}-{int(found[1]):02d}" if found else ""), ""
    years = re.findall(r"\b20[0-9]{2}\b", title)
    named = [MONTHS[text.lower()[:3]] for text in WRITTEN.findall(title)]
    currencies = re.findall(r"\b(USD|CNY|RMB)\b", title)
    month = f"{years[-1]}-{named[-1]:02d}" if years and named else ""
    return month, currencies[-1].replace("RMB", "CNY") if currencies else ""


def _check_title(ask: Ask, title: str, kind: str, month: str, currency: str) -> None:
    if not title:
        raise RefusedAnswer("gateway page", f"{ask.name}: no title of the table by country", expected="its title")
    period, stated = _stated(title, kind)
    if stated not in ("", currency):
        raise RefusedAnswer("unit", f"{ask.name}: {title[:120]}", expected=currency)
    if period != month:
        raise RefusedAnswer("other month", f"{ask.name}: {title[:120]}", expected=f"the page of {month}")


def ask_of(name: str, body: bytes) -> Ask:
    """Return the ask that a page saved by hand answers, by its title: the month, the currency, the kind of page."""
    saved = Ask("gacc", name, "", "1900-01", "2999-12", "html")
    page = as_page(saved, body)
    for kind, pattern in TITLES.items():
        title = next((text for text in (_normal(page.title), _normal(page.text[:2000])) if pattern.search(text)), "")
        month, currency = _stated(title[pattern.search(title).start() :][:200], kind) if title else ("", "")
        if month:
            return _page_ask(saved, kind, month, currency or "USD", "/Statics/saved.html")
    raise RefusedAnswer(
        "gateway page", f"{name}: {page.title[:80]!r}", expected="a page by country of China's customs, with its month",
        remedy="save the page that the index leads to, as HTML, and give its file",
    )  # fmt: skip


def _unit(ask: Ask, text: str, currency: str) -> Decimal:
    found = UNIT.search(text)
    if not found:
        raise RefusedAnswer(
            "unit", f"{ask.name}: no unit: {text[-80:]!r}", expected="a line such as Unit: USD1 Million"
        )
    stated = {"RMB": "CNY", "US$": "USD"}.get(found[1].upper(), found[1].upper())
    if stated != currency:
        raise RefusedAnswer(
            "unit", f"{ask.name}: the unit says {stated}, the title {currency}", expected=f"figures in {currency}"
        )  # fmt: skip
    times = TO_MILLIONS.get(found[3].lower(), Decimal(0))
    factor = Decimal((found[2] or "1").replace(",", "")) * times
    if not Decimal("0.000001") <= factor <= 1000:
        raise RefusedAnswer(
            "unit", f"{ask.name}: {found[0]}", expected="units, thousands, millions or hundred millions"
        )
    return factor


def _check_row(ask: Ask, label: str, found: dict, layout: Layout) -> None:
    for span in ("month", "cumulative"):
        cells = [found.get((flow, span)) for flow in ("total", "exports", "imports")]
        if all(cell and cell[0] is not None for cell in cells):
            (total, a), (exports, b), (imports, c) = cells
            check_sum(f"{ask.name}: {label}, {span}", total, [exports, imports], (a + b + c) * Decimal("1.01"),
                      whole=True)  # fmt: skip
    for flow in ("exports", "imports"):
        month, cumulative = found.get((flow, "month")), found.get((flow, "cumulative"))
        if month and cumulative and None not in (month[0], cumulative[0]):
            check_sum(f"{ask.name}: {label}, {flow} since January", cumulative[0], [month[0]],
                      month[1] + cumulative[1], whole=False)  # fmt: skip


def _check_parts(ask: Ask, figures: list[Figure], kind: str, layout: Layout) -> None:
    """Hold the world against regions and countries, and blocs against their members."""
    check_doubles(ask, figures)
    for flow in ("exports", "imports"):
        for period_kind in ("month", "jan_feb", "ytd"):
            held = {}
            for figure in figures:
                if figure.flow == flow and figure.period_kind == period_kind and partners.is_known(figure.partner):
                    held[partners.code_of(figure.partner, figure.period)] = figure
            world = held.get(partners.WORLD)
            if world is None:
                continue
            name = f"{ask.name}: {flow}, {period_kind}"
            blocs = {partners.family_of(code): figure for code, figure in held.items()}
            for bloc in ("EU", "ASEAN"):
                inside = [held[code] for code in partners.members_of(bloc) if code in held]
                if bloc in blocs and inside:
                    check_sum(f"{name}, {bloc}", blocs[bloc].value, [part.value for part in inside],
                              blocs[bloc].half_unit + sum(part.half_unit for part in inside), whole=False)  # fmt: skip
            if kind == "bulletin" and all(code in held for code in partners.CONTINENTS):
                parts = [held[code] for code in partners.CONTINENTS]
                check_sum(f"{name}, continents", world.value, [part.value for part in parts], world.value / 200,
                          whole=True)  # fmt: skip
            elif kind == "preliminary":
                members = {code for bloc in ("EU", "ASEAN") if bloc in blocs for code in partners.members_of(bloc)}
                apart = [
                    figure for code, figure in held.items()
                    if code != partners.WORLD and code not in members and code not in AGGREGATES
                    and INSIDE.get(code) not in held
                ]  # fmt: skip
                check_sum(f"{name}, partners apart", world.value, [part.value for part in apart],
                          sum(part.half_unit for part in apart) + world.half_unit, whole=False)  # fmt: skip


def _normal(text: str) -> str:
    return re.sub(r" +", " ", unicodedata.normalize("NFKC", text)).strip()


def _squeezed(text: str) -> str:
    return re.sub(r"\s", "", _normal(text)).lower()


def _label(text: str) -> str:
    return re.sub(r"^of which ?: ?", "", _normal(text), flags=re.IGNORECASE).rstrip(":").strip()


OFFICE = Office(
    "gacc", "General Administration of Customs of China (GACC)", ADDRESS,
    Terms("No open licence is stated.", "Single figures are quoted with their source."),
    DATASETS, plan, read, pace=2.0, largest=8 * 2**20, follow=follow,
)  # fmt: skip
