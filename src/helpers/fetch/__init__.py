"""``diversion fetch``: ask the offices, refuse what is bad, append what is new to the ledger, say what happened."""
