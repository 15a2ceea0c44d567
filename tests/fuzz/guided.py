"""Fuzz the parsers of the language, guided by what code each text reaches (atheris, Linux).

``pip install atheris``, then ``python -m tests.fuzz.guided -max_total_time=300``: the
options are those of libFuzzer.
"""

from __future__ import annotations

import sys


def main() -> None:
    """Fuzz until the time is over."""
    # atheris is at hand for those who fuzz only, and must load before what it watches.
    import atheris

    with atheris.instrument_imports(include=["procsim.language"]):
        from tests.fuzz.targets import parse_all

    def one_input(content: bytes) -> None:
        """Give the first half of a text to every parser, the rest as what stands beside it."""
        text = content.decode("utf-8", "replace")
        half = len(text) // 2
        parse_all(text[:half], text[half:])

    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
