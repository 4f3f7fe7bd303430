"""A counterfactual made of the importer's other origins, and its placebos in time and space."""
