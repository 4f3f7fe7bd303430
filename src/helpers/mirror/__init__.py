"""Both sides of one flow: what the exporter counted leaving and the importer counted arriving."""
