"""What a codec did, and how well: reports as one HTML page and as JSON (extra ``vaerans-ecs[report]``)."""

from .report import Report, report

__all__ = ["Report", "report"]
