"""The columns of raw files by schema: what a file of the ledger must hold, in which order."""

from __future__ import annotations

# (name, type, may be empty)
SCHEMAS: dict[str, tuple[tuple[str, str, bool], ...]] = {
    "customs": (
        ("period", "string", False), ("period_kind", "string", False), ("flow", "string", False),
        ("partner", "string", False), ("product_scheme", "string", False), ("product", "string", False),
        ("concept", "string", False), ("value", "number", True), ("abs_error", "number", True),
        ("yoy_pct", "number", True), ("mom_pct", "number", True), ("doubtful", "string", True),
        ("source", "string", False), ("note", "string", True),
    ),
    "controls": (
        ("period", "string", False), ("series", "string", False), ("value", "number", False),
        ("unit", "string", False), ("seasonal_adjustment", "string", False), ("source", "string", False),
        ("note", "string", True),
    ),
    "tariff_events": (
        ("date", "string", False), ("event", "string", False), ("measure", "string", False),
        ("kind_of_measure", "string", False), ("before_pct", "number", True), ("after_pct", "number", True),
        ("read_in", "string", False), ("note", "string", True),
    ),
    "tariff_measured": (
        ("period", "string", False), ("imports_usd", "number", False), ("duty_usd", "number", False),
        ("applied_rate_pct", "number", False), ("rest_of_world_rate_pct", "number", True),
    ),
    "product_groups": (
        ("period", "string", False), ("partner", "string", False), ("product_scheme", "string", False),
        ("product", "string", False), ("imports_usd", "number", False), ("duty_usd", "number", False),
        ("source", "string", False),
    ),
    "quantities": (
        ("period", "string", False), ("partner", "string", False), ("product_scheme", "string", False),
        ("product", "string", False), ("value", "number", False), ("kg", "number", True), ("items", "number", True),
        ("source", "string", False),
    ),
    "claims": (
        ("claim_id", "string", False), ("article_date", "string", False), ("topic", "string", False),
        ("claim", "string", False), ("measure", "string", False), ("partner", "string", True),
        ("period", "string", False), ("comparison", "string", False), ("value", "string", True),
        ("unit", "string", False), ("fact_subject", "string", True),
    ),
    "published": (
        ("study", "string", False), ("quantity", "string", False), ("value", "string", True),
        ("unit", "string", False), ("period", "string", True), ("destination", "string", True),
        ("source_url", "string", False), ("where_found", "string", True),
    ),
    "facts": (
        ("fact_id", "string", False), ("period", "string", False), ("subject", "string", False),
        ("measure", "string", False), ("value", "number", True), ("unit", "string", True),
        ("yoy_pct", "number", True), ("producer", "string", False), ("read_in", "string", False),
        ("note", "string", True),
    ),
}  # fmt: skip
