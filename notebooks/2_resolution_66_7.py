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
# # 2. Nghị quyết 66.7 làm được gì với các thủ tục thật
# *What Resolution 66.7/2025/NQ-CP does to real procedures*
#
# Nghị quyết cho phép thay giấy tờ bằng dữ liệu: giấy tờ ở Điều 4, thủ tục ở Phụ lục I, và cắt hẳn
# giấy tờ ở Phụ lục II. Phương án này đã nằm sẵn trong luật; procsim chỉ ghép nó vào danh mục.
#
# *The resolution replaces papers by data. The plan is already in the law; procsim matches it with
# the procedures at hand.*

# %%
import pandas as pd
from IPython.display import SVG, Markdown

import procsim as ps
from procsim.language.formatting import format_number as so
from procsim.language.formatting import format_number_en as num
from procsim.reports.charts.figures import before_after, figure_svg, heatmap, waterfall

portfolio = ps.mark(ps.load_sample())
plan = ps.resolution_66_7(portfolio)
plan

# %% [markdown]
# ## Trước và sau · *Before and after*

# %%
changed = ps.apply(portfolio, plan)
before, after = ps.measure(portfolio), ps.measure(changed)
rates = ps.compare(before, after).set_index("metric")
SVG(figure_svg(before_after(rates.reset_index())))

# %% tags=["saving"]
papers, days = rates.loc["documents"], rates.loc["statutory_days"]
Markdown(
    f"Thành phần hồ sơ giảm từ **{so(papers['before'])}** xuống **{so(papers['after'])}**, tức "
    f"**{so(100 * papers['rate'], 2)} %**. Thời hạn giải quyết giảm "
    f"{so(100 * days['rate'], 2)} %: bỏ giấy tờ không tự rút ngắn thời hạn trong luật.  \n"
    f"*Papers fall from {num(papers['before'])} to {num(papers['after'])}, "
    f"{num(100 * papers['rate'], 2)} %. Time limits fall by {num(100 * days['rate'], 2)} %: "
    "dropping a paper shortens no statutory limit by itself.*"
)

# %% [markdown]
# ## Trên giấy và trong thực tế · *On paper and in practice*
#
# Con số chính thức coi giấy tờ đã được thay là hết. Thực tế chỉ hết với người mà dữ liệu trả lời
# được (Điều 2), còn lại cơ quan vẫn phải yêu cầu nộp (Điều 8). Độ phủ chưa công bố nên là giả định.
#
# *The official count takes a replaced paper as gone. In practice it is gone for those whose data
# answer; coverage is not published, so it is an assumption.*

# %% tags=["effective"]
expected = rates.loc["documents_expected"]
Markdown(
    "Tính mỗi thủ tục một hồ sơ, người nộp bớt được "
    f"**{so(expected['saved'], 1)}** giấy tờ, so với **{so(papers['saved'], 1)}** theo cách đếm "
    "chính thức.  \n"
    f"*With one dossier of each procedure, applicants are spared {num(expected['saved'], 1)} "
    f"papers, against {num(papers['saved'], 1)} by the official count.*"
)

# %% [markdown]
# ## Cơ sở dữ liệu nào đóng góp bao nhiêu? · *Which database brings how much?*
#
# Tiết kiệm chồng lên nhau nên không cộng thẳng được; phần của mỗi cơ sở dữ liệu là giá trị Shapley,
# cộng lại đúng bằng tổng.
#
# *Savings overlap and cannot simply be added; these shares are Shapley values and add up exactly.*

# %% tags=["databases"]
shares = ps.effects(portfolio, plan, by="database")
SVG(figure_svg(waterfall(shares, "documents")))

# %% tags=["database_shares"]
shares[["name_vi", "name_en", "reforms", "documents", "documents_alone", "documents_last"]]

# %% [markdown]
# ## Một thủ tục trước và sau · *One procedure before and after*
#
# Giấy tờ bị gạch là giấy tờ được thay bằng dữ liệu. *What data replace is struck through.*

# %% tags=["map"]
most = (before["documents"] - after["documents"]).idxmax()
SVG(ps.procedure_map(portfolio, most, changed, width=1100))

# %% [markdown]
# ## So với chỉ tiêu năm 2026 · *Against the targets of 2026*
#
# Chỉ riêng một nghị quyết có đủ không? Kết luận nào chưa thể đưa ra thì bảng điểm nói rõ vì sao.
#
# *Is one resolution enough? Where there can be no verdict, the card says why.*

# %% tags=["card"]
card = ps.scorecard(before, after, ps.targets(2026), portfolio=changed, plan=plan)
card

# %%
SVG(figure_svg(heatmap(card.summary, ["business_time_2026", "business_cost_2026"])))

# %% tags=["verdicts"]
verdicts = card.nation()["verdict"].value_counts()
met, missed, unknown = (int(verdicts.get(v, 0)) for v in ("met", "missed", "unknown"))
Markdown(
    f"Đạt **{so(met)}**, chưa đạt **{so(missed)}**, chưa kết luận được **{so(unknown)}** chỉ tiêu. "
    "Sổ tay số 3 ghép thêm cải cách khác.  \n"
    f"*{num(met)} targets met, {num(missed)} missed, {num(unknown)} without a verdict. "
    "Notebook 3 adds other reforms.*"
)

# %% [markdown]
# ## Dòng nào chưa khớp, vì sao? · *Which rows met nothing, and why?*

# %% tags=["unmatched"]
pd.Series([row.reason_code for row in plan.unmatched]).value_counts()
