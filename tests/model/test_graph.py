"""A procedure and the national network as graphs, and their files."""

from __future__ import annotations

import json

import networkx as nx
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from procsim.errors import InvalidValue, UnreadableInput
from procsim.model.graph import EDGE_KINDS, NODE_KINDS, national_graph, read_graph, write_graph
from procsim.model.portfolio import Portfolio


@pytest.fixture
def portfolio() -> Portfolio:
    return Portfolio.from_tables(
        {
            "procedures": pd.DataFrame(
                {
                    "id": ["1.000001", "1.000002"],
                    "name": ["Nhận con nuôi", "Đăng ký khai sinh"],
                    "ministry": "Bộ Tư pháp",
                    "agency": ["UBND cấp xã;Sở Tư pháp", ""],
                }
            ),
            "requirements": pd.DataFrame(
                {
                    "id": ["r1", "r2"],
                    "procedure": "1.000001",
                    "case": "c1",
                    "name": ["Giấy khai sinh", "Lưu ý"],
                    "kind": ["document", "note"],
                    "types": ["giay_khai_sinh", ""],
                }
            ),
            "steps": pd.DataFrame(
                {"id": ["s1", "s2"], "procedure": "1.000001", "position": [1, 2], "days": [1, None]}
            ),
            "flow": pd.DataFrame(
                {"id": ["f1"], "procedure": "1.000001", "before": "s1", "after": "s2"}
            ),
            "legal_bases": pd.DataFrame(
                {
                    "id": ["l1", "l2"],
                    "procedure": "1.000001",
                    "requirement": ["", "r1"],
                    "number": ["52/2010/QH12", "19/2011/NĐ-CP"],
                    "article": ["17", ""],
                }
            ),
            "results": pd.DataFrame(
                {
                    "id": ["o1"],
                    "procedure": "1.000002",
                    "name": "Giấy khai sinh",
                    "types": "giay_khai_sinh",
                }
            ),
            "marks": pd.DataFrame(
                {
                    "id": ["m1"],
                    "requirement": "r1",
                    "document_type": "giay_khai_sinh",
                    "database": "csdl_ho_tich",
                }
            ),
        }
    )


def edges(graph: nx.MultiDiGraph) -> set[tuple[str, str, str]]:
    return {(u, v, data["kind"]) for u, v, data in graph.edges(data=True)}


def same(one: nx.MultiDiGraph, other: nx.MultiDiGraph) -> bool:
    joins = [
        {(u, v, key): data for u, v, key, data in graph.edges(keys=True, data=True)}
        for graph in (one, other)
    ]
    return dict(one.nodes(data=True)) == dict(other.nodes(data=True)) and joins[0] == joins[1]


def test_every_edge_of_a_procedure(portfolio):
    graph = portfolio["1.000001"].graph
    assert isinstance(graph, nx.MultiDiGraph)
    assert edges(graph) == {
        ("1.000001", "agency:UBND cấp xã", "carried_out_by"),
        ("1.000001", "agency:Sở Tư pháp", "carried_out_by"),
        ("s1", "1.000001", "part_of"),
        ("s2", "1.000001", "part_of"),
        ("s1", "s2", "precedes"),
        ("1.000001", "r1", "requires"),
        ("r1", "document_type:giay_khai_sinh", "of_type"),
        ("document_type:giay_khai_sinh", "database:csdl_ho_tich", "held_by"),
        ("1.000001", "legal_text:52/2010/QH12", "based_on"),
        ("r1", "legal_text:19/2011/NĐ-CP", "based_on"),
    }


def test_labels_in_both_languages_and_nothing_missing(portfolio):
    graph = portfolio["1.000001"].graph
    kind = graph.nodes["document_type:giay_khai_sinh"]
    assert (kind["label_vi"], kind["label_en"]) == (
        "Giấy khai sinh, trích lục khai sinh",
        "Birth certificate or extract",
    )
    assert graph.nodes["s1"]["days"] == 1.0
    assert "days" not in graph.nodes["s2"]
    for _, data in graph.nodes(data=True):
        assert data["kind"] in NODE_KINDS
        assert data["label_vi"]
        assert data["label_en"]
    assert {kind for *_, kind in edges(graph)} <= EDGE_KINDS.keys()


def test_result_of_a_procedure(portfolio):
    assert edges(portfolio["1.000002"].graph) == {
        ("1.000002", "o1", "produces"),
        ("o1", "document_type:giay_khai_sinh", "of_type"),
    }


@pytest.fixture
def known() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "requirement": ["r1", "r9"],
            "procedure": ["1.000001", "1.000001"],
            "issuer": ["1.000002", "1.000002"],
            "document_type": "giay_khai_sinh",
            "confidence": [0.9, 0.7],
            "review": [False, True],
        }
    )


def test_national_graph_goes_from_issuer_to_paper_to_who_asks(portfolio, known):
    graph = national_graph(portfolio, known)
    kind = "document_type:giay_khai_sinh"
    assert edges(graph) == {("1.000002", kind, "produces"), (kind, "1.000001", "requires")}
    (data,) = graph.get_edge_data(kind, "1.000001").values()
    assert data["requirements"] == "r1;r9"
    assert (data["confidence"], data["review"], data["issuer"]) == (0.7, True, "1.000002")


@pytest.mark.parametrize("ending", ["graphml", "json"])
def test_files_give_back_the_graph(portfolio, known, tmp_path, ending):
    for graph in (portfolio["1.000001"].graph, national_graph(portfolio, known)):
        file = tmp_path / f"graph.{ending}"
        write_graph(graph, file)
        assert same(read_graph(file), graph)


TEXTS = st.text(max_size=12) | st.sampled_from(
    ["", " ", "<b>&amp;</b>", "\x00\x01\x0b", "a\r\nb\t", "\\u0041", "\\e", "\ufffe", "Đường"]
)
VALUES = TEXTS | st.integers(-(2**31), 2**31) | st.booleans() | st.floats(-1e300, 1e300)


@given(
    nodes=st.dictionaries(TEXTS, VALUES, min_size=1, max_size=5),
    joins=st.lists(st.tuples(TEXTS, VALUES), max_size=4),
    ending=st.sampled_from(["graphml", "json"]),
)
def test_any_text_survives(tmp_path_factory, nodes, joins, ending):
    graph = nx.MultiDiGraph()
    for node, value in nodes.items():
        graph.add_node(node, kind="step", value=value)
    names = list(nodes)
    for number, (key, value) in enumerate(joins):
        ends = names[number % len(names)], names[-1]
        graph.add_edge(*ends, key=key, kind="precedes", value=value)
    file = tmp_path_factory.mktemp("graph") / f"graph.{ending}"
    write_graph(graph, file)
    again = read_graph(file)
    assert same(again, graph)
    types = [type(data["value"]) for _, data in again.nodes(data=True)]
    assert types == [type(data["value"]) for _, data in graph.nodes(data=True)]


def test_json_is_node_link(portfolio, tmp_path):
    write_graph(portfolio["1.000002"].graph, tmp_path / "g.json")
    content = json.loads((tmp_path / "g.json").read_text(encoding="utf-8"))
    assert content["directed"]
    assert content["multigraph"]
    assert {node["id"] for node in content["nodes"]} >= {"1.000002", "o1"}
    assert {edge["key"] for edge in content["edges"]} == {"produces", "of_type"}


def test_wrong_endings_and_values_are_refused(portfolio, tmp_path):
    graph = portfolio["1.000002"].graph
    with pytest.raises(InvalidValue, match="graphml"):
        write_graph(graph, tmp_path / "g.txt")
    with pytest.raises(InvalidValue, match="graphml"):
        read_graph(tmp_path / "g.txt")
    graph.add_node("x", value=float("nan"))
    graph.add_node("y", value=["list"])
    with pytest.raises(InvalidValue) as caught:
        write_graph(graph, tmp_path / "g.json")
    assert len(caught.value.faults) == 2


@pytest.mark.parametrize("ending", ["graphml", "json"])
@pytest.mark.parametrize("content", ["", "<graphml", "{}", '{"nodes": [1], "edges": []}', "[]"])
def test_damaged_files_are_refused(tmp_path, ending, content):
    file = tmp_path / f"g.{ending}"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(UnreadableInput, match="đồ thị"):
        read_graph(file)
