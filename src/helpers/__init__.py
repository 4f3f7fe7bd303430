"""Clean customs figures, estimate the diversion of China's exports, and say only what the tests allow.

Floors (an import points downwards only; ``tests/test_architecture.py`` reads the imports to keep it so):

5  cli
4  pipeline, render, publish
3  accounting, claims, replication, counterfactual, excess, wording, figures, charts, coverage
2  customs, growth, controls, destinations
1  table_list, tables, provenance, parameters
0  refusals, paths, numbers, periods, partners, products
"""
