"""How long the page takes to show itself in Chromium, from disk, by the browser's own clock."""

from __future__ import annotations

import shutil
import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tools"))

import chromium


def opened(page: Path, width: int, times: int) -> dict[str, float]:
    """Open a page in a fresh profile, ``times`` times.

    Returns
    -------
    dict
        Medians in seconds: ``paint`` (first contentful paint), ``script`` (time in scripts until the page is loaded),
        ``turn`` (from the click on the language switch until the other language stands).
    """
    from playwright.sync_api import sync_playwright

    found: dict[str, list[float]] = {"paint": [], "script": [], "turn": []}
    with sync_playwright() as playwright:
        for _ in range(times):
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(chromium.FLAGS))
            tab = browser.new_context(viewport={"width": width, "height": 900}, offline=True).new_page()
            session = tab.context.new_cdp_session(tab)
            session.send("Performance.enable")
            tab.goto(page.as_uri(), wait_until="load")
            tab.wait_for_function("performance.getEntriesByName('first-contentful-paint').length")
            paint = tab.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
            found["paint"].append(paint / 1000)
            metrics = {entry["name"]: entry["value"] for entry in session.send("Performance.getMetrics")["metrics"]}
            found["script"].append(metrics["ScriptDuration"])
            turned = tab.evaluate(
                """() => new Promise(done => { const start = performance.now();
                    new MutationObserver(() => done(performance.now() - start))
                        .observe(document.documentElement, {attributes: true, attributeFilter: ['lang']});
                    document.querySelector('.language').click(); })"""
            )
            found["turn"].append(turned / 1000)
            browser.close()
    return {name: statistics.median(seconds) for name, seconds in found.items()}
