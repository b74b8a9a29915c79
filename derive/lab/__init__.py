"""The lab: one page, to look at what initialization does, that works offline from a file.

``grid`` says what is computed, ``regimes`` what is predicted of it and how certain that is, ``networks`` asks
``montecarlo`` for the same (the lab's one bridge), ``proofs`` takes the derivations from the library, ``produce`` has
all of it made side by side, and ``page`` fills it into ``page.html``. Charts are plotly's.
"""

from derive.lab.grid import FULL, QUICK, Grid
from derive.lab.page import MissingExtra, write_page
from derive.lab.produce import Lab, jobs, lab

__all__ = ["FULL", "QUICK", "Grid", "Lab", "MissingExtra", "jobs", "lab", "write_page"]
