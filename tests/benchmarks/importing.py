"""How long `import procsim` takes beside `import pandas`, in new interpreters."""

from __future__ import annotations

from tests.benchmarks.table import Row
from tests.benchmarks.timing import fresh

__all__ = ["rows"]


def rows(*, quick: bool) -> list[Row]:
    """Measure the import of the package, and of all its public names."""
    bare, whole, pandas = fresh(
        ("", "import procsim"),
        ("", "import procsim\nfor name in procsim.__all__: getattr(procsim, name)"),
        ("", "import pandas"),
        times=2 if quick else 9,
    )
    beside = "import pandas"
    return [
        Row("import procsim", bare, pandas, beside, slower=1.5),
        Row("import procsim and resolve every public name", whole, pandas, beside),
    ]
