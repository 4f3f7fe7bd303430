"""What one would write without this project's runner: the notebooks one after the other through papermill.

``python plain_papermill.py TABLES OUTPUTS STEP...``, run from the notebooks' folder; ``papermill`` on the command line
does the same with a process for each.
"""

import os
import sys

import papermill

tables, outputs, *steps = sys.argv[1:]
os.environ["DIVERSION_PROCESSED"] = tables
for step in steps:
    papermill.execute_notebook(f"{step}.ipynb", f"{outputs}/{step}.ipynb", cwd=".", progress_bar=False)
