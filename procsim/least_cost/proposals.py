"""What could be proposed for each procedure, and which legal text it would amend."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from procsim.language.formatting import format_number
from procsim.language.text import fold
from procsim.measures.base import Figures, base_rows
from procsim.measures.time import statutory_days
from procsim.model.portfolio import Portfolio
from procsim.reference import Parameters, parameters
from procsim.reference.law import RESOLUTION_NUMBER, price_of_database, signer_of_rank
from procsim.reforms.base import Reform
from procsim.reforms.kinds import (
    AcceptCopy,
    CutCondition,
    CutFee,
    DropRequirement,
    MoveOnline,
    ParallelSteps,
    ReplaceByData,
    ShortenLimit,
)
from procsim.reforms.resolutions import resolution_66_7
from procsim.reforms.wording import database_names

Subject = Literal["dossier", "limit", "fee", "step", "condition"]

_LOW_TO_HIGH = (
    "quyet_dinh_bo_truong", "thong_tu", "quyet_dinh_ttg", "nghi_dinh", "nghi_quyet", "phap_lenh",
    "luat", "other",
)  # fmt: skip
# Ministers lay down no business conditions, so a circular is never taken for one.
_OF_CONDITIONS = ("nghi_dinh", "phap_lenh", "luat")
_GENERAL = 4  # a text that this many fields cite lays down no single dossier
_YEAR = re.compile(r"/((?:19|20)\d\d)/")
_FINANCE = "Bộ Tài chính"
_FINANCE_TEXT = re.compile(r"/TT-BTC$")
_WORDS = {"nghi_dinh": "Nghị định", "thong_tu": "Thông tư"}
_ARTICLE = "Điều 3 khoản 2"
_PHOTO = "anh_the"
DEEP_CUT = " (cắt quá một nửa)"
_LIKE_ENOUGH = 5  # so many procedures make a median that says something
_ACTS = (
    "cấp lại", "cấp đổi", "cấp", "gia hạn", "điều chỉnh", "sửa đổi", "thay đổi", "thu hồi",
    "chấm dứt", "tạm ngừng", "xóa đăng ký", "đăng ký lại", "đăng ký", "phê duyệt", "thẩm định",
    "công nhận", "xác nhận", "trả lại", "chuyển đổi", "chuyển nhượng", "thông báo", "kiểm tra",
    "khai", "hoàn", "miễn", "công bố", "chấp thuận", "bổ nhiệm", "giải quyết", "hỗ trợ",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Route:
    """The text that a proposal would amend.

    Attributes
    ----------
    number, name, rank
        The text; no number where the portfolio names none that could be it: the
        name then tells the rank, the agency and the field of the text to find, so
        that one unknown text is not taken for the text of every field.
    article
        Điểm, khoản, điều, where the portfolio names them.
    agency
        Who drafts it.
    assumed
        Whether the portfolio does not say that this text lays the thing down.
    """

    number: str
    name: str
    rank: str
    article: str
    agency: str
    assumed: bool

    def fields(self, reason: str, source: str) -> dict[str, Any]:
        """Return the fields of a reform that state the route, the assumption in its reason."""
        if not self.assumed:
            note = ""
        elif self.number:
            note = (
                f" Văn bản phải sửa ({self.number}) là giả định: danh mục không nêu văn bản nào "
                "quy định nội dung này; cán bộ kiểm tra."
            )
        else:
            note = " Danh mục không nêu văn bản phải sửa; loại văn bản là giả định."
        return {
            "reason": reason + note,
            "legal_text": self.name or self.number,
            "legal_numbers": (self.number,) if self.number else (),
            "article": self.article,
            "rank": self.rank,
            "signer": signer_of_rank(self.rank),
            "lead": self.agency,
            "product": f"Văn bản sửa đổi, bổ sung {self.number or self.name}",
            "source": source,
        }


@dataclass(frozen=True, slots=True)
class _Basis:
    number: str
    name: str
    rank: str
    article: str


class Routes:
    """The legal bases of a portfolio, ready to be asked.

    The text that the portfolio names for a paper or a condition counts. Where it
    names none, the text of lowest rank among those of the procedure is taken, as
    an assumption: of several the one that most procedures of the field cite, then
    the newest. Passed over while others remain are texts that four fields or more
    cite (they rule procedures in general) and those that only amend others.
    Circulars on fees count for fees only, those of Bộ Tài chính for its own
    procedures and for fees, and a business condition is never taken to stand in a
    circular.

    Parameters
    ----------
    portfolio
        The portfolio whose ``legal_bases`` are asked.
    """

    def __init__(self, portfolio: Portfolio) -> None:
        procedures, table = portfolio.procedures, portfolio.legal_bases
        self._ministry = procedures["ministry"].to_dict()
        self._field = procedures["field"].to_dict()
        self._of: dict[str, list[_Basis]] = defaultdict(list)
        self._named: dict[str, _Basis] = {}
        fields: dict[str, set[str]] = defaultdict(set)
        names: dict[str, str] = {}
        self._cited: dict[tuple[str, str], int] = defaultdict(int)
        columns = ("procedure", "requirement", "condition", "number", "name", "rank", "article")
        rows = [
            row
            for row in zip(*(table[c].tolist() for c in columns), strict=True)
            if row[3] and row[3] != RESOLUTION_NUMBER and row[5] in _LOW_TO_HIGH
        ]
        for procedure, *_, number, name, _rank, _article in rows:
            fields[number].add(self._field.get(procedure, ""))
            # Published names are often cut short; the longest says most.
            names[number] = max(names.get(number, ""), name, key=len)
        for procedure, paper, condition, number, _name, rank, article in rows:
            basis = _Basis(number, names[number], rank, article)
            for row in (paper, condition):
                if row:
                    self._named.setdefault(row, basis)
            self._cited[self._field.get(procedure, ""), number] += 1
            self._of[procedure].append(basis)
        self._general = {number for number, of in fields.items() if len(of) >= _GENERAL}
        self._general |= {number for number, name in names.items() if _amends(name)}

    def of(self, procedure: str, subject: Subject, row: str = "") -> Route:
        """Return the route of one thing of a procedure; `row` is a paper or condition id."""
        agency = _FINANCE if subject == "fee" else self._ministry.get(procedure, "")
        named = self._named.get(row)
        if named is not None:
            return Route(named.number, named.name, named.rank, named.article, agency, False)
        chosen = self._guess(procedure, subject)
        if chosen is None:
            rank = "nghi_dinh" if subject == "condition" else "thong_tu"
            field = self._field.get(procedure, "")
            name = f"{_WORDS[rank]} ({agency}, {field or procedure}, chưa nêu số hiệu)"
            return Route("", name, rank, "", agency, True)
        return Route(chosen.number, chosen.name, chosen.rank, "", agency, True)

    def _guess(self, procedure: str, subject: Subject) -> _Basis | None:
        every = self._of.get(procedure, [])
        if subject == "fee":
            found = [b for b in every if _FINANCE_TEXT.search(b.number)]
            return self._first(procedure, [b for b in found if _on_fees(b)] or found)
        if subject == "condition":
            every = [b for b in every if b.rank in _OF_CONDITIONS]
        own = self._ministry.get(procedure, "") == _FINANCE
        every = [
            b for b in every if not _on_fees(b) and (own or not _FINANCE_TEXT.search(b.number))
        ]
        specific = [b for b in every if b.number not in self._general]
        return self._first(procedure, specific or every)

    def _first(self, procedure: str, found: list[_Basis]) -> _Basis | None:
        field = self._field.get(procedure, "")
        return min(
            found,
            key=lambda b: (
                _LOW_TO_HIGH.index(b.rank),
                -self._cited[field, b.number],
                -_year(b.number),
                b.number,
            ),
            default=None,
        )


def _on_fees(basis: _Basis) -> bool:
    words = fold(basis.name, diacritics=True)
    return basis.rank == "thong_tu" and ("lệ phí" in words or "mức thu" in words)


def _amends(name: str) -> bool:
    """Return whether a text only amends others, by the first words of its name."""
    return "sửa đổi, bổ sung" in fold(name, diacritics=True)[:60]


def _year(number: str) -> int:
    found = _YEAR.search(number)
    return int(found.group(1)) if found else 0


def listed_papers(portfolio: Portfolio, routes: Routes) -> Iterator[Reform]:
    """Yield what Nghị quyết 66.7/2025/NQ-CP lists: its annexes, and papers of Điều 4 k.1–9.

    A paper of Điều 4 in a procedure that Phụ lục I lists without naming that paper
    is yielded too; its source says so, because Điều 3 khoản 2 speaks only of
    procedures that are not listed.
    """
    plan = resolution_66_7(portfolio, also_listed=True)
    annex = {r.procedure_id for r in plan.reforms if _ARTICLE not in r.source}
    annex |= {p for row in plan.unmatched for p in row.procedures}
    for reform in plan.reforms:
        if _ARTICLE not in reform.source:
            yield reform
            continue
        route = routes.of(reform.procedure_id, "dossier", reform.target)
        wide = reform.procedure_id in annex
        yield replace(
            reform,
            reason=route.fields(reform.reason, "")["reason"],
            legal_numbers=(RESOLUTION_NUMBER, route.number or route.name),
            rank=route.rank,
            source=f"{reform.source} (thủ tục đã nêu tại Phụ lục I)" if wide else reform.source,
        )


def open_papers(
    portfolio: Portfolio,
    routes: Routes,
    taken: frozenset[tuple[str, str]],
    p: Parameters | None = None,
) -> Iterator[Reform]:
    """Yield papers of the open clause (Điều 4 khoản 10): a database holds them, unlisted.

    Parameters
    ----------
    taken
        Pairs (requirement, document type) that are listed already.
    """
    p = p or parameters()
    rows, marks = portfolio.requirements, portfolio.marks
    chosen = marks[marks["class"].eq("open") & marks["group"].eq("")]
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for paper, kind, base in zip(
        *(chosen[c].tolist() for c in ("requirement", "document_type", "database")), strict=True
    ):
        if base and (paper, kind) not in taken:
            found[paper][kind].add(base)
    wanted = rows.loc[rows.index.isin(found), ["procedure", "types", "relation", "papers"]]
    for paper, procedure, types, relation, papers in wanted.itertuples(name=None):
        own = found[paper]
        listed = {kind for kind in types.split(";") if (paper, kind) in taken}
        rest = set(filter(None, types.split(";"))) - set(own) - listed
        part = bool(rest) and relation != "any"
        if part and papers <= 1:  # the row would be asked for all the same
            continue
        bases = tuple(sorted({_nearest(names, p) for names in own.values()}))
        route = routes.of(procedure, "dossier", paper)
        reason = (
            f"Thông tin có thể đã có trong {database_names(bases).vi}; chỉ thay được khi chủ quản "
            "công bố dữ liệu đầy đủ (Nghị quyết 66.7/2025/NQ-CP, Điều 4 khoản 10)."
        )
        fields = route.fields(reason, "Điều 4 khoản 10 (điều khoản mở)")
        yield ReplaceByData(paper, tuple(own), bases, None, "", part, **fields)


def _nearest(bases: set[str], p: Parameters) -> str:
    """Return the database that takes least effort, of several that hold a paper."""
    return min(bases, key=lambda base: (price_of_database(base, p), base))


def plain_copies(portfolio: Portfolio, routes: Routes) -> Iterator[Reform]:
    """Yield papers of which a plain copy may do: certified ones, and originals of known type.

    Forms and papers that the applicant writes stay originals: nobody else holds
    them. Photographs stay too.
    """
    rows = portfolio.requirements
    known = rows["types"].ne("") & rows["types"].ne(_PHOTO)
    chosen = rows[
        rows["kind"].eq("document")
        & rows["status"].eq("required")
        & (rows["certified"] | (rows["originals"].gt(0) & known))
        & base_rows(portfolio)
    ]
    for paper, procedure, certified in chosen[["procedure", "certified"]].itertuples(name=None):
        asked = "bản sao có chứng thực" if certified else "bản chính"
        reason = (
            f"Đề xuất nhận bản sao không chứng thực thay cho {asked}; khi cần thì xuất trình bản "
            "chính để đối chiếu. Cán bộ xem xét từng giấy tờ."
        )
        fields = routes.of(procedure, "dossier", paper).fields(reason, "procsim: bản sao")
        yield AcceptCopy(paper, **fields)


def double_demands(portfolio: Portfolio, routes: Routes) -> Iterator[Reform]:
    """Yield rows that ask in the same case for a paper that an earlier row asks for.

    The words must be the same (spelling apart), and so the papers that the row stands for.
    """
    rows = portfolio.requirements
    chosen = rows[rows["kind"].isin(("document", "form")) & rows["status"].eq("required")]
    chosen = chosen.sort_values(["case", "position"], kind="stable")
    first: dict[tuple[str, str, str], str] = {}
    columns = ["procedure", "case", "name", "types"]
    for paper, procedure, case, name, types in chosen[columns].itertuples(name=None):
        words = fold(name, diacritics=True).strip(" .;,")
        earlier = first.setdefault((case, words, types), paper)
        if earlier != paper and words:
            reason = f"Hồ sơ yêu cầu hai lần cùng một giấy tờ (đã có tại {earlier})."
            fields = routes.of(procedure, "dossier", paper).fields(reason, "procsim: trùng")
            yield DropRequirement(paper, **fields)


def act_of(name: str) -> str:
    """Return what a procedure does, from the first words of its name; ``""`` if unknown.

    Examples
    --------
    >>> act_of("Thủ tục cấp lại giấy phép lái xe"), act_of("Gia hạn tạm trú")
    ('cấp lại', 'gia hạn')
    """
    words = fold(name, diacritics=True).removeprefix("thủ tục ").strip()
    return next((act for act in _ACTS if words.startswith(act)), "")


def median_limits(portfolio: Portfolio, routes: Routes, p: Figures | None) -> Iterator[Reform]:
    """Yield limits longer than the median of similar procedures, cut to that median.

    Similar are, first, the procedures of the same field and levels; second, those
    that do the same act (see `act_of`). Each of the two medians, where five
    procedures or more state a limit, gives a candidate of its own. A median counts
    in whole working days, rounded up, so a limit is never cut below it; a cut by
    more than half says so in its source.
    """
    table = portfolio.procedures
    days = statutory_days(portfolio, p)
    known = table["status"].eq("active") & days.gt(0)
    act = table["name"].map(act_of)
    groups = (
        (table["field"] + "\n" + table["levels"], table["field"].ne(""), "cùng lĩnh vực, cùng cấp"),
        (act, act.ne(""), "cùng loại việc"),
    )
    goals: dict[str, set[float]] = {}
    for keys, named, words in groups:
        usable = known & named
        own = days[usable].groupby(keys[usable])
        for procedure, size, middle in zip(
            days.index[usable], own.transform("size"), own.transform("median"), strict=True
        ):
            goal = float(np.ceil(middle - 1e-9))
            earlier = goals.setdefault(procedure, set())
            if size < _LIKE_ENOUGH or goal >= days[procedure] - 1e-9 or goal in earlier:
                continue
            earlier.add(goal)
            what = f"{words} ({act[procedure]})" if keys is act else words
            reason = (
                f"Thời hạn {format_number(round(float(days[procedure]), 2))} ngày làm việc dài "
                f"hơn trung vị {format_number(round(float(middle), 2))} ngày của {int(size)} thủ "
                f"tục {what}; đề xuất rút về trung vị, cán bộ xem xét."
            )
            deep = goal < days[procedure] / 2
            source = "procsim: trung vị" + (DEEP_CUT if deep else "")
            fields = routes.of(procedure, "limit").fields(reason, source)
            yield ShortenLimit(procedure, days=goal, **fields)


def free_online(portfolio: Portfolio, routes: Routes) -> Iterator[Reform]:
    """Yield fees that could fall to 0 đồng when the dossier is handed in online."""
    channels, fees = portfolio.channels, portfolio.fees
    online = channels.index[channels["method"].eq("online")]
    offered = set(channels.loc[online, "procedure"])
    paid = fees["amount_vnd"].gt(0) & (fees["channel"].eq("") | fees["channel"].isin(online))
    for procedure in dict.fromkeys(fees.loc[paid, "procedure"]):
        if procedure not in offered:
            continue
        reason = "Đề xuất mức thu 0 đồng khi nộp hồ sơ trực tuyến để khuyến khích nộp trực tuyến."
        fields = routes.of(procedure, "fee").fields(reason, "procsim: 0 đồng trực tuyến")
        yield CutFee(procedure, amount_vnd=0.0, channel_method="online", **fields)


def move_online(portfolio: Portfolio, routes: Routes) -> Iterator[Reform]:
    """Yield procedures of business that cannot be handed in online yet.

    Nghị quyết 66/NQ-CP asks for all of them online.
    """
    table, channels = portfolio.procedures, portfolio.channels
    offered = channels.loc[channels["method"].eq("online"), "procedure"]
    business = table["audience"].isin(("business", "both")) & table["status"].eq("active")
    reason = (
        "Thủ tục liên quan đến doanh nghiệp chưa nộp được trực tuyến; Nghị quyết 66/NQ-CP yêu cầu "
        "100 % thực hiện trực tuyến."
    )
    for procedure in table.index[business & ~table.index.isin(offered)]:
        fields = routes.of(procedure, "step").fields(reason, "procsim: trực tuyến")
        yield MoveOnline(procedure, **fields)


def parallel_steps(portfolio: Portfolio, routes: Routes) -> Iterator[Reform]:
    """Yield two neighbouring office steps that could run side by side.

    Both must be the office's own and state their days, follow each other and
    nothing else, and be neither the first nor the last of the procedure
    (receiving and handing out stay where they are). Whether one needs the
    other's result is for the officer to say.
    """
    steps, flow = portfolio.steps, portfolio.flow
    active = steps["status"].eq("active")
    good = active & steps["actor"].eq("office") & steps["days"].gt(0)
    leads, follows = flow["before"].value_counts(), flow["after"].value_counts()
    taken: set[str] = set()
    for before, after in zip(flow["before"], flow["after"], strict=True):
        alone = leads.get(before) == 1 and follows.get(after) == 1
        inside = follows.get(before, 0) > 0 and leads.get(after, 0) > 0
        if not (alone and inside and good.get(before, False) and good.get(after, False)):
            continue
        if taken & {before, after}:
            continue
        taken |= {before, after}
        reason = (
            "Hai bước liền nhau đều do cơ quan thực hiện; đề xuất làm song song nếu bước sau không "
            "cần kết quả của bước trước. Cán bộ xem xét."
        )
        procedure = str(steps.at[before, "procedure"])
        fields = routes.of(procedure, "step").fields(reason, "procsim: song song")
        yield ParallelSteps(before, (after,), **fields)


def unneeded_conditions(portfolio: Portfolio, routes: Routes) -> Iterator[Reform]:
    """Yield every condition that stands, for the officer to say which are unnecessary."""
    table = portfolio.conditions
    kept = table[table["status"].eq("kept")]
    reason = (
        "Chưa có danh sách điều kiện không cần thiết; điều kiện này chỉ là đối tượng để cán bộ xem "
        "xét cắt giảm."
    )
    for condition, procedure in kept["procedure"].items():
        fields = routes.of(procedure, "condition", condition).fields(reason, "procsim: điều kiện")
        yield CutCondition(condition, **fields)
