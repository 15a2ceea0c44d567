"""The smallest plan as officers meet it: plan, price, proof, figures and reasons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pandas as pd

from procsim.decisions import optimise
from procsim.decisions.candidates import Candidates
from procsim.decisions.optimise import LEVELS, Clash, Explanation, Result
from procsim.decisions.routes import rests_on_resolution
from procsim.decisions.smallest.aims import Aims
from procsim.decisions.smallest.model import Model, Pool
from procsim.decisions.views_html import smallest_plan_html
from procsim.errors import Text, shorten, spoken
from procsim.language.i18n import bilingual, t
from procsim.model.portfolio import Portfolio
from procsim.reference import Parameters, legal_texts
from procsim.reference.route import price_of_rank
from procsim.reference.vocabulary import shipped_databases
from procsim.reforms.plan import Plan

__all__ = ["SmallestPlan"]

_SHOWN = 40  # texts and databases printed for people; the table holds all


@dataclass(frozen=True, eq=False, repr=False)
class SmallestPlan:
    """The cheapest plan that meets every target, proven and measured again.

    Attributes
    ----------
    portfolio, candidates
        What was asked of, and what could be chosen.
    status
        ``optimal`` (proven within the gap), ``feasible``, ``time_limit``,
        ``cancelled``, or ``infeasible``: `plan` then is the nearest one, with the
        least total shortfall, and `clash` says why.
    plan
        The reforms, ready for `procsim.apply`.
    price, bound, gap
        Points of effort of the texts, databases and reforms of `plan`; the proven
        bound on the price of any plan that meets the targets, and the relative
        distance. For objective ``reduction`` the bound is one of percentage points.
    legal_texts, databases
        What `plan` amends and uses.
    before, after
        Totals by metric (``time`` in working days, ``cost`` in đồng,
        ``documents``, ``conditions``) of the procedures that the targets are
        about, measured before and after `plan`.
    rates
        (before − after) / before, by metric.
    summary
        One row for each target and group: ``metric``, ``scope``, ``name_vi``,
        ``name_en``, ``base``, ``required_rate``, ``saved``, ``rate`` (by the
        deadline), ``met``, ``shortfall_points``.
    notes
        What officers must know about the figures.
    result
        The answer of the search; its problem holds the arrays.
    clash
        Which targets cannot be met together; None unless infeasible.
    seconds
        Seconds in all.

    Examples
    --------
    >>> import procsim as ps
    >>> text = "1/2020/TT-BTC"
    >>> cuts = [ps.ShortenLimit("1.002947", days=d, legal_numbers=text) for d in (60, 20)]
    >>> found = ps.smallest_plan(ps.mark(ps.load_sample()), Plan(cuts), target_rates={"time": 0.1})
    >>> found
    <SmallestPlan optimal: 1 texts, 0 databases, 1 reforms, price 11>
    >>> found.rates["time"] >= 0.1
    True
    """

    portfolio: Portfolio = field(repr=False)
    candidates: Candidates = field(repr=False)
    aims: Aims = field(repr=False)
    pool: Pool = field(repr=False)
    model: Model = field(repr=False)
    result: Result = field(repr=False)
    clash: Clash | None = field(repr=False)
    chosen: tuple[int, ...] = field(repr=False)
    plan: Plan
    price: float
    summary: pd.DataFrame = field(repr=False)
    before: dict[str, float]
    after: dict[str, float]
    notes: tuple[Text, ...]
    parameters: Parameters | None = field(repr=False)
    seconds: float
    alternative: Callable[[Result], SmallestPlan] = field(repr=False)

    def __repr__(self) -> str:
        return (
            f"<SmallestPlan {self.status}: {len(self.legal_texts)} texts, "
            f"{len(self.databases)} databases, {len(self.plan)} reforms, price {self.price:g}>"
        )

    @property
    def status(self) -> str:
        """How the search ended."""
        return "infeasible" if self.clash is not None else self.result.status

    @property
    def found(self) -> bool:
        """Whether there is a plan that meets the targets."""
        return self.clash is None and self.result.found

    @property
    def bound(self) -> float:
        """Proven bound; NaN when the targets cannot be met."""
        return float("nan") if self.clash is not None else self.result.bound

    @property
    def gap(self) -> float:
        """Relative gap between price and bound; infinite without a plan."""
        if self.clash is not None or self.bound != self.bound:
            return float("inf")
        if self.result.objective == "reduction":
            return self.result.gap
        return max(0.0, self.price - self.bound) / self.price if self.price > 0 else 0.0

    @property
    def price_of_reforms(self) -> float:
        """Points of `price` for drafting the reforms themselves, beside texts and databases."""
        return float(self.pool.price[list(self._members)].sum())

    @property
    def legal_texts(self) -> tuple[str, ...]:
        """Texts that the plan amends, the most used first."""
        return tuple(self._texts)

    @property
    def databases(self) -> tuple[str, ...]:
        """Databases that the plan uses, the most used first."""
        return tuple(self._databases)

    @property
    def rates(self) -> dict[str, float]:
        """Reduction of each metric, as a share of what stood before."""
        return {
            name: (total - self.after[name]) / total if total > 0 else float("nan")
            for name, total in self.before.items()
        }

    @property
    def shortfalls(self) -> list[dict[str, object]]:
        """The targets that the plan misses, with the points that they lack."""
        missed = self.summary[~self.summary["met"]]
        columns = ["metric", "scope", "name_vi", "name_en", "required_rate", "rate"]
        made: list[dict[str, object]] = missed[[*columns, "shortfall_points"]].to_dict("records")
        return made

    @cached_property
    def _members(self) -> tuple[int, ...]:
        return tuple(sorted({m for row in self.chosen for m in self.model.choices[row].members}))

    @cached_property
    def _texts(self) -> dict[str, int]:
        counts = Counter(n for m in self._members for n in self.pool.texts[m])
        counts.update(dict.fromkeys(self.result.problem.limits.forced_in & set(self.pool.ranks), 0))
        return dict(counts.most_common())

    @cached_property
    def _databases(self) -> dict[str, int]:
        return dict(Counter(n for m in self._members for n in self.pool.databases[m]).most_common())

    @cached_property
    def route(self) -> pd.DataFrame:
        """One row for each text and database: kind, name, rank, agency, price, reforms."""
        names = shipped_databases()["name_vi"]
        texts = self.result.problem.texts
        bases = self.result.problem.databases
        listed = legal_texts()["title"].to_dict()
        title = {
            own[0]: r.legal_text
            for own, r in zip(self.pool.texts, self.pool.reforms, strict=True)
            if len(own) == 1 and r.legal_text != own[0] and not rests_on_resolution(r)
        } | listed
        rows = [
            ("legal_text", n, _title(title.get(n, "")), self.pool.ranks[n], self.pool.drafters[n],
             float(texts.price[texts.position[n]]), count)
            for n, count in self._texts.items()
        ] + [
            ("database", n, str(names.get(n, "")), "", bases.agency[bases.position[n]],
             float(bases.price[bases.position[n]]), count)
            for n, count in self._databases.items()
        ]  # fmt: skip
        columns = ["kind", "id", "name", "rank", "agency", "price", "reforms"]
        return pd.DataFrame(rows, columns=columns)

    def explain(self, name: str, **options: Any) -> Explanation:
        """Return why a text or database is in the plan; `procsim.decisions.optimise.explain`."""
        return optimise.explain(self._answer, name, **options)

    def alternatives(self, **options: Any) -> tuple[SmallestPlan, ...]:
        """Return different plans of nearly the same price, this one first, each measured.

        See `procsim.decisions.optimise.alternatives` for the options.
        """
        _, *others = optimise.alternatives(self._answer, **options)
        return (self, *(self.alternative(other) for other in others))

    def sensitivity(self, levels: Iterable[float] = LEVELS, **options: Any) -> pd.DataFrame:
        """Return the price of each metric's target at several levels."""
        return optimise.sensitivity(self.model.problem, levels, **options)

    def curve(self, metric: str, levels: Iterable[float], **options: Any) -> pd.DataFrame:
        """Return the price of one metric's target at many levels."""
        return optimise.curve(self.model.problem, metric, levels, **options)

    def shadow_prices(self, **options: Any) -> pd.DataFrame:
        """Return what one more circular would buy in each metric, in plain words."""
        step = price_of_rank("thong_tu", self.parameters)
        return optimise.shadow_prices(self._answer.problem, budget=self.price, step=step, **options)

    @property
    def _answer(self) -> Result:
        return self.result if self.clash is None else self.clash.relaxation

    def as_dict(self, language: str = "") -> dict[str, object]:
        """Return the answer as plain values, for programs."""
        language = spoken(language)
        summary = self.summary.rename(columns={f"name_{language}": "name"})
        shown = ["metric", "scope", "name", "base", "required_rate", "saved", "rate", "met"]
        return {
            "status": self.status,
            "price": self.price,
            "price_of_reforms": self.price_of_reforms,
            "bound": self.bound,
            "gap": self.gap,
            "legal_texts": list(self.legal_texts),
            "databases": list(self.databases),
            "reforms": len(self.plan),
            "before": self.before,
            "after": self.after,
            "rates": self.rates,
            "shortfalls": self.shortfalls,
            "targets": summary[[*shown, "shortfall_points"]].to_dict("records"),
            "route": self.route.to_dict("records"),
            "classes": dict(Counter(self.pool.classes[m] for m in self._members)),
            "reason": "" if self.clash is None else self.clash.sentence().in_language(language),
            "reach": [] if self.clash is None else self.clash.reach.to_dict("records"),
            "notes": [note.in_language(language) for note in self.notes],
            "candidates": len(self.candidates),
            "seconds": self.seconds,
        }

    def text(self, language: str = "") -> str:
        """Return the answer for people, in Vietnamese or English."""
        language = spoken(language)
        lines = [self._headline(language)]
        if self.clash is not None:
            lines += [self.clash.sentence().in_language(language), *_reach(self.clash, language)]
            lines.append(t("smallest.nearest", language))
        lines += [
            t(
                "smallest.target_line" if row.met else "smallest.target_missed",
                language,
                name=row.name_vi if language == "vi" else row.name_en,
                required=_percent(row.required_rate),
                rate=_percent(row.rate),
                short=round(row.shortfall_points, 2),
                lack=round(row.required_rate * row.base - row.saved),
                unit=bilingual(f"smallest.unit.{row.metric}"),
            )
            for row in self.summary.itertuples()
        ]
        for kind in ("legal_text", "database"):
            rows = self.route[self.route["kind"].eq(kind)]
            if len(rows):
                lines.append(t(f"smallest.{kind}s", language, count=len(rows)))
                lines += [self._item(row, language) for row in rows.head(_SHOWN).itertuples()]
            if len(rows) > _SHOWN:
                lines.append(t("smallest.more", language, count=len(rows) - _SHOWN))
        if self.price_of_reforms:
            spent = round(self.price_of_reforms, 2)
            lines.append(t("smallest.drafting", language, reforms=len(self.plan), price=spent))
        lines += [note.in_language(language) for note in self.notes]
        return "\n".join(lines)

    def headline(self) -> Text:
        """Return in one sentence what must be amended and connected, and the proof."""
        return Text(self._headline("vi"), self._headline("en"))

    def _headline(self, language: str) -> str:
        if not self.plan.reforms and not self.found:
            return t(
                "smallest.nothing", language, status=t(f"smallest.status.{self.status}", language)
            )
        key = "smallest.headline"
        if self.clash is not None:
            key = "smallest.headline_nearest"
        elif self.result.objective == "reduction":
            key = "smallest.headline_reduction"
        return t(
            key,
            language,
            status=t(f"smallest.status.{self.status}", language),
            texts=len(self.legal_texts),
            databases=len(self.databases),
            reforms=len(self.plan),
            price=round(self.price, 2),
            value=round(self.result.value, 2),
            bound="–" if self.bound != self.bound else round(self.bound, 2),
            gap="–" if self.gap == float("inf") else round(100 * self.gap, 2),
        )

    def _item(self, row: Any, language: str) -> str:
        return t(
            "smallest.item",
            language,
            id=row.id,
            name=f" – {row.name}" if row.name else "",
            agency=row.agency or "?",
            price=row.price,
            reforms=row.reforms,
        )

    def _repr_html_(self) -> str:
        return smallest_plan_html(self)


def _percent(share: float) -> float:
    return round(100 * share, 2)


def _reach(clash: Clash, language: str) -> list[str]:
    """Return how far each target that is missed can go when it alone counts."""
    return [
        t(
            "smallest.reach",
            language,
            name=row.name_vi if language == "vi" else row.name_en,
            required=_percent(row.required_rate),
            most=_percent(row.most_rate),
        )
        for row in clash.reach.itertuples()
        if row.shortfall_points > 0 or not row.alone
    ]


def _title(name: str) -> str:
    """Return the name of a text where it says more than what kind of text it is."""
    words = name.split()
    return shorten(" ".join(words), 110) if len(words) > 3 and words[0] != "ngày" else ""
