"""How the page Tối ưu shows the plan that was found: figures, proof, reasons, other plans."""

from __future__ import annotations

from collections.abc import Callable, Hashable

import pandas as pd
import streamlit as st

from procsim.app.shell import address, jobs, show, workspace
from procsim.app.shell.session import language, say
from procsim.errors import InvalidValue
from procsim.language.i18n import bilingual, t
from procsim.least_cost import Clash, Explanation
from procsim.least_cost.plan import SmallestPlan
from procsim.reports.charts.figures import tradeoff
from procsim.store import PutPlan

_CURVE = tuple(round(0.05 * step, 2) for step in range(2, 13))
_PART_SECONDS = 60.0


def show_answer(found: SmallestPlan, key: Hashable) -> None:
    """Show an answer of `procsim.smallest_plan`.

    Parameters
    ----------
    key
        Key of the job that found it: what is asked about the answer hangs on it.
    """
    _verdict(found)
    figures = st.columns(4)
    show.figure(figures[0], say("smallest.texts"), show.amount(len(found.legal_texts)))
    show.figure(figures[1], say("smallest.databases"), show.amount(len(found.databases)))
    show.figure(figures[2], say("smallest.reforms"), show.amount(len(found.plan)))
    show.figure(
        figures[3],
        say("smallest.price"),
        show.amount(found.price, 1),
        help=say("smallest.price.help"),
    )
    if len(found.plan):
        _keep(found)
    names = ("targets", "route", "why", "others", "levels", "curve")
    tabs = dict(zip(names, st.tabs([say(f"smallest.tab.{name}") for name in names]), strict=True))
    with tabs["targets"]:
        _targets(found)
    with tabs["route"]:
        _route(found)
    with tabs["why"]:
        _why(found, key)
    with tabs["others"]:
        _others(found, key)
    with tabs["levels"]:
        _levels(found, key)
    with tabs["curve"]:
        _curve(found, key)


def _verdict(found: SmallestPlan) -> None:
    status = t(f"smallest.status.{found.status}", language())
    if found.clash is not None:
        st.warning(f"**{status}.** {show.escaped(show.told(found.clash.sentence()))}")
        st.caption(say("smallest.nearest"))
    elif found.status == "optimal":
        proof = say(
            "smallest.proof" if found.gap > 1e-9 else "smallest.proof.exact",
            gap=show.percent(found.gap),
            bound=show.amount(found.bound, 1),
        )
        st.success(f"**{status}.** {proof}", icon=":material/verified:")
    else:
        gap = "–" if found.gap == float("inf") else show.percent(found.gap)
        proof = say("smallest.proof", gap=gap, bound=show.amount(found.bound, 1))
        st.info(f"**{status}.** {proof}", icon=":material/hourglass_bottom:")


def _keep(found: SmallestPlan) -> None:
    name, save = st.columns([4, 2], vertical_alignment="bottom")
    chosen = name.text_input(
        say("smallest.keep.name"), value=t("smallest.plan_name", language()), key="smallest.name"
    )
    save.button(
        say("smallest.keep"),
        key="smallest.keep",
        type="primary",
        on_click=_save,
        args=(chosen, found),
        width="stretch",
    )


def _save(name: str, found: SmallestPlan) -> None:
    try:
        saved = workspace.act(PutPlan(name.strip(), found.plan))
    except InvalidValue as error:
        st.session_state["notice"] = bilingual(
            "app.smallest.not_kept", why=error.in_language(language())
        )
        return
    if saved:
        address.put("plan", name.strip())
        st.session_state["notice"] = bilingual("app.smallest.kept", name=name.strip())


def _targets(found: SmallestPlan) -> None:
    summary = found.summary
    named = summary["name_vi"] if language() == "vi" else summary["name_en"]
    show.table(
        pd.DataFrame(
            {
                say("smallest.target"): named,
                say("smallest.met"): [
                    say("verdict.met" if met else "verdict.missed") for met in summary["met"]
                ],
                say("smallest.required"): summary["required_rate"],
                say("smallest.reached"): summary["rate"],
                say("smallest.lacking"): summary["shortfall_points"],
                say("smallest.base"): summary["base"],
            }
        ),
        formats={
            say("smallest.required"): show.percent,
            say("smallest.reached"): show.percent,
            say("smallest.lacking"): 2,
            say("smallest.base"): 0,
        },
        key="smallest.summary",
        widths={say("smallest.target"): "large"},
    )
    if found.clash is not None:
        _reach(found.clash)
    for note in found.notes:
        st.caption(show.escaped(show.told(note)))


def _reach(clash: Clash) -> None:
    short = clash.reach[clash.reach["shortfall_points"] > 0]
    st.markdown(f"**{say('smallest.reach')}**")
    show.table(
        pd.DataFrame(
            {
                say("smallest.target"): short[f"name_{language()}"],
                say("smallest.required"): short["required_rate"],
                say("smallest.most"): short["most_rate"],
                say("smallest.lacking"): short["shortfall_points"],
            }
        ),
        formats={
            say("smallest.required"): show.percent,
            say("smallest.most"): show.percent,
            say("smallest.lacking"): 2,
        },
        key="smallest.reach",
    )


def _route(found: SmallestPlan) -> None:
    route = found.route
    if route.empty:
        st.caption(say("smallest.route.none"))
        return
    show.table(
        pd.DataFrame(
            {
                say("smallest.kind"): [say(f"smallest.kind.{kind}") for kind in route["kind"]],
                say("smallest.id"): route["id"],
                say("smallest.name"): route["name"],
                say("smallest.agency"): route["agency"],
                say("smallest.points"): route["price"],
                say("smallest.uses"): route["reforms"],
            }
        ),
        formats={say("smallest.points"): 1, say("smallest.uses"): 0},
        key="smallest.route",
        widths={say("smallest.name"): "large"},
    )
    spent = round(found.price_of_reforms, 2)
    st.caption(t("smallest.drafting", language(), reforms=len(found.plan), price=spent))


def _why(found: SmallestPlan, key: Hashable) -> None:
    names = [*found.legal_texts, *found.databases]
    if not names:
        st.caption(say("smallest.route.none"))
        return
    st.caption(say("smallest.why.caption"))
    name = st.selectbox(say("smallest.why.pick"), names, key="smallest.why")
    made = _asked(
        (key, "why", name),
        "smallest.why",
        say("smallest.why.ask"),
        lambda cancelled: found.explain(name, time_limit=_PART_SECONDS, cancel=cancelled),
    )
    if isinstance(made, Explanation):
        st.markdown(show.escaped(show.told(made.sentence())))


def _others(found: SmallestPlan, key: Hashable) -> None:
    st.caption(say("smallest.others.caption"))
    made = _asked(
        (key, "others"),
        "smallest.others",
        say("smallest.others.ask"),
        lambda cancelled: found.alternatives(time_limit=_PART_SECONDS, cancel=cancelled),
    )
    if not isinstance(made, tuple):
        return
    own = {*found.legal_texts, *found.databases}
    rows = []
    for number, other in enumerate(made, 1):
        theirs = {*other.legal_texts, *other.databases}
        rows.append(
            {
                say("smallest.plan"): show.written(number),
                say("smallest.price"): other.price,
                say("smallest.texts"): len(other.legal_texts),
                say("smallest.databases"): len(other.databases),
                say("smallest.reforms"): len(other.plan),
                say("smallest.without"): "; ".join(sorted(own - theirs)) or "–",
                say("smallest.instead"): "; ".join(sorted(theirs - own)) or "–",
            }
        )
    show.table(pd.DataFrame(rows), formats={say("smallest.price"): 1}, key="smallest.plans")
    number = st.selectbox(
        say("smallest.others.pick"), range(1, len(made) + 1), key="smallest.other"
    )
    name = say("smallest.others.name", number=number)
    st.button(
        say("smallest.keep"),
        key="smallest.keep.other",
        on_click=_save,
        args=(name, made[number - 1]),
    )


def _levels(found: SmallestPlan, key: Hashable) -> None:
    st.caption(say("smallest.levels.caption"))
    made = _asked(
        (key, "levels"),
        "smallest.levels",
        say("smallest.levels.ask"),
        lambda cancelled: (
            found.sensitivity(time_limit=2 * _PART_SECONDS, cancel=cancelled),
            found.shadow_prices(time_limit=_PART_SECONDS, cancel=cancelled),
        ),
    )
    if not isinstance(made, tuple):
        return
    levels, prices = made
    for sentence in prices[f"sentence_{language()}"]:
        st.markdown(f"- {show.escaped(sentence)}")
    show.table(
        pd.DataFrame(
            {
                say("smallest.metric"): [_metric(name) for name in levels["metric"]],
                say("smallest.level"): levels["level"],
                say("smallest.price"): levels["price"],
                say("smallest.bound"): levels["bound"],
                say("smallest.texts"): levels["texts"],
                say("smallest.databases"): levels["databases"],
                say("smallest.ended"): [
                    t(f"smallest.status.{name}", language()) for name in levels["status"]
                ],
            }
        ),
        formats={
            say("smallest.level"): lambda value: show.percent(float(str(value)), 0),
            say("smallest.price"): 1,
            say("smallest.bound"): 1,
        },
        key="smallest.levels.table",
    )


def _curve(found: SmallestPlan, key: Hashable) -> None:
    st.caption(say("smallest.curve.caption"))
    metrics = list(dict.fromkeys(found.summary["metric"]))
    metric = st.selectbox(
        say("smallest.curve.metric"), metrics, format_func=_metric, key="smallest.curve.metric"
    )
    whole = st.toggle(say("smallest.curve.whole"), key="smallest.curve.whole")
    made = _asked(
        (key, "curve", metric, whole),
        "smallest.curve",
        say("smallest.curve.ask"),
        lambda cancelled: found.curve(
            metric, _CURVE, whole=whole, time_limit=2 * _PART_SECONDS, cancel=cancelled
        ),
    )
    if not isinstance(made, pd.DataFrame):
        return
    named = {
        "level": say("smallest.level"),
        "relaxed": say("smallest.relaxed"),
        "price": say("smallest.price"),
        "gap": say("smallest.gap"),
        "texts": say("smallest.texts"),
    }
    shown = made.rename(columns=named)[[named[name] for name in named if name in made]]
    show.chart(
        tradeoff(
            made.assign(metric=metric, price=made["price"] if whole else made["relaxed"]),
            chosen=found.price,
            names={metric: _metric(metric)},
            language=language(),
        ).to_dict()
    )
    show.table(
        shown,
        formats={
            named["level"]: lambda value: show.percent(float(str(value)), 0),
            named["relaxed"]: 1,
            named["price"]: 1,
            named["gap"]: show.percent,
        },
        key="smallest.curve.table",
    )


def _asked(
    key: Hashable, name: str, label: str, ask: Callable[[Callable[[], bool]], object]
) -> object:
    """Show a button that asks, then how far it is, then return what was found."""
    job = jobs.jobs().get(key)
    if job is None or job.status in ("failed", "cancelled"):
        st.button(
            label,
            key=f"{name}.ask",
            on_click=jobs.begin,
            args=(key, lambda report: _reported(report, ask)),
        )
    job = jobs.follow(key, name=name)
    return job.result if job is not None and job.status == "done" else None


def _reported(report: jobs.Report, ask: Callable[[Callable[[], bool]], object]) -> object:
    report(0.1, bilingual("app.smallest.asking"))
    return ask(report.cancelled)


def _metric(name: str) -> str:
    return say("smallest.all") if name == "all" else t(f"smallest.metric.{name}", language())
