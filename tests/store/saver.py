"""A process that saves without pause and says what was acknowledged: it is there to be killed.

Run as ``python -m tests.store.saver PLACE PROJECT WHO [ACTIONS]``.
"""

from __future__ import annotations

import sys

from procsim.reforms import DropRequirement, Plan
from procsim.store import Action, Cell, Conflict, EditCells, PutPlan, SetPortfolio, Store
from tests.store.building import NINE, small

__all__ = ["action", "main", "value"]

FILLING = "Căn cứ quy định của pháp luật, " * 200


def value(who: str, number: int) -> str:
    """Return the name that the first procedure gets by the numbered action."""
    return f"{who} {number}"


def action(who: str, number: int) -> Action:
    """Return the numbered action: small edits, and now and then a large portfolio."""
    edit = EditCells([Cell("procedures", "1.000001", "name", value(who, number))])
    if number % 4 == 1:
        written = small().procedures.assign(name=value(who, number), agency=FILLING * (number % 9))
        return SetPortfolio(small().replace(procedures=written))
    if number % 4 == 3:
        return PutPlan("Đợt 1", Plan([DropRequirement("1.000001/c1/r1", reason=f"{who} {number}")]))
    return edit


def main(place: str, project: str, who: str, actions: str = "1000000") -> None:
    """Save numbered actions, one line ``version number`` for each that was acknowledged."""
    with Store(place, timeout=30) as store:
        opened = store.open(project)
        for number in range(opened.version, opened.version + int(actions)):
            while True:
                try:
                    opened = opened.act(action(who, number), who=who, at=NINE)
                    break
                except Conflict:
                    sys.stdout.write("conflict\n")
                    opened = opened.refresh()
            sys.stdout.write(f"{opened.version} {number}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
