"""Write ``derive/published.toml`` anew from ``reports/``: the digests of the simulated evidence that is published.

    python -m tests.published

Run it after ``python -m derive``, when an experiment was changed or added.
"""

from __future__ import annotations

from pathlib import Path

from derive.report.values import SEAL, unseal

ROOT = Path(__file__).resolve().parent.parent
PLACE = ROOT / "derive" / "published.toml"
_HEAD = (
    "# The digest of each report's simulated evidence. `python -m tests.published` writes this file from reports/.\n\n"
)


def written() -> str:
    """The file as the reports make it."""
    lines: list[str] = []
    for path in sorted((ROOT / "reports").glob("*.md")):
        for line in path.read_text(encoding="utf-8").split("\n"):
            if line.startswith(SEAL):
                lines.append(f'{path.stem} = "{unseal(line.removeprefix(SEAL).removesuffix(" -->")).digest}"')
    return _HEAD + "\n".join(lines) + "\n"


if __name__ == "__main__":
    PLACE.write_text(written(), encoding="utf-8")
