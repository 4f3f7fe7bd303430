"""A workflow for GitHub: asks, keeps the ledger in the repository, and publishes the reports as pages. Text only."""

from __future__ import annotations

from helpers.refusals import Refusal
from helpers.schedule.times import askings, in_zone

FILE = ".github/workflows/report.yml"
SECRETS = ("CENSUS_API_KEY", "COMTRADE_API_KEY", "DIVERSION_HOOK")
_TEXT = """\
# {file}: makes the report when a statistical office has something new and publishes it as pages.
# Settings > Pages > Source: GitHub Actions. Keys go into Settings > Secrets and variables > Actions.
name: report

on:
  schedule:
{times}
  workflow_dispatch:
    inputs:
      accept:
        description: why the report is published although a gate is closed
        required: false
        default: ""

permissions:
  contents: read

concurrency: # no two at a time; the later one waits
  group: report
  cancel-in-progress: false

jobs:
  report:
    runs-on: ubuntu-latest
    timeout-minutes: 120
    permissions:
      contents: write # new figures are committed to the ledger
    outputs:
      code: ${{{{ steps.run.outputs.code }}}}
    steps:
      - uses: actions/checkout@v5
      - uses: actions/setup-python@v6
        with:
          python-version: "3.11"
      - name: The reports and steps of the last run
        uses: actions/cache@v4
        with:
          path: |
            reports
            data/answers
            data/processed
          key: reports-${{{{ github.run_id }}}}-${{{{ github.run_attempt }}}}
          restore-keys: reports-
      - name: Set up
        run: tools/set_up.sh runner
      - name: Report
        id: run
        env:
{secrets}
          ACCEPT: ${{{{ inputs.accept }}}}
        run: |
          sleep $((RANDOM % 900))
          set -- report --if-new
          if [ -n "$ACCEPT" ]; then set -- "$@" --accept "$ACCEPT"; fi
          code=0
          .venv/bin/diversion "$@" || code=$?
          echo "code=$code" >> "$GITHUB_OUTPUT"
          if [ -f reports/.failed/summary.md ]; then cat reports/.failed/summary.md >> "$GITHUB_STEP_SUMMARY"; fi
      - name: Keep new figures
        run: |
          git add data/raw
          if git diff --cached --quiet; then exit 0; fi
          git -c user.name=report -c user.email=report@localhost commit -m "New figures"
          git push
      - name: The pages, without what belongs to this machine
        if: contains(fromJSON('["0", "6", "7"]'), steps.run.outputs.code)
        run: |
          mkdir -p pages
          cp -R reports/. pages/
          find pages -mindepth 1 -maxdepth 1 -name '.*' -exec rm -rf {{}} +
      - uses: actions/upload-pages-artifact@v4
        if: contains(fromJSON('["0", "6", "7"]'), steps.run.outputs.code)
        with:
          path: pages
      - name: Say it when something failed
        run: case "$CODE" in 0|5) ;; *) exit "$CODE" ;; esac
        env:
          CODE: ${{{{ steps.run.outputs.code }}}}

  publish:
    needs: report
    if: always() && contains(fromJSON('["0", "6", "7"]'), needs.report.outputs.code)
    runs-on: ubuntu-latest
    timeout-minutes: 15
    permissions:
      pages: write
      id-token: write
    environment:
      name: github-pages
      url: ${{{{ steps.pages.outputs.page_url }}}}
    steps:
      - id: pages
        uses: actions/deploy-pages@v4
"""


def text(*, system: bool = False) -> str:
    """Return the workflow; GitHub's clock is UTC."""
    times = []
    for asking in askings():
        told = in_zone(asking, "UTC")
        minute = (told.minute + 17) % 60  # not on the hour, when everybody asks
        times += [f"    # {told.why}", f'    - cron: "{minute} {told.hour} {told.first}-{told.last} * *"']
    secrets = "\n".join(f"          {name}: ${{{{ secrets.{name} }}}}" for name in SECRETS)
    return _TEXT.format(file=FILE, times="\n".join(times), secrets=secrets)


def install(*, system: bool = False) -> list[str]:
    """Refuse: nothing is written into a repository unseen."""
    raise Refusal("a workflow is not installed", expected="a look at it, then a commit", exit_code=2,
                  remedy=f"mkdir -p .github/workflows && diversion schedule github > {FILE}")  # fmt: skip
