"""What the summary says: rules, the choice among them, and what can be said against the page."""

from helpers.wording import limits
from helpers.wording.rules import RULES
from helpers.wording.sentences import as_tables, lede, summary, with_verdict

__all__ = ["RULES", "as_tables", "lede", "limits", "summary", "with_verdict"]
