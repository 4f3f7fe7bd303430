"""Write what the project says of itself: registers, tables of methods, the map, the picture, the finding.

``diversion docs`` writes them (``written.py``); tests hold them against what they are made from.
"""
