"""What a codec did, and how well: reports as one HTML page and as JSON (extra ``vaerans-ecs[report]``)."""

from .compare import Comparison, compare
from .report import Report, report

__all__ = ["Comparison", "Report", "compare", "report"]
