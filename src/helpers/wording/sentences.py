"""The words of the summary: every sentence is chosen by a rule from the result tables, every number has its row.

The rules follow the tests, never the other way round. "Diverted" is said only where a product-level estimate says so;
as long as there is none, the word is "excess". "Dumping" is never said.
"""

from __future__ import annotations

import pandas as pd

from helpers.destination_list import codes
from helpers.wording import change, elsewhere, loss, reopening, short
from helpers.wording.composer import Composer, Sentence


def summary(tables: dict[str, pd.DataFrame]) -> list[Sentence]:
    """Choose the sentences of the summary from the result tables, in their order."""
    composer, later = Composer(tables), codes("long past")
    chosen = [
        _together([change.lead(composer)], change.who(composer)),
        _together([change.ceiling(composer)], [change.above(composer), change.cause(composer)]),
        _together(
            [loss.verdict(composer)],
            [loss.gap(composer), loss.as_good(composer), loss.yearly(composer), loss.all_forecasts(composer)],
            [loss.net(composer), loss.nothing_early(composer)],
        ),
        _together(
            [*(elsewhere.verdict(composer, code) for code in ("AU", *later)), elsewhere.too_short(composer)],
            elsewhere.destination(composer, "AU"),
            *([*elsewhere.destination(composer, code), elsewhere.ranges(composer, code)] for code in later),
        ),
        _together(*reopening.reopening(composer)),
    ]  # fmt: skip
    return [sentence for sentence in chosen if sentence and sentence.text]


def lede(tables: dict[str, pd.DataFrame]) -> list[Sentence]:
    """Choose the answer in three sentences from the same tables."""
    return short.short(Composer(tables))


def _together(*groups: list[Sentence | None]) -> Sentence | None:
    """Join sentences that answer one question into one statement: the first group sums it up, each other is told."""
    first, *others = [[part for part in group if part] for group in groups]
    said = [part for group in (first, *others) for part in group]
    if not said:
        return None
    facts = [fact | {"slot": f"{fact['slot']} {n}"} for n, part in enumerate(said, start=1) for fact in part.facts]
    rules, text = "; ".join(part.rule for part in said), " ".join(part.text for part in said)
    texts = [" ".join(part.text for part in group) for group in (first, *others) if group]
    return Sentence(rules, text, facts, verdict=texts[0], paragraphs=texts[1:])


def with_verdict(sentence: Sentence) -> str:
    """Return a statement as Markdown: the part that sums it up in bold, then the rest, paragraph by paragraph."""
    return "\n\n".join([f"**{sentence.verdict}**", *sentence.paragraphs])


def as_tables(sentences: list[Sentence]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Turn sentences into the tables ``summary_sentences`` and ``summary_facts``."""
    texts = [{"position": n, "rule": s.rule, "text": s.text} for n, s in enumerate(sentences, start=1)]
    facts = [{"position": n, **fact} for n, s in enumerate(sentences, start=1) for fact in s.facts]
    return pd.DataFrame(texts), pd.DataFrame(facts)
