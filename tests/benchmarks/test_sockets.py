from __future__ import annotations

import asyncio
from pathlib import Path

import procsim as ps
from procsim.language.i18n import t
from procsim.store import Store
from tests.app.serving import serve
from tests.benchmarks.pages import prepare
from tests.benchmarks.sockets import Officer


def test_an_officer_without_a_browser_works_as_one_with_it(tmp_path: Path):
    store = prepare(tmp_path, ps.mark(ps.load_sample()))

    async def work(url: str) -> Officer:
        async with Officer(url) as officer:
            await officer.arrive()
            assert await officer.act(
                "overview.tabs.vi", t("app.overview.tab.ministries"), "ministries"
            )
            assert await officer.act("overview.heatmap.*", [], "no target")
            await officer.go("thu-tuc", "procedures")
            assert not await officer.act("overview.tabs.vi", "", "a tab of another page")
            assert await officer.act("procedures.search", "khai sinh", "search")
            await officer.wait()
            await officer.go("danh-dau-giay-to", "marking")
            assert await officer.act("marking.choice.*", True, "decide")
        return officer

    with serve(store) as (url, _):
        officer = asyncio.run(work(url))
    assert [name for name, _ in officer.times] == [
        "first page",
        "ministries",
        "no target",
        "procedures",
        "search",
        "marking",
        "decide",
    ]
    assert all(seconds > 0 for _, seconds in officer.times)
    with Store(store) as opened:
        (project,) = opened.projects().index
        assert len(opened.open(project).portfolio.decisions) >= 1
