"""Clean customs figures, estimate the diversion of China's exports, and say only what the tests allow.

Floors (an import points downwards, or to the left on its own floor; ``tests/test_architecture.py`` reads the imports
to keep it so):

5  cli
4  render, publish, pipeline
3  accounting, claims, replication, headlines, counterfactual, excess, estimate_views, coverage, wording, summary_page, figures, charts
2  customs, growth, controls, destinations, listings
1  table_list, tables, provenance, parameters
0  refusals, paths, numbers, periods, spans, partners, products
"""
