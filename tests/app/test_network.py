"""Mạng lưới: the figures are the library's, an officer's decision changes them and stays."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import procsim as ps
from procsim.app.network.analysis import graph_file
from procsim.store import Project, Store
from procsim.store.actions import decision_note, issuer_decisions
from tests.app.conftest import AT
from tests.app.pages import open_page
from tests.app.tables import finish, open_tab, picked

TABS = ("ranking", "chains", "cycles", "duplicates", "similar", "links")


def saved(path: Path) -> Project:
    """The project as it stands in the store."""
    with Store(path) as store:
        return store.open(store.projects().index[0])


def go(app: AppTest, tab: str, language: str = "vi") -> AppTest:
    """Open a tab."""
    open_tab(app, "network", tab, language)
    assert not app.error
    return app


def test_the_network_of_an_empty_project_says_where_to_begin(on_empty: Path) -> None:
    app = open_page("network")
    assert "chưa có thủ tục" in app.info[0].value
    assert not app.tabs


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_tab_of_the_network_shows(on_sample: Path, language: str) -> None:
    app = finish(open_page("network", lang=language))
    for tab in TABS:
        go(app, tab, language)
        assert not app.error, tab
        assert len(app.dataframe) + len(app.markdown) + len(app.info) > 0, tab


def test_the_figures_of_the_network_are_the_librarys(on_sample: Path) -> None:
    portfolio = saved(on_sample).portfolio
    known = ps.links(portfolio)
    app = finish(open_page("network"))
    shown = {metric.label: metric.value for metric in app.metric}
    assert shown["Liên kết giấy tờ"] == str(known["counted"].sum())
    assert shown["Vòng giấy tờ"] == str(len(ps.cycles(portfolio, known)))
    assert shown["Yêu cầu trùng lặp"] == str(len(ps.duplicates(portfolio, known)))
    table = ps.ranking(portfolio, known)
    wanted = table[table["answerable"] & table["papers"].gt(0)]
    first = app.dataframe[0].value
    assert list(first["Tên"]) == [
        name.replace("Cơ sở dữ liệu", "CSDL") for name in wanted["name_vi"]
    ]
    assert first["Giảm riêng lẻ (đồng)"].tolist() == pytest.approx(wanted["cost_vnd"].tolist())
    burden = ps.chain_burden(portfolio, known)
    chains = go(app, "chains").dataframe
    if burden["upstream"].gt(0).any():
        assert len(chains[0].value) == burden["upstream"].gt(0).sum()


def test_the_ranking_can_be_by_papers_and_for_other_values(on_sample: Path) -> None:
    portfolio = saved(on_sample).portfolio
    app = finish(open_page("network"))
    app.selectbox(key="network.value").set_value("hours").run()
    assert not app.exception
    best = ps.best_set(portfolio, 3, value="hours")
    table = ps.ranking(portfolio)
    said = "\n".join(each.value for each in app.markdown)
    for name in table.loc[list(best.chosen), "name_vi"]:
        assert name in said


def test_a_decision_on_who_issues_a_paper_is_kept_and_counts(on_sample: Path) -> None:
    known = ps.links(saved(on_sample).portfolio)
    link = known[known["counted"]].iloc[0]
    note = decision_note(
        link["requirement"], link["document_type"], "", "Lan", "2026-03-02", "Đã đối chiếu."
    )
    with Store(on_sample) as store:
        project = store.open(store.projects().index[0]).act(note, who="Lan", at=AT)
    decisions = issuer_decisions(saved(on_sample).notes)
    assert decisions[["requirement", "issuer", "decided_by"]].to_numpy().tolist() == [
        [link["requirement"], "", "Lan"]
    ]
    before = int(known["counted"].sum())
    app = finish(open_page("network"))
    shown = {metric.label: metric.value for metric in app.metric}
    assert int(shown["Liên kết giấy tờ"]) == before - 1
    back = decision_note(link["requirement"], link["document_type"], "", "", "", "")
    with Store(on_sample) as store:
        store.open(project.id).act(back, who="Lan", at=AT)
    assert issuer_decisions(saved(on_sample).notes).empty


def test_the_graph_can_be_read_again(on_sample: Path, tmp_path: Path) -> None:
    project = saved(on_sample)
    known = ps.links(project.portfolio)
    path = tmp_path / "network.graphml"
    path.write_bytes(graph_file(project, known))
    graph = ps.read_graph(path)
    assert set(known.loc[known["counted"], "procedure"]) <= set(graph.nodes)


def test_an_officer_confirms_a_link_on_the_page(
    on_sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = go(finish(open_page("network")), "links")
    app.segmented_control(key="network.links.which").set_value("all").run()
    table = app.dataframe[0].value
    picked(monkeypatch, "network.links.all", 0)
    app.run()
    save = next(each for each in app.button if (each.key or "").endswith(".save"))
    save.click().run()
    assert not app.exception
    decisions = issuer_decisions(saved(on_sample).notes)
    assert list(decisions["procedure"]) == [table["Thủ tục yêu cầu"].iloc[0]]
    assert decisions["reason"].iloc[0]


@pytest.mark.parametrize(
    ("tab", "key"),
    [
        ("ranking", "network.ranking.database"),
        ("chains", "network.chains"),
        ("duplicates", "network.duplicates.same_dossier"),
        ("similar", "network.similar"),
    ],
)
def test_what_stands_behind_a_picked_row(
    on_sample: Path, monkeypatch: pytest.MonkeyPatch, tab: str, key: str
) -> None:
    app = go(finish(open_page("network")), tab)
    before = len(app.markdown)
    shown = [each.key for each in app.dataframe]
    picked(monkeypatch, key, 0)
    app.run()
    assert not app.exception
    if key in shown:
        assert len(app.markdown) >= before
