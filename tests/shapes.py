"""Answers in the shapes of the offices, written by us: layouts as the offices print them, figures given by the test."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence

from helpers.months import MONTH_NAMES

IMF_HEAD = ("DATAFLOW", "COUNTRY", "INDICATOR", "COUNTERPART_COUNTRY", "FREQUENCY", "TIME_PERIOD", "OBS_VALUE", "SCALE",
            "PRECISION", "DECIMALS_DISPLAYED", "TRADE_FLOW", "VALUATION", "UNIT", "DERIVATION_TYPE", "OVERLAP",
            "STATUS")  # fmt: skip
EUROSTAT_HEAD = ("DATAFLOW", "LAST UPDATE", "freq", "stk_flow", "indic_et", "partner", "sitc06", "geo", "TIME_PERIOD",
                 "OBS_VALUE", "OBS_FLAG", "CONF_STATUS")  # fmt: skip
COMEXT_HEAD = ("DATAFLOW", "LAST UPDATE", "freq", "reporter", "partner", "product", "flow", "indicators", "TIME_PERIOD",
               "OBS_VALUE")  # fmt: skip
ABS_HEAD = ("DATAFLOW", "COMMODITY_SITC: Commodity by SITC", "COUNTRY_ORIGIN: Country of Origin",
            "STATE_DEST: State of Destination", "FREQ: Frequency", "TIME_PERIOD: Time Period", "OBS_VALUE",
            "UNIT_MULT: Unit of Multiplier")  # fmt: skip


def as_csv(head: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows(rows)
    return text.getvalue().encode()


def imf(indicator: str, values: Iterable[tuple[str, str, object]]) -> bytes:
    """``values``: three-letter code or G001, month ``YYYY-MM``, dollars; the first row describes the dataset only."""
    flow = indicator[:2]
    rows = [("IMF.STA:IMTS(1.0.0)", "CHN", indicator, "", "M", "", "", "", "", "", "", "", "USD", "", "", "")]
    rows += [
        ("IMF.STA:IMTS(1.0.0)", "CHN", indicator, partner, "M", f"{month[:4]}-M{month[5:]}", value, 6, "", "", flow,
         "FOB" if flow == "XG" else "CIF", "USD", "M", "OL", "")
        for partner, month, value in values
    ]  # fmt: skip
    return as_csv(IMF_HEAD, rows)


def eurostat(dataset: str, geo: str, values: Iterable[tuple[str, str, object]]) -> bytes:
    """``values``: SITC section or TOTAL, month, million euro."""
    return as_csv(
        EUROSTAT_HEAD,
        [(f"ESTAT:{dataset.upper()}(1.0)", "15/09/26 11:00:00", "M", "IMP", "TRD_VAL", "CN_X_HK", section, geo, month,
          value, "", "") for section, month, value in values],
    )  # fmt: skip


def comext(values: Iterable[tuple[str, str, object, object]]) -> bytes:
    """``values``: product, month, euro, hundreds of kilograms (``None`` leaves the row out)."""
    rows = []
    for product, month, euro, weight in values:
        for indicator, value in (("VALUE_IN_EUROS", euro), ("QUANTITY_IN_100KG", weight)):
            if value is not None:
                rows.append(("ESTAT:DS-045409(1.0)", "15/09/26", "M", "EU27_2020", "CN", product, "1", indicator, month,
                             value))  # fmt: skip
    return as_csv(COMEXT_HEAD, rows)


def abs_(values: Iterable[tuple[str, str, str, object]]) -> bytes:
    """``values``: code, label, month, thousand Australian dollars."""
    return as_csv(
        ABS_HEAD,
        [("ABS:MERCH_IMP(1.0.0)", "TOT: Total", f"{code}: {label}", "TOT: Total", "M: Monthly", month, value,
          "3: Thousands") for code, label, month, value in values],
    )  # fmt: skip


def census_totals(values: Iterable[tuple[str, str, str, object, object]]) -> bytes:
    """``values``: code, name, month, general imports, imports for consumption, in dollars; every cell is text."""
    head = ["CTY_CODE", "CTY_NAME", "GEN_VAL_MO", "CON_VAL_MO", "SUMMARY_LVL", "time"]
    rows = [[code, name, str(general), str(consumption), "DET", month]
            for code, name, month, general, consumption in values]  # fmt: skip
    return json.dumps([head, *rows]).encode()


def census_groups(values: Iterable[tuple[str, str, str, str, object, object]], column: str = "NAICS") -> bytes:
    """``values``: origin's code, name, group, month, imports for consumption, duty; filters come as columns again."""
    head = ["CTY_NAME", column, "CON_VAL_MO", "CAL_DUT_MO", "COMM_LVL", "CTY_CODE", "time"]
    level = {"NAICS": "NA3", "I_COMMODITY": "HS6"}[column]
    rows = [[name, group, str(value), str(duty), level, code, month]
            for code, name, group, month, value, duty in values]  # fmt: skip
    return json.dumps([head, *rows]).encode()


def comtrade(records: Iterable[dict[str, object]]) -> bytes:
    """``records``: what differs from record to record."""
    usual = {
        "typeCode": "C", "freqCode": "M", "refPeriodId": 20230101, "refYear": 2023, "refMonth": 1, "period": "202301",
        "reporterCode": 156, "reporterISO": None, "flowCode": "X", "partnerCode": 842, "partner2Code": 0,
        "classificationCode": "H6", "isOriginalClassification": True, "cmdCode": "TOTAL", "aggrLevel": None,
        "customsCode": "C00", "mosCode": "0", "motCode": 0, "qtyUnitCode": -1, "qty": 0.0, "isQtyEstimated": False,
        "netWgt": None, "isNetWgtEstimated": True, "grossWgt": 0.0, "cifvalue": None, "fobvalue": None,
        "primaryValue": 0.0, "legacyEstimationFlag": 0, "isReported": True, "isAggregate": False,
    }  # fmt: skip
    data = [{**usual, **record} for record in records]
    return json.dumps({"elapsedTime": "0.05 secs", "count": len(data), "data": data, "error": ""}).encode()


# --- China's customs -------------------------------------------------------------------------------------------------

Row = tuple[str, Sequence[str]]


def gacc_title(kind: str, month: str, currency: str) -> str:
    name, year = MONTH_NAMES[int(month[5:]) - 1], month[:4]
    if kind == "bulletin":
        return f"（2）Imports and Exports by Country （Region） of Origin/Destination,{int(month[5:])}.{year}"  # noqa: RUF001
    return f"(4) China's Total Export &amp; Import Values by Country/Region, {name[:3]} {year} (in {currency})"


def gacc_page(kind: str, month: str, currency: str, rows: Iterable[Row], *, unit: str = "", combined: bool = False,
              title: str = "", note: str = "Note: the regions overlap", picture: bool = False, spans: bool = True,
              head: tuple[Sequence[str], Sequence[str]] | None = None) -> bytes:  # fmt: skip
    """A page by country; ``rows`` are labels with nine cells as printed (six when combined)."""
    title = title or gacc_title(kind, month, currency)
    unit = unit or {"bulletin": "Unit:US$1,000", "preliminary": "Unit: USD1 Million" if currency == "USD" else
                    "Unit: CNY 100 Million"}[kind]  # fmt: skip
    upper, lower = head or gacc_head(kind, int(month[5:]), combined)
    body = [_line([title], len(upper)), _line([unit], len(upper)), _line(upper), _line(lower)]
    for label, cells in rows:
        label = label if spans else label.strip()
        body.append(_line([label, *(f"{cell}&nbsp;" if cell else "" for cell in cells)]))
    body.append(_line([note], len(upper)))
    table = '<img src="/Images/table.png"/>' if picture else f"<table><tbody>{''.join(body)}</tbody></table>"
    return (
        f"<!DOCTYPE html><html><head><meta charset='UTF-8'><title>{title}</title>"
        "<script>window.shown = '<table><tr><td>not a table</td></tr></table>';</script></head><body>"
        '<div class="g-nav"><a href="/statics/report/preliminary.html"><img src="/nav.gif" alt="arrow"></a></div>'
        f'<div class="atcl-ttl">{title}</div><div class="atcl-date">2026/04/08</div>'
        f'<div class="atcl-cnt">{table}</div></body></html>'
    ).encode()


def gacc_head(kind: str, number: int, combined: bool = False) -> tuple[list[str], list[str]]:
    groups = ("Total", "Exports", "Imports") if kind == "bulletin" else ("Export &amp; Import", "Export", "Import")
    if kind == "bulletin":
        first = ("Country （Region）", "Country （Region）")  # noqa: RUF001
        spans = [str(number), f"1to{number}"] if number > 1 else ["1"]
        rate = "Percentage Change"
    else:
        first = ("Import Source", "Export Destination")
        spans = [f"1- to-{number}"] if combined else [str(number), f"1- to-{number}"]
        rate = f"1-to-{number} Total Year-on-Year (±%)"
    upper = [first[0], *(group for group in groups for _ in spans), *[rate] * 3]
    lower = [first[1], *(span for _ in groups for span in spans), *groups]
    return upper, lower


def _line(cells: Sequence[str], across: int = 1) -> str:
    wide = f' colspan="{across}"' if across > 1 else ""
    return "<tr>" + "".join(f"<td{wide}><span><b>{cell}</b></span></td>" for cell in cells) + "</tr>"


def gacc_index(kind: str, year: str, links: Iterable[tuple[str, str, str]]) -> bytes:
    """An index page; ``links``: month, currency, address. Addresses are not quoted, months to come are no links."""
    rows = []
    links = list(links)
    for currency in sorted({currency for _, currency, _ in links}):
        held = {month: address for month, other, address in links if other == currency}
        cells = [
            f"<a href={held[month]}> {name[:3]}.</a>" if (month := f"{year}-{number:02d}") in held
            else f"</br><span>{name[:3]}.</span>"
            for number, name in enumerate(MONTH_NAMES, start=1)
        ]  # fmt: skip
        title = "（2）Imports and Exports by Country （Region） of Origin/Destination" if kind == "bulletin" else (  # noqa: RUF001
            f"(4) China's Total Export &amp; Import Values by Country/Region (in {currency})"
        )  # fmt: skip
        rows.append(f"<tr><td>{title}</td><td>{''.join(cells)}</td></tr>")
    return (
        f'<html><head><title>Statistics</title></head><body><select id="monthlysel"><option value="{year}">{year}'
        f'</option><option value="2018">2018</option></select><a href="http:/statics/report/trade.html">Indices</a>'
        "<table><thead><tr><th>Title</th><th>Month</th></tr></thead><tbody>"
        "<tr><td>（1）Summary of Imports and Exports (In USD)</td><td><a href=/Statics/a0.html> Jan.</a></td></tr>"  # noqa: RUF001
        f"{''.join(rows)}</tbody></table></body></html>"
    ).encode()
