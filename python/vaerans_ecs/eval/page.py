"""What report() and compare() give: data that becomes one HTML page, and the same as JSON."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from .._writing import check_writable, write_whole
from ..viz.extras import need


@dataclass(frozen=True)
class Page:
    """`data` is what json() writes."""

    data: dict[str, Any]

    def json(self) -> str:
        """The data as JSON text; what it has no numbers for stands in it as "inf" (PSNR of equal pictures) and as "nan"
        (SSIMULACRA2 of tiny ones)."""
        return json.dumps(self.data, indent=1, ensure_ascii=False, allow_nan=False)

    def html(self) -> str:
        raise NotImplementedError

    def save(self, path: str | os.PathLike[str]) -> tuple[Path, Path]:
        """Writes PATH.html and PATH.json (a suffix .html or .json of `path` is dropped), each through a temporary file
        that is renamed; returns both paths. OSError where the folder cannot be written."""
        stem = Path(path)
        stem = stem.with_suffix("") if stem.suffix in (".html", ".json") else stem
        page, numbers = stem.with_name(stem.name + ".html"), stem.with_name(stem.name + ".json")
        for target in (page, numbers):
            check_writable(target)
        write_whole(page, self.html().encode("utf-8"))
        write_whole(numbers, self.json().encode("utf-8"))
        return page, numbers


def template(name: str) -> Any:
    """A file of templates/, for jinja2. ImportError without the extra vaerans-ecs[report]."""
    jinja2 = need("jinja2")
    text = resources.files(__package__).joinpath("templates", name).read_text("utf-8")
    return jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined).from_string(text)
