"""Links: the rule that chooses who issues a paper, case by case."""

from __future__ import annotations

import pandas as pd
import pytest

from procsim.marking import mark
from procsim.model.portfolio import Portfolio
from procsim.network.links import LINK_COLUMNS, links

NAMES = {
    "1.000001": "Cấp thẻ căn cước (cấp tỉnh)",
    "1.000002": "Cấp thẻ căn cước (cấp xã)",
    "1.000003": "Cấp lại thẻ căn cước",
}


def network(
    asked: dict[str, list[str]],
    issued: dict[str, str],
    names: dict[str, str] | None = None,
    **procedures: object,
) -> Portfolio:
    """Return a marked portfolio: rows asked for and results by procedure."""
    names = names or {}
    ids = list(dict.fromkeys([*issued, *asked]))
    rows = [(key, text) for key, texts in asked.items() for text in texts]
    return mark(
        Portfolio.from_tables(
            {
                "procedures": pd.DataFrame(
                    {"id": ids, "name": [names.get(i, f"Thủ tục {i}") for i in ids],
                     "ministry": "Bộ Công an"} | procedures
                ),
                "cases": pd.DataFrame({"id": [f"{i}/c1" for i in ids], "procedure": ids}),
                "requirements": pd.DataFrame(
                    {
                        "id": [f"r{n}" for n in range(len(rows))],
                        "procedure": [key for key, _ in rows],
                        "case": [f"{key}/c1" for key, _ in rows],
                        "name": [text for _, text in rows],
                        "originals": 1,
                    }
                ),
                "results": pd.DataFrame(
                    {"id": [f"{i}/o1" for i in issued], "procedure": list(issued),
                     "name": list(issued.values())}
                ),
            }
        )
    )  # fmt: skip


def issuer_of(made: pd.DataFrame, requirement: str = "r0") -> str:
    (found,) = made.loc[made["requirement"] == requirement, "issuer"]
    return str(found)


def test_columns_and_one_plain_link():
    portfolio = network({"2": ["Bản sao thẻ căn cước"]}, {"1": "Thẻ căn cước"}, {"1": "Cấp thẻ"})
    made = links(portfolio)
    assert made.columns.tolist() == list(LINK_COLUMNS)
    row = made.iloc[0]
    assert (row["procedure"], row["issuer"], row["document_type"]) == ("2", "1", "can_cuoc")
    assert row["counted"]
    assert row["base"]
    assert not row["own"]
    assert not row["review"]
    assert row["confidence"] > 0.75


def test_first_issue_comes_before_reissue():
    issued = dict.fromkeys(["1.000003", "1.000002"], "Thẻ căn cước")
    assert issuer_of(links(network({"9": ["Thẻ căn cước"]}, issued, NAMES))) == "1.000002"


def test_only_a_reissue_is_shown_but_not_counted():
    made = links(network({"9": ["Thẻ căn cước"]}, {"1.000003": "Thẻ căn cước"}, NAMES))
    assert made[["issuer", "counted", "review"]].values.tolist() == [["1.000003", False, True]]


@pytest.mark.parametrize(("level", "issuer"), [("commune", "1.000002"), ("province", "1.000001")])
def test_a_level_in_common_is_preferred(level, issuer):
    issued = dict.fromkeys(["1.000001", "1.000002"], "Thẻ căn cước")
    levels = ["province", "commune", level]
    made = links(network({"9": ["Thẻ căn cước"]}, issued, NAMES, levels=levels))
    assert issuer_of(made) == issuer
    assert not made["review"].any()


def test_rivals_are_shown_and_reviewed():
    issued = dict.fromkeys(["1.000001", "1.000002"], "Thẻ căn cước")
    made = links(network({"9": ["Thẻ căn cước"]}, issued, NAMES))
    assert made[["issuer", "rivals", "review"]].values.tolist() == [["1.000001", "1.000002", True]]
    assert made["counted"].all()


def test_special_variants_serve_only_who_speaks_of_them():
    names = {"1": "Đăng ký khai sinh có yếu tố nước ngoài", "2": "Đăng ký khai sinh"}
    issued = dict.fromkeys(names, "Giấy khai sinh")
    made = links(network({"9": ["Giấy khai sinh"]}, issued, names))
    assert issuer_of(made) == "2"


def test_licences_are_told_apart_by_their_words():
    names = {
        "1": "Cấp Giấy chứng nhận đủ điều kiện kinh doanh thuốc thú y",
        "2": "Cấp Giấy chứng nhận đủ điều kiện kinh doanh dịch vụ kế toán",
    }
    issued = {key: name.removeprefix("Cấp ") for key, name in names.items()}
    rows = [
        "Bản sao Giấy chứng nhận đủ điều kiện kinh doanh dịch vụ kế toán",
        "Giấy chứng nhận đủ điều kiện kinh doanh thuốc thú y",
        "Giấy chứng nhận đủ điều kiện",
        "Giấy chứng nhận đủ điều kiện kinh doanh xăng dầu",
    ]
    made = links(network({"9": rows}, issued, names))
    assert dict(zip(made["requirement"], made["issuer"], strict=True)) == {"r0": "2", "r1": "1"}


def test_who_renews_or_ends_a_paper_holds_it():
    names = {
        "1": "Cấp giấy phép lái xe",
        "2": "Cấp lại giấy phép lái xe",
        "3": "Thu hồi giấy phép lái xe",
    }
    asked = {"2": ["Giấy phép lái xe đã được cấp"], "3": ["Giấy phép lái xe"]}
    issued = dict.fromkeys(["1", "2"], "Giấy phép lái xe")
    made = links(network(asked, issued, names))
    assert made[["procedure", "issuer", "own", "counted"]].values.tolist() == [
        ["2", "2", True, False],
        ["3", "1", True, False],
    ]


def test_papers_from_abroad_have_no_issuer_here():
    rows = ["Hộ chiếu nước ngoài", "Giấy khai sinh do cơ quan có thẩm quyền nước ngoài cấp"]
    issued = {"1": "Hộ chiếu", "2": "Giấy khai sinh"}
    assert len(links(network({"9": rows}, issued))) == 0


def test_private_papers_and_abolished_issuers_make_no_link():
    issued = {"1": "Hợp đồng mua bán", "2": "Thẻ căn cước"}
    rows = ["Hợp đồng mua bán", "Thẻ căn cước"]
    portfolio = network({"9": rows}, issued, status=["active", "abolished", "active"])
    assert len(links(portfolio)) == 0


def decision(**cells: str) -> dict[str, str]:
    plain = {"document_type": "can_cuoc", "procedure": "", "requirement": "", "issuer": ""}
    return plain | {"decided_by": "Trần A", "decided_on": "2026-02-01", "reason": "Luật"} | cells


def test_officers_decide_the_most_particular_and_latest_wins():
    issued = dict.fromkeys(["1.000001", "1.000002", "1.000003"], "Thẻ căn cước")
    asked = {"7": ["Thẻ căn cước"], "8": ["Thẻ căn cước"], "9": ["Thẻ căn cước", "Căn cước"]}
    portfolio = network(asked, issued, NAMES)
    decided = pd.DataFrame(
        [
            decision(requirement="r3", issuer=""),
            decision(procedure="8", issuer="1.000003", decided_on="2026-02-02"),
            decision(procedure="8", issuer="1.000001"),
            decision(issuer="1.000002"),
        ]
    )
    made = links(portfolio, decided=decided)
    assert dict(zip(made["requirement"], made["issuer"], strict=True)) == {
        "r0": "1.000002",
        "r1": "1.000003",
        "r2": "1.000002",
    }
    assert made["source"].iloc[0] == "Trần A, 2026-02-01: Luật"
    assert made["counted"].all()
    assert not made["review"].any()


def test_an_officer_links_what_the_rule_does_not_find():
    names = {"1": "Cấp Giấy phép hoạt động bay", "9": "Thủ tục khác"}
    portfolio = network({"9": ["Giấy phép hoạt động"]}, {"1": "Giấy phép hoạt động bay"}, names)
    assert len(links(portfolio)) == 0
    decided = pd.DataFrame([decision(document_type="giay_phep_hoat_dong", issuer="1")])
    made = links(portfolio, decided=decided)
    assert made[["requirement", "issuer", "counted"]].values.tolist() == [["r0", "1", True]]
    elsewhere = links(portfolio, decided=decided.assign(issuer="5.555555"))
    assert elsewhere[["issuer", "counted", "review"]].values.tolist() == [["5.555555", False, True]]
