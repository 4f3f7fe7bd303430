"""Clean customs figures, estimate the diversion of China's exports, and say only what the tests allow.

Floors (an import points downwards, or to the left on its own floor; ``tests/test_architecture.py`` reads the imports
to keep it so):

9: the command
9  cli_timers, cli
8: the report
8  progress, guard, fetch, bulk, prepare, workshop, pipeline, watch, documents, reexecution, attribution, verification,
8  verification_text, hook, failure_note, night, schedule, doctor
7: notebooks at work
7  kernels, provisioner, runner, forge
6: what has to run, what it is drawn from, where it goes
6  steps, bilingual, chapters, render, store, shortcut, correction_form, corrections, latest, notice, banners,
6  page_texts, contents, finished, superseded, retention, shelf, gates, archive_chart, feed, archive, preview, signing,
6  sbom, secrets_scan, publish, export_about, export_workbook, export_stata, export, planner, since,
6  untranslated
5: from results to what readers see
5  headlines, destination_views, estimate_views, reopening_views, hindsight_views, robustness_views, yardstick_views,
5  mirror_views, path_views, exposure_views, eu_section_views, supplier_views, chip_views, wording, summary_page,
5  panel_rows, svg, figures, charts, charts_panels, charts_windows, charts_choices, price_views, charts_prices,
5  release_views, charts_releases, exhibits, comparison_words, printed_digits, comparison_cells, comparison_causes,
5  comparison, comparison_text
4: what could change our mind
4  pieces, ranges, releases, disaggregation, where_to, survival, backtest, nowcast, reopening, reversal, front_loading,
4  currencies, breaks, robustness, synthetic, mirror, exposure, chips, eu_sections
3: from clean series to results
3  accounting, surplus, claims, replication, counterfactual, fieller, rounding, excess, coverage, stacks, trials,
3  study, prices
2: from raw files to clean series
2  engine, sources, customs, product_files, product_groups, product_panel, quantities, revisions, growth, controls,
2  destinations, listings, calendar_of_releases
1: tables, records, parameters, language
1  translation, reading_aids, typesetting, csv_text, tracing, columns, table_list_accounts, table_list_doubts,
1  table_list_yardsticks, table_list_vintages, table_list_products, table_list_releases, table_list, tables, published,
1  raw_schemas, provenance, parameters
0: words and numbers
0  refusals, systems, stops, paths, exchange, memory, digests, numbers, headings, months, periods, spans, countries,
0  partners, reporters, destination_list, products, producers, xml_text
"""
