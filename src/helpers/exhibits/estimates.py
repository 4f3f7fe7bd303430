"""What is shown of the estimates: each figure and table with its title, source and caution."""

from __future__ import annotations

import pandas as pd

from helpers import charts, charts_windows, estimate_views, figures, headlines, path_views, provenance
from helpers.excess import Results
from helpers.exhibits.sources import gacc, importers


def sources() -> str:
    """Return the source line of all series with an estimate."""
    others = provenance.source_line("eurostat_imports_euro", "rcep", "gacc_trade_by_partner_usd")
    return f"{importers()}; {others}"


def show_lumps(lumps: pd.DataFrame) -> None:
    """Show the one-off lumps that are left out of the other origins."""
    figures.show_table(
        estimate_views.lump_rows(lumps),
        name="lumps",
        title=f"{len(lumps)} one-off lumps are left out of the other origins",
        source=importers(),
        columns=estimate_views.LUMP_COLUMNS,
        data=lumps,
    )


def show_form_candidates(candidates: pd.DataFrame) -> None:
    """Show the forms that were tried, and the error of each."""
    figures.show_table(
        estimate_views.candidate_rows(candidates),
        name="form_candidates",
        title=estimate_views.of_candidates(candidates),
        source=importers(),
        columns=estimate_views.CANDIDATE_COLUMNS,
        note=(
            "Left: placebo error over that of the seasonal-naive forecast, on common origins; below one is "
            "better than repeating the last year. Right: the gap of W1 that each form would find, in US "
            "dollars, not used in the choice."
        ),
        data=candidates,
    )


def show_gaps(results: Results, currency: str) -> None:
    """Show the gaps of W1 with their intervals and what would have been seen."""
    shown = estimate_views.interval_rows(estimate_views.excess_rows(results.excess))
    figures.show(
        charts.plot_intervals(shown),
        name="gaps",
        title=estimate_views.of_excess(results.excess),
        subtitle=(
            f"Gap to the counterfactual, April to November 2025 (W1), billion {estimate_views.money_name(currency)}"
        ),
        alt=headlines.alt_of("Gaps in billions.", shown, "label", estimate_views.GAP_WORDS),
        source=sources(),
        data=shown,
        note=(
            "Brackets without a dot are ranges of point gaps over the forms tried, not intervals. Quadratic "
            "trends are not among them: where their errors can be measured they are half as large again to "
            "three times the naive forecast's. US and Australia: customs value; euro area: CIF; ASEAN: FOB. An "
            "estimate inside the grey band can still exclude zero: the band says what would be missed more than "
            "one time in five."
        ),
    )


def show_excess_w1(results: Results) -> None:
    """Show every gap of W1 with its uncertainty, its power and its evidence."""
    main = estimate_views.excess_rows(results.excess)
    figures.show_table(
        estimate_views.window_rows(main, ["W1"]),
        name="excess_w1",
        title="The door shut (W1): every gap with its uncertainty, its power and its evidence",
        source=sources(),
        columns=estimate_views.EXCESS_COLUMNS,
        note=(
            "Forms as good: range of the gaps under all forms within a tenth of the lowest placebo error. "
            f"{estimate_views.rounding_note(main)}"
        ),
        data=results.excess,
    )


def show_excess_w2_w3(results: Results) -> None:
    """Show the gaps of the truce and of the reopening."""
    main = estimate_views.excess_rows(results.excess)
    figures.show_table(
        estimate_views.window_rows(main, ["W2", "W3"]),
        name="excess_w2_w3",
        title="The truce and the reopening (W2, W3)",
        source=sources(),
        columns=["series", "window", *estimate_views.EXCESS_COLUMNS[1:]],
        note="The later a window, the further the forecast reaches, and the fewer degrees of freedom it has.",
    )


def show_why_no_interval(results: Results) -> None:
    """Show where there is no interval, and why."""
    main = estimate_views.excess_rows(results.excess)
    figures.show_table(
        estimate_views.why_rows(main),
        name="why_no_interval",
        title="Where there is no interval, and why",
        source=sources(),
        columns=["series", "windows", "reason"],
    )


def show_paths(results: Results, currency: str) -> None:
    """Show imports against their counterfactual."""
    drawn = estimate_views.path_rows(results.paths, ["US", "AU"])
    fig = charts.plot_paths(drawn)
    figures.show(
        fig,
        name="paths",
        title=estimate_views.of_paths(results.excess),
        subtitle=(
            f"Imports from China against their counterfactual, billion {estimate_views.money_name(currency)} a "
            "month, plain form"
        ),
        alt=headlines.alt_of_lines("Actual imports from China, billions.", drawn, "actual_bn", "destination"),
        source=importers(),
        data=results.paths,
        note="January and February are shown as their mean: the Chinese New Year moves between them.",
    )


def show_earlier_errors(results: Results, train_end: str, currency: str) -> None:
    """Show the errors that the same forecast made at earlier dates."""
    errors = path_views.error_rows(results.placebo, results.excess, train_end=train_end)
    figures.show(
        charts_windows.plot_errors(errors),
        name="earlier_errors",
        title=path_views.of_errors(errors),
        subtitle=(
            "Forecasts made at earlier dates, actual less forecast, billion "
            f"{estimate_views.money_name(currency)}, plain form"
        ),
        alt=path_views.alt_of_errors(errors),
        source=importers(),
        data=errors,
        note=(
            "A dot stands at the middle of the eight months it was forecast for, filled if at least as large as "
            "the gap (dashed)."
        ),
    )


def show_placebo(results: Results) -> None:
    """Show the gaps beside those errors."""
    spread = estimate_views.placebo_rows(results.placebo, results.excess)
    figures.show_table(
        spread,
        name="placebo",
        title="The gaps beside the errors that the same forecast made before",
        source=importers(),
        columns=estimate_views.PLACEBO_COLUMNS,
        data=results.placebo,
    )


def show_ratios(ratios: pd.DataFrame) -> None:
    """Show the excess of a destination per dollar that the US took less."""
    figures.show_table(
        estimate_views.ratio_rows(ratios),
        name="ratios",
        title=estimate_views.of_ratios(ratios),
        source=importers(),
        columns=["destination", "form", "window", "ratio", "set", "reading"],
        note="No total ratio and no share destroyed: no view in the ledger holds all destinations.",
        data=ratios,
    )


def show_accounting_only(rest: pd.DataFrame) -> None:
    """Show the partners without an estimate."""
    figures.show_table(
        estimate_views.rest_rows(rest),
        name="accounting_only",
        title=f"{len(rest)} partners are accounting only",
        source=gacc(),
        columns=["partner", "months", "reason"],
        folded=True,
    )


def say_destination(code: str, results: Results, rest: pd.DataFrame) -> None:
    """Say in a sentence what stands above of a destination that was asked for, or why nothing does."""
    figures.say(estimate_views.of_destination(code, results.excess, rest))
