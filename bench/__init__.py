"""``make bench``: figures as ratios to a yardstick measured in the same run, one JSON line each (DESIGN.md section 9).

Absolute times mean little on shared machines; a ratio of two medians taken in turns does. A figure that
misses its budget is marked and the run ends with 1.
"""

from __future__ import annotations
