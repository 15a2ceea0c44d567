"""The compliance-cost sheet (Biểu mẫu tính chi phí tuân thủ) in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from procsim.language.formatting import format_number, format_number_en
from procsim.language.i18n import bilingual
from procsim.measures.base import (
    ASSUMED,
    Bools,
    Dossier,
    Figures,
    Floats,
    Rows,
    Store,
    assumed_where,
    equal,
    filled,
    present,
    remembered,
    text_data,
    total,
)
from procsim.model.check import silent_channels
from procsim.model.portfolio import Portfolio

COLUMNS = (
    "procedure",
    "group",
    "position",
    "work",
    "activity",
    "hours",
    "hourly_vnd",
    "services_vnd",
    "fees_vnd",
    "weight",
    "cost_vnd",
    "mark",
    "note",
    "expected_vnd",
    "source",
)

GROUPS = {
    1: bilingual("measures.preparing_dossier"),
    2: bilingual("measures.submitting_dossier"),
    3: bilingual("measures.paying_ph_l_ph"),
    4: bilingual("measures.preparing_attending_inspection_authority"),
    5: bilingual("measures.other_work"),
    6: bilingual("measures.collecting_result"),
}

# Why a figure is missing: the codes of statutory_why, documents_why, cost_why, assumed_why, why.
REASONS = {
    "no_channels": bilingual("measures.no_way_submission_listed"),
    "no_limit": bilingual("measures.no_time_limit_stated"),
    "no_unit": bilingual("measures.limit_number_without_readable"),
    "no_dossier": bilingual("measures.no_dossier_listed"),
    "not_marked": bilingual("measures.no_dossier_row_yet"),
    "channel_shares": bilingual("measures.shares_channels_add_up"),
    "fee_unreadable": bilingual("measures.amount_ph_l_ph"),
    "invalid_input": bilingual("measures.entry_impossible_negative_number"),
    "no_steps": bilingual("measures.no_step_listed"),
    "no_step_days": bilingual("measures.no_step_states_days"),
    "step_circle": bilingual("measures.steps_wait_each_other"),
    "no_volume": bilingual("measures.no_yearly_volume_stated"),
    "no_times": bilingual("measures.no_subjects_stated_times"),
    "no_subjects": bilingual("measures.no_times_year_stated"),
    "no_content": bilingual("measures.only_name_listed_without"),
    "cost_unknown": bilingual("measures.no_cost_known"),
    "zero_cost": bilingual("measures.cost_0"),
    "before_zero": bilingual("measures.value_before_0"),
    "nothing_known": bilingual("measures.no_procedure_known_both"),
}

_METHOD = {
    "counter": bilingual("measures.counter"),
    "post": bilingual("measures.post"),
    "online": bilingual("measures.online"),
    "unknown": bilingual("measures.no_way_known"),
    "": bilingual("measures.any_way"),
}
_FEE = {
    "phi": bilingual("measures.ph_charge_service"),
    "le_phi": bilingual("measures.l_ph_state_fee"),
    "other": bilingual("measures.other_cost"),
    "unknown": bilingual("measures.charge_unknown_kind"),
}
_PAYING = bilingual("measures.making_payment")
_RANK = {"": -1, "luật": 0, "công bố": 1, "nhập": 2, ASSUMED: 3}
_MARKS = np.array(["luật", "công bố", "nhập", ASSUMED], dtype=object)
_ENTERED = _RANK["nhập"]

Ranks = npt.NDArray[np.int64]


def _rank(marks: pd.Series) -> Ranks:
    """Return marks as ranks; a stated figure without a mark counts as entered."""
    ranks = marks.map(_RANK).to_numpy(dtype=np.int64, na_value=_ENTERED)
    return np.where(ranks < 0, _ENTERED, ranks)


def _default_rank(p: Figures, names: tuple[str, ...]) -> Ranks:
    return np.array([_RANK[p.mark(name)] for name in names], dtype=np.int64)


def _paper_ranks(
    portfolio: Portfolio, lines: Lines, kind: npt.NDArray[np.int8], p: Figures
) -> Ranks:
    """Return the weakest mark of what went into each line of group 1."""
    table = portfolio.requirements
    hours_stated = table["hours"].notna().to_numpy()
    price_stated = table["purchase_vnd"].notna().to_numpy()
    hours = np.where(hours_stated, _rank(table["hours_mark"]), _default_rank(p, CLASSES)[kind])
    hours = np.maximum(hours, _RANK[p.mark("gdp_per_head_vnd")])
    prices = _default_rank(p, ("price_certified_vnd", "price_copy_vnd"))
    price = np.where(
        price_stated, _rank(table["purchase_mark"]), np.where(kind == 1, prices[0], prices[1])
    )
    ranks = np.where(lines.hours != 0, hours, 0)
    ranks = np.maximum(ranks, np.where(lines.services != 0, price, 0))
    for column in ("share_needed", "share_held"):
        stated = table[column].notna().to_numpy()
        ranks = np.maximum(ranks, np.where(stated, _rank(table[f"{column}_mark"]), 0))
    return ranks


def _share_ranks(portfolio: Portfolio, channel: Rows) -> Ranks:
    """Return the mark of a channel's stated share; an unstated one is in `assumed`."""
    if not len(portfolio.channels):
        return np.zeros(len(channel), dtype=np.int64)
    table = portfolio.channels
    stated = np.where(table["share"].notna().to_numpy(), _rank(table["share_mark"]), 0)
    return np.where(channel >= 0, stated[np.maximum(channel, 0)], 0)


def _method_labels(portfolio: Portfolio, channel: Rows, language: str) -> list[str]:
    methods = portfolio.channels["method"].tolist()
    return [_METHOD[methods[k] if k >= 0 else ""].in_language(language) for k in channel]


def _paper_notes(portfolio: Portfolio, lines: Lines, language: str) -> list[str]:
    vi = language != "en"
    write = format_number if vi else format_number_en
    table = portfolio.requirements
    notes = []
    columns = ("status", "papers", "replaced", "coverage", "share_needed", "conditional")
    cells = [table[name].tolist() for name in columns]
    for status, papers, replaced, coverage, needed, conditional in zip(*cells, strict=True):
        parts = []
        if status == "dropped":
            parts.append("không còn phải nộp" if vi else "no longer asked for")
        if status == "merged":
            parts.append("đã gộp vào giấy tờ khác" if vi else "merged into another paper")
        if replaced > 0:
            of = write(1 if pd.isna(papers) else papers)
            text = f"{write(replaced)}/{of} " + (
                "giấy tờ thay bằng dữ liệu" if vi else "papers replaced by data"
            )
            if not pd.isna(coverage):
                text += f" ({'độ phủ' if vi else 'coverage'} {write(coverage)})"
            parts.append(text)
        if conditional or not pd.isna(needed):
            parts.append("chỉ một số người nộp" if vi else "only some applicants")
        notes.append("; ".join(parts))
    return [notes[row] for row in lines.row]


def _fee_notes(portfolio: Portfolio, lines: Lines, language: str) -> list[str]:
    vi = language != "en"
    texts = portfolio.fees["amount_text"].tolist()
    notes = []
    for row, many, unread in zip(lines.row, lines.alternatives, lines.unread, strict=True):
        parts = []
        if many > 1:
            parts.append(
                f"mức trung bình thấp trong {many} mức" if vi else f"lower-middle of {many} amounts"
            )
        if unread == many:
            reason = REASONS["fee_unreadable"].in_language(language)
            parts.append(f"{reason}: {texts[row]}" if texts[row] else reason)
        elif unread:
            parts.append(f"{unread} mức không đọc được" if vi else f"{unread} could not be read")
        notes.append("; ".join(parts))
    return notes


def _block(
    portfolio: Portfolio, p: Figures, lines: Lines, active: Bools, language: str
) -> pd.DataFrame:
    """Return the shown lines of one block with their words and marks."""
    empty = [""] * len(lines.row)
    hourly_rank = _RANK[p.mark("gdp_per_head_vnd")]
    ranks = np.where(lines.hours != 0, hourly_rank, 0)
    ways = _method_labels(portfolio, lines.channel, language)
    if lines.group == 1:
        table = portfolio.requirements
        kind = paper_class(portfolio, equal(table["kind"], "form"))
        ranks = _paper_ranks(portfolio, lines, kind, p)
        activity, notes = table["name"].tolist(), _paper_notes(portfolio, lines, language)
        position, source = table["position"].to_numpy(), table.index
    elif lines.group == 3:
        table = portfolio.fees
        ranks = np.maximum(ranks, _share_ranks(portfolio, lines.channel))
        if lines.paying:
            paying = (_default_rank(p, ("hours_pay_fee",))[0], _PAYING.in_language(language))
            ranks = np.maximum(ranks, paying[0])
            labels, notes = [paying[1]] * len(empty), empty
        else:
            ranks = np.maximum(ranks, _rank(table["mark"])[lines.row])
            kinds = table["kind"].tolist()
            labels = [_FEE[kinds[row]].in_language(language) for row in lines.row]
            notes = _fee_notes(portfolio, lines, language)
        activity = [f"{label} – {way}" for label, way in zip(labels, ways, strict=True)]
        position = table["position"].to_numpy()[lines.row]
        source = table.index[lines.row]
    else:
        table = portfolio.channels
        verb = "submit" if lines.group == 2 else "collect"
        used = _default_rank(p, tuple(f"hours_{verb}_{name}" for name in METHODS))
        method = channel_methods(portfolio)
        ranks = np.maximum(ranks, np.where(lines.hours != 0, used[method], 0))
        ranks = np.maximum(ranks, _share_ranks(portfolio, lines.channel))
        price = _default_rank(p, ("price_post_vnd",))[0]
        ranks = np.maximum(ranks, np.where(lines.services != 0, price, 0))
        activity, notes = ways, empty
        position, source = table["position"].to_numpy(), table.index
    ranks = np.where(lines.assumed, _RANK[ASSUMED], np.minimum(ranks, _ENTERED))
    made = pd.DataFrame(
        {
            "procedure": lines.owner,
            "group": lines.group,
            "position": position,
            "work": GROUPS[lines.group].in_language(language),
            "activity": activity,
            "hours": lines.hours,
            "hourly_vnd": float(p.hourly_income_vnd),
            "services_vnd": lines.services,
            "fees_vnd": lines.fees,
            "weight": lines.weight,
            "cost_vnd": lines.cost,
            "mark": np.where(np.isnan(lines.cost), "", _MARKS[ranks]),  # no figure, no mark
            "note": notes,
            "expected_vnd": lines.expected,
            "source": np.asarray(source),
        }
    )
    return made[lines.shown & active[lines.owner]]


def _lacking(procedures: Rows, group: int, code: str, p: Figures, language: str) -> pd.DataFrame:
    """Return a line without amount for each procedure that lacks a whole group."""
    return pd.DataFrame(
        {
            "procedure": procedures,
            "group": group,
            "position": 0,
            "work": GROUPS[group].in_language(language),
            "activity": "",
            "hours": np.nan,
            "hourly_vnd": float(p.hourly_income_vnd),
            "services_vnd": np.nan,
            "fees_vnd": 0.0,
            "weight": 1.0,
            "cost_vnd": np.nan,
            "mark": "",
            "note": REASONS[code].in_language(language),
            "expected_vnd": np.nan,
            "source": "",
        },
        index=np.arange(len(procedures)),
    )


def sheet_rows(
    portfolio: Portfolio,
    p: Figures,
    blocks: tuple[Lines, ...],
    active: Bools,
    lacking: Mapping[str, Rows],
    language: str,
) -> pd.DataFrame:
    """Return the sheet of all procedures, sorted by procedure, group and position."""
    parts = [_block(portfolio, p, lines, active, language) for lines in blocks]
    parts.append(_lacking(lacking["no_dossier"], 1, "no_dossier", p, language))
    parts += [_lacking(lacking["no_channels"], g, "no_channels", p, language) for g in (2, 6)]
    filled = [part for part in parts if len(part)]
    sheet = pd.concat(filled or parts[-1:], ignore_index=True)[list(COLUMNS)]
    sheet = sheet.sort_values(["procedure", "group", "position"], kind="stable")
    owner = sheet["procedure"].to_numpy(dtype=np.intp)
    ids = np.asarray(portfolio.procedures.index, dtype=object)
    sheet["procedure"] = pd.Series(ids[owner], index=sheet.index, dtype=object).astype("str")
    return sheet.reset_index(drop=True)


# The lines of the compliance-cost sheet as arrays, before any text is added.

# How the parameters name the preparation of a row, and its ways of submission.
CLASSES = (
    "hours_form",
    "hours_document_certified",
    "hours_document_copy",
    "hours_document_original",
)
METHODS = ("counter", "post", "online")
_KINDS = ("phi", "le_phi", "other", "unknown")


@dataclass(frozen=True)
class Lines:
    """Lines of one kind of work, arrays of shape (lines,).

    Attributes
    ----------
    group
        1–6, the group of work on the cost sheet.
    owner, row
        Row number of the procedure, and of the requirement, channel or fee.
    channel
        Row number of the channel, −1 where the line has none.
    weight
        How much of one dossier the line stands for (0–1).
    cost, expected
        In đồng per dossier: as the law has it, and with data that do not answer.
    assumed, hours_assumed
        Whether hours, price or weight rest on an assumption; whether hours or weight do.
    shown
        Whether the sheet has the line.
    paying
        Whether these are the work of paying, beside the amounts themselves.
    alternatives, unread
        For amounts: from how many the lower-middle one was taken, and how many
        of them cannot be read.
    """

    group: int
    owner: Rows
    row: Rows
    channel: Rows
    hours: Floats
    services: Floats
    fees: Floats
    weight: Floats
    cost: Floats
    expected: Floats
    assumed: Bools
    hours_assumed: Bools
    shown: Bools
    paying: bool = False
    alternatives: Rows = field(default_factory=lambda: np.zeros(0, dtype=np.intp))
    unread: Rows = field(default_factory=lambda: np.zeros(0, dtype=np.intp))


def _times(weight: Floats, unit: Floats) -> Floats:
    """Return the product, 0 where the weight is 0 even if the unit is not known."""
    made = weight * unit
    made[weight == 0] = 0.0
    return made


def _marked(p: Figures, names: tuple[str, ...]) -> Bools:
    return np.array([p.mark(name) == ASSUMED for name in names], dtype=bool)


def _values(p: Figures, names: tuple[str, ...]) -> Floats:
    return np.array([p[name] for name in names], dtype=float)


def paper_class(portfolio: Portfolio, form: Bools) -> npt.NDArray[np.int8]:
    """Return which of `CLASSES` each requirement is prepared as.

    A form is filled in; a paper is a certified copy, else an original, else a
    plain copy; a paper of unstated form is prepared as an original.
    """
    table = portfolio.requirements
    plain = (table["copies"].to_numpy() > 0) & (table["originals"].to_numpy() <= 0)
    kind = np.where(plain, 2, 3).astype(np.int8)
    kind[table["certified"].to_numpy(dtype=bool)] = 1
    kind[form] = 0
    return kind


def _fallback_hours(ways: Channels, p: Figures) -> Floats:
    """Return the hours of Điều 8 for one paper, shape (procedures,).

    Dossiers handed in online take ``hours_fallback_online``, all others
    ``hours_fallback``, by the shares of the channels; NaN without a channel.
    """
    names = tuple(f"hours_fallback{'_online' if m == 'online' else ''}" for m in METHODS)
    hours = _values(p, names)[ways.method]
    summed = total(ways.owner, _times(ways.weight, hours), len(ways.count))
    return np.where(ways.count > 0, summed, np.nan)


def paper_lines(
    portfolio: Portfolio, rows: Dossier, p: Figures, ways: Channels | None = None
) -> Lines:
    """Return group 1, a line for each form or document of the base case.

    ``cost = share_needed × (1 − share_held) × (1 − replaced ÷ papers) × (hours ×
    hourly + purchase)``. Expected, the replaced part comes back for the share of
    applicants whose data do not answer, with the notice and the second trip of
    Điều 8, Nghị quyết 66.7/2025/NQ-CP: ``(1 − coverage) × (paper + fallback hours ×
    hourly)``, where the hours are ``hours_fallback_online`` for the share of dossiers
    handed in online and ``hours_fallback`` for the others. Who already holds the
    paper is spared its preparation, not the trip. `ways` are worked out where not given.
    """
    table = portfolio.requirements
    kind = paper_class(portfolio, rows.form)
    hours, hours_stated = filled(table["hours"], _values(p, CLASSES)[kind])
    copy_vnd, certified_vnd = float(p["price_copy_vnd"]), float(p["price_certified_vnd"])
    price = np.array([0.0, certified_vnd, copy_vnd, copy_vnd])[kind]
    price *= np.maximum(table["copies"].to_numpy(), kind == 1)
    services, services_stated = filled(table["purchase_vnd"], price)
    assumed_price = np.where(
        kind == 1, p.mark("price_certified_vnd") == ASSUMED, p.mark("price_copy_vnd") == ASSUMED
    )
    counted = rows.base & rows.asked
    hourly = float(p.hourly_income_vnd)
    unit = hours * hourly
    unit += services
    unit[rows.unknown] = np.nan
    fraction = rows.fraction
    prepared = rows.needed * (1.0 - rows.held)
    weight = 1.0 - fraction
    weight *= prepared
    weight[~counted] = 0.0
    cost = _times(weight, unit)
    expected = cost.copy()
    some = np.flatnonzero(counted & (fraction != 0))
    ways = channels(portfolio, p) if ways is None else ways
    trip = _fallback_hours(ways, p)[rows.owner[some]] * hourly
    again = prepared[some] * unit[some] + _times(rows.needed[some], trip)
    expected[some] += _times(fraction[some] * (1.0 - rows.coverage[some]), again)
    hours_marks = assumed_where(table["hours_mark"], hours_stated, _marked(p, CLASSES)[kind])
    price_marks = assumed_where(table["purchase_mark"], services_stated, assumed_price)
    shares = rows.needed_assumed | rows.held_assumed
    hours_assumed = (hours_marks & (hours > 0)) | shares
    hours_marks |= p.mark("gdp_per_head_vnd") == ASSUMED
    assumed = (hours_marks & (hours > 0)) | (price_marks & (services > 0))
    return Lines(
        group=1,
        owner=rows.owner,
        row=np.arange(len(table)),
        channel=np.broadcast_to(-1, len(table)),
        hours=hours,
        services=services,
        fees=np.broadcast_to(0.0, len(table)),
        weight=weight,
        cost=cost,
        expected=expected,
        assumed=assumed | shares,
        hours_assumed=hours_assumed,
        shown=rows.base,
    )


@dataclass(frozen=True)
class Channels:
    """The channels with the share of dossiers that each takes.

    Attributes
    ----------
    owner, method, weight, assumed
        Shape (channels,): procedure, number in `METHODS`, share of the
        procedure's dossiers (adds up to 1), whether a share was assumed.
    count
        Shape (procedures,): channels of each procedure.
    """

    owner: Rows
    method: npt.NDArray[np.int8]
    weight: Floats
    assumed: Bools
    count: Floats


def channel_methods(portfolio: Portfolio) -> npt.NDArray[np.int8]:
    """Return each channel's number in `METHODS`; one of unknown method is the counter."""
    method = np.zeros(len(portfolio.channels), dtype=np.int8)
    for number, name in enumerate(METHODS[1:], start=1):
        method[equal(portfolio.channels["method"], name)] = number
    return method


def channels(portfolio: Portfolio, p: Figures) -> Channels:
    """Return the channels and their weights.

    Stated shares count as stated. What they leave of 1 is divided among the
    other channels by ``share_counter``, ``share_post``, ``share_online``;
    several channels of one method divide its share. The weights are normalised
    to 1; where they add up to 0 they are NaN. A procedure's only channel has
    weight 1.
    """
    table = portfolio.channels
    size = len(portfolio.procedures)
    owner = portfolio.positions("channels", "procedure")
    method = channel_methods(portfolio)
    share, stated = filled(table["share"], np.nan, 1.0)
    names = tuple(f"share_{name}" for name in METHODS)
    open_key = np.where(stated, -1, owner * len(METHODS) + method)
    alike = total(np.maximum(open_key, -1), None, size * len(METHODS))
    default = np.where(stated, 0.0, _values(p, names)[method] / np.maximum(alike[open_key], 1))
    known = total(owner, np.where(stated, share, 0.0), size)
    offered = total(owner, default, size)
    with np.errstate(invalid="ignore", divide="ignore"):
        scale = np.maximum(1.0 - known, 0.0) / offered
        raw = np.where(stated, share, default * scale[owner])
        weight = raw / total(owner, raw, size)[owner]
    count = total(owner, None, size)
    alone = count[owner] == 1
    by_hand = assumed_where(table["share_mark"], stated, _marked(p, names)[method])
    guessed = total(owner, by_hand.astype(float), size) > 0
    return Channels(
        owner=owner,
        method=method,
        weight=np.where(owner < 0, 0.0, np.where(alone, 1.0, weight)),
        assumed=~alone & guessed[owner],
        count=count,
    )


def channel_lines(ways: Channels, p: Figures, group: int) -> Lines:
    """Return group 2 (submitting) or 6 (collecting), a line for each channel.

    ``cost = share of the channel × (hours × hourly + postage)``.
    """
    verb = "submit" if group == 2 else "collect"
    names = tuple(f"hours_{verb}_{name}" for name in METHODS)
    postage = float(p["price_post_vnd"])
    hours = _values(p, names)[ways.method]
    services = np.array([0.0, postage, 0.0])[ways.method]
    norms = _marked(p, names)[ways.method] & (hours > 0)
    assumed = norms | ((hours > 0) & (p.mark("gdp_per_head_vnd") == ASSUMED))
    assumed |= (services > 0) & (p.mark("price_post_vnd") == ASSUMED)
    cost = _times(ways.weight, hours * float(p.hourly_income_vnd) + services)
    rows = np.arange(len(ways.owner))
    return Lines(
        group=group,
        owner=ways.owner,
        row=rows,
        channel=rows,
        hours=hours,
        services=services,
        fees=np.zeros(len(rows)),
        weight=ways.weight,
        cost=cost,
        expected=cost,
        assumed=assumed | ways.assumed,
        hours_assumed=norms | ways.assumed,
        shown=ways.owner >= 0,
    )


def _fees_by_channel(portfolio: Portfolio, ways: Channels) -> tuple[Rows, Rows]:
    """Return fee rows and the channel each holds for; one for all is repeated.

    A fee of a procedure without any channel stands with number
    ``channels + procedure``.
    """
    owner = portfolio.positions("fees", "procedure")
    channel = portfolio.positions("fees", "channel")
    direct = np.flatnonzero((channel >= 0) & (owner >= 0))
    general = np.flatnonzero((channel < 0) & (owner >= 0))
    order = np.argsort(ways.owner, kind="stable")
    starts = np.searchsorted(ways.owner[order], np.arange(len(portfolio.procedures)))
    lengths = ways.count[owner[general]].astype(np.intp)
    offsets = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    spread = order[np.repeat(starts[owner[general]], lengths) + offsets]
    alone = general[lengths == 0]
    fees = np.concatenate([direct, np.repeat(general, lengths), alone])
    units = np.concatenate([channel[direct], spread, len(ways.owner) + owner[alone]])
    return fees, units


@dataclass(frozen=True)
class _FeeGroups:
    """Fees gathered by channel and kind; the amounts do not matter to it.

    Attributes
    ----------
    kind
        Shape (fees,): number in `_KINDS`.
    rows
        Fee rows, a group after the other; `units` and `group` beside them.
    first, sizes
        Where each group begins in `rows`, and how many it has.
    several
        Places in `rows` of groups that have alternatives.
    """

    kind: Rows
    rows: Rows
    units: Rows
    group: Rows
    first: Rows
    sizes: Rows
    several: Rows


_GROUPED: Store = {}


def _fee_groups(portfolio: Portfolio, ways: Channels) -> _FeeGroups:
    """Return the groups, worked out once while channels and kinds of fees are the same."""
    data = text_data(portfolio.fees["kind"])
    if data is None:
        return _make_fee_groups(portfolio, ways)
    joins = (("fees", "procedure"), ("fees", "channel"), ("channels", "procedure"))
    sources = (data, *(portfolio.positions(*join) for join in joins))
    label = len(portfolio.procedures)
    return remembered(_GROUPED, sources, label, lambda: _make_fee_groups(portfolio, ways))


def _make_fee_groups(portfolio: Portfolio, ways: Channels) -> _FeeGroups:
    kind = np.full(len(portfolio.fees), len(_KINDS) - 1)
    for number, name in enumerate(_KINDS[:-1]):
        kind[equal(portfolio.fees["kind"], name)] = number
    fees, units = _fees_by_channel(portfolio, ways)
    key = units * len(_KINDS) + kind[fees]
    order = np.argsort(key, kind="stable")
    key = key[order]
    first = np.flatnonzero(np.diff(key, prepend=-1))
    sizes = np.diff(first, append=len(key))
    return _FeeGroups(
        kind=kind,
        rows=fees[order],
        units=units[order],
        group=np.repeat(np.arange(len(first)), sizes),
        first=first,
        sizes=sizes,
        several=np.flatnonzero(np.repeat(sizes > 1, sizes)),
    )


def fee_lines(portfolio: Portfolio, ways: Channels, p: Figures) -> tuple[Lines, Lines]:
    """Return group 3: a line for each channel and kind of fee, and the work of paying.

    Amounts of one kind in one channel are alternatives: the lower-middle
    readable one counts ("mức trung bình thấp", Thông tư 02/2017/TT-VPCP); kinds
    are added; channels are weighted by their share. A channel that states no fee
    beside one that charges is not free: its share goes to those that state one. Paying takes
    ``hours_pay_fee`` where a readable fee is above 0. A kind of which no amount
    can be read makes the line NaN.
    """
    table = portfolio.fees
    amount, _ = filled(table["amount_vnd"], np.nan)
    groups = _fee_groups(portfolio, ways)
    kind, sizes, several = groups.kind, groups.sizes, groups.several
    fees = groups.rows.copy()
    order = np.lexsort((amount[fees[several]], groups.group[several]))  # unreadable ones last
    fees[several] = fees[several[order]]
    readable = total(groups.group, (~np.isnan(amount[fees])).astype(float), len(sizes))
    readable = readable.astype(np.intp)
    chosen = fees[groups.first + np.maximum(readable - 1, 0) // 2]
    units = groups.units[groups.first]
    owner = portfolio.positions("fees", "procedure")[chosen]
    count = len(ways.owner)
    real = units < count
    safe = np.where(real, units, 0)
    share = _fee_shares(ways, silent_channels(portfolio))
    weight = np.where(real, share[safe], 1.0) if count else np.ones(len(units))
    guessed = real & ways.assumed[safe] if count else np.zeros(len(units), dtype=bool)
    vnd = amount[chosen]
    cost = _times(weight, vnd)
    no_hours = np.zeros(len(chosen), dtype=bool)
    lines = Lines(
        group=3,
        owner=owner,
        row=chosen,
        channel=np.where(real, units, -1),
        hours=np.zeros(len(chosen)),
        services=np.zeros(len(chosen)),
        fees=vnd,
        weight=weight,
        cost=cost,
        expected=cost,
        assumed=equal(table["mark"], ASSUMED)[chosen]
        | (guessed & ~_same_everywhere(owner * len(_KINDS) + kind[chosen], vnd, ways, owner)),
        hours_assumed=no_hours,
        shown=np.ones(len(chosen), dtype=bool),
        alternatives=sizes,
        unread=(sizes - readable).astype(np.intp),
    )
    return lines, _pay_lines(lines, units, guessed, ways, p)


def _fee_shares(ways: Channels, silent: Bools) -> Floats:
    """Return the shares of the channels, those of silent ones given to the channels that speak."""
    if not silent.any():
        return ways.weight
    size = len(ways.count)
    speaking = total(ways.owner, np.where(silent, 0.0, ways.weight), size)
    scale = np.divide(1.0, speaking, out=np.ones(size), where=speaking > 0)[ways.owner]
    moved: Bools = present(ways.owner, size, silent)[ways.owner] & (speaking[ways.owner] > 0)
    return np.where(moved, np.where(silent, 0.0, ways.weight * scale), ways.weight)


def _same_everywhere(key: Rows, vnd: Floats, ways: Channels, owner: Rows) -> Bools:
    """Return where a fee is the same in every channel: then no share matters to it."""
    if not len(key):
        return np.zeros(0, dtype=bool)
    size = int(key.max()) + 1
    low, high = np.full(size, np.inf), np.zeros(size)
    known = np.where(np.isnan(vnd), np.inf, vnd)  # an unreadable fee differs from the readable
    np.minimum.at(low, key, known)
    np.maximum.at(high, key, known)
    times = np.bincount(key, minlength=size)
    same: Bools = (low[key] == high[key]) & (times[key] == ways.count[owner])
    return same


def _pay_lines(fees: Lines, units: Rows, guessed: Bools, ways: Channels, p: Figures) -> Lines:
    """Return the work of paying, once for each channel in which something is paid."""
    paid = np.flatnonzero(fees.fees > 0)
    _, first = np.unique(units[paid], return_index=True)
    lines = paid[first]
    owner = fees.owner[lines]
    size = len(ways.count)
    everywhere = (total(owner, None, size) == ways.count)[owner]
    hours = np.full(len(lines), float(p["hours_pay_fee"]))
    weight = fees.weight[lines]
    cost = _times(weight, hours * float(p.hourly_income_vnd))
    shares = guessed[lines] & ~everywhere
    norm = p.mark("hours_pay_fee") == ASSUMED
    guess = norm or p.mark("gdp_per_head_vnd") == ASSUMED
    return Lines(
        group=3,
        owner=owner,
        row=fees.row[lines],
        channel=fees.channel[lines],
        hours=hours,
        services=np.zeros(len(lines)),
        fees=np.zeros(len(lines)),
        weight=weight,
        cost=cost,
        expected=cost,
        assumed=(guess & (hours > 0)) | shares,
        hours_assumed=(norm & (hours > 0)) | shares,
        shown=np.ones(len(lines), dtype=bool),
        paying=True,
    )
