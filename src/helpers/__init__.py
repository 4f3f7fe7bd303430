"""Clean customs figures, estimate the diversion of China's exports, and say only what the tests allow.

Floors (an import points downwards, or to the left on its own floor; ``tests/test_architecture.py`` reads the imports
to keep it so):

6  cli
5  render, publish, pipeline, documents
4  headlines, estimate_views, wording, summary_page, figures, charts
3  accounting, claims, replication, counterfactual, excess, coverage
2  customs, growth, controls, destinations, listings
1  columns, table_list, tables, provenance, parameters
0  refusals, paths, numbers, headings, periods, spans, partners, products
"""
