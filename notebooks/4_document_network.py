# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 4. Mạng lưới giấy tờ
# *The document network*
#
# Giấy tờ phải nộp ở thủ tục này thường là kết quả của thủ tục khác. Người dân đi một vòng; danh mục
# từng thủ tục không cho thấy điều đó, mạng lưới thì có.
#
# *A paper asked for here is often the result of a procedure there. Lists do not show the round that
# people make; the network does.*

# %%
import altair as alt
import pandas as pd
from IPython.display import SVG, Markdown

import procsim as ps
from procsim.language.formatting import format_number as so
from procsim.language.formatting import format_number_en as num
from procsim.reference import document_types
from procsim.reports.charts.figures import figure_svg
from procsim.reports.charts.style import styled

pd.set_option("display.max_colwidth", 90)
portfolio = ps.mark(ps.load_sample())
known = ps.links(portfolio)
graph = ps.national_graph(portfolio, known)

# %% tags=["size"]
counted = known[known["counted"]]
Markdown(
    f"**{so(len(counted))}** lần một giấy tờ được yêu cầu mà chính một thủ tục trong danh mục cấp "
    f"ra, nối {so(counted['procedure'].nunique())} thủ tục yêu cầu với "
    f"{so(counted['issuer'].nunique())} thủ tục cấp.  \n"
    f"*{num(len(counted))} times a paper is asked for that another procedure of the list issues; "
    f"{num(counted['procedure'].nunique())} procedures ask, "
    f"{num(counted['issuer'].nunique())} issue.*"
)

# %% [markdown]
# Đồ thị là một đồ thị networkx: mọi công cụ của networkx dùng được ngay.
# *The graph is a networkx graph, so all its tools apply.*

# %% tags=["asked"]
names = document_types()["name_vi"]
asked = {
    node.removeprefix("document_type:"): graph.out_degree(node)
    for node, facts in graph.nodes(data=True)
    if facts["kind"] == "document_type"
}
asked = pd.Series(asked, name="procedures").sort_values(ascending=False)
pd.DataFrame({"giấy tờ": names.reindex(asked.index), "số thủ tục yêu cầu": asked}).head(8)

# %% [markdown]
# ## Gánh nặng thật · *The whole burden*
#
# Thời hạn của một thủ tục cộng với thời hạn của các thủ tục phải làm trước để có giấy tờ. Trường
# hợp xấu nhất: chưa có giấy nào trong tay.
#
# *A procedure's own limit, and with the procedures that must come first: the worst case is an
# applicant who holds none of the papers yet.*

# %% tags=["chains"]
burden = ps.chain_burden(portfolio, known)
burden["name"] = portfolio.procedures["name"]
longer = burden.assign(extra=burden["worst_days"] - burden["own_days"]).nlargest(8, "extra")
longer[["name", "own_days", "worst_days", "upstream", "unknown_upstream", "mark"]].round(1)

# %%
bars = longer.melt(
    id_vars="name", value_vars=["own_days", "worst_days"], var_name="what", value_name="days"
)
bars["what"] = bars["what"].map({"own_days": "riêng thủ tục", "worst_days": "cả chuỗi"})
chart = (
    alt.Chart(bars, width=520)
    .mark_bar()
    .encode(
        x=alt.X("days:Q", title="ngày làm việc"),
        y=alt.Y("name:N", title=None, sort=None, axis=alt.Axis(labelLimit=420)),
        yOffset=alt.YOffset("what:N", sort=["riêng thủ tục", "cả chuỗi"]),
        color=alt.Color("what:N", title=None, sort=["riêng thủ tục", "cả chuỗi"]),
    )
)
title = "Thời hạn của riêng thủ tục và của cả chuỗi"
SVG(figure_svg(styled(chart, title, ["Chuỗi dài nhất; mọi giấy tờ đều phải đi xin."], "vi")))

# %% tags=["worst"]
worst = longer.iloc[0]
Markdown(
    f"Nặng nhất: “{worst['name']}” tự nó {so(worst['own_days'], 1)} ngày làm việc, cả chuỗi có thể "
    f"đến **{so(worst['worst_days'], 1)}** ngày.  \n"
    f"*The longest chain: {num(worst['own_days'], 1)} working days by itself, "
    f"up to {num(worst['worst_days'], 1)} with what comes before.*"
)

# %% [markdown]
# ## Vòng luẩn quẩn · *Circles*
#
# Có khi A cần giấy của B, mà B lại cần giấy của A. procsim nêu tên vòng chứ không tính lặp.
#
# *Sometimes A needs a paper of B and B one of A. Circles are named, never looped on.*

# %% tags=["circles"]
circles = ps.cycles(portfolio, known)
Markdown("\n".join(f"- {circle.sentence.vi}  \n  *{circle.sentence.en}*" for circle in circles))

# %% [markdown]
# ## Nên kết nối cơ sở dữ liệu nào trước? · *Which database first?*
#
# `papers` là số giấy tờ mỗi cơ sở dữ liệu thay được khi đứng một mình, `papers_next` là phần thêm
# khi đến lượt nó trong thứ tự tốt nhất.
#
# *What each database frees alone, and what it adds in its turn.*

# %% tags=["ranking"]
ranking = ps.ranking(portfolio, known)
columns = ["name_vi", "live", "papers", "papers_next", "cost_vnd_next", "next_best_rank"]
ranking[columns].head(6).round(0)

# %% [markdown]
# ## Hỏi hai lần · *Asked for twice*

# %% tags=["twice"]
twice = ps.duplicates(portfolio, known)
twice.groupby("class").agg(số_lần=("vi", "size"), ví_dụ=("vi", "first"))

# %% [markdown]
# ## Một thủ tục là một đồ thị · *One procedure is a graph*

# %% tags=["one"]
steps = portfolio["1.004222"].graph
pd.Series([kind for _, kind in steps.nodes(data="kind")]).value_counts()
