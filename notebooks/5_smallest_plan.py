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
# # 5. Phương án nhỏ nhất và cái giá của nó
# *The smallest plan and its price*
#
# Sửa ít văn bản nhất, kết nối ít cơ sở dữ liệu nhất mà vẫn đạt mọi chỉ tiêu? Máy tìm, chứng minh là
# không thể ít hơn, rồi đo lại bằng chính các phép đo thường dùng. Giá là **điểm công sức** quy ước
# (giả định), không phải tiền: mỗi văn bản theo cấp, mỗi cơ sở dữ liệu, và mỗi đề xuất 1 điểm.
#
# *Amend the fewest texts and connect the fewest databases that still meet every target: found,
# proven, and measured again. Prices are points of effort (an assumption), not money: each
# text by its rank, each database, and 1 point for each reform.*

# %%
import math

import pandas as pd
from IPython.display import SVG, Markdown

import procsim as ps
from procsim.language.formatting import format_number as so
from procsim.language.formatting import format_number_en as num
from procsim.reports.charts.figures import figure_svg, tradeoff

pd.set_option("display.max_colwidth", 90)
portfolio = ps.mark(ps.load_sample())
candidates = ps.candidates(portfolio)
candidates

# %% [markdown]
# ## Đạt các chỉ tiêu năm 2025 · *Meeting the targets of 2025*

# %% tags=["found"]
found = ps.smallest_plan(portfolio, candidates, ps.targets(2025))
found

# %% tags=["price"]
Markdown(
    f"Phải sửa **{so(len(found.legal_texts))} văn bản** và kết nối "
    f"**{so(len(found.databases))} cơ sở dữ liệu**: {so(found.price)} điểm. Không phương án nào "
    f"đạt các chỉ tiêu mà dưới {so(found.bound)} điểm.  \n"
    f"*{num(len(found.legal_texts))} texts to amend, {num(len(found.databases))} databases to "
    f"connect: {num(found.price)} points. No plan that meets the targets is below "
    f"{num(found.bound)}.*"
)

# %% [markdown]
# ## Đo lại bằng phép đo thường · *Measured again by the ordinary measures*
#
# Tối ưu hóa không được tin suông: áp dụng phương án, đo, và so với chỉ tiêu.
#
# *The optimiser is not taken at its word: the plan is applied, measured and held against targets.*

# %% tags=["checked"]
changed = ps.apply(portfolio, found.plan)
before, after = ps.measure(portfolio), ps.measure(changed)
card = ps.scorecard(
    before, after, ps.targets(2025), by=None, portfolio=changed, plan=found.plan
).nation()
reductions = card[card["target_id"].isin(["business_time_2025", "business_cost_2025"])]
reductions[["name_vi", "value", "target", "verdict"]]

# %% [markdown]
# ## Vì sao phải sửa văn bản này? · *Why this text?*

# %% tags=["why"]
key = found.legal_texts[0]
why = found.explain(key).sentence()
Markdown(f"**{key}** – {why.vi}  \n*{why.en}*")

# %% [markdown]
# ## Thêm một điểm phần trăm đắt bao nhiêu? · *What does more cost?*
#
# Cùng nâng mọi chỉ tiêu lên một mức; từ một mức nào đó danh mục này không làm nổi nữa.
#
# *All targets raised together: beyond some level these procedures cannot give more.*

# %% tags=["levels"]
levels = found.sensitivity([0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35])
together = levels[levels["metric"].eq("all")]
together[["level", "price", "texts", "databases", "status"]]

# %%
words = {"time": "thời gian giải quyết", "cost": "chi phí tuân thủ", "all": "mọi chỉ tiêu"}
drawn = levels[levels["metric"].isin(words)]
SVG(figure_svg(tradeoff(drawn, chosen=found.price, names=words)))

# %% tags=["shadow"]
found.shadow_prices()[["sentence_vi", "sentence_en"]]

# %% [markdown]
# ## Có lựa chọn khác gần bằng giá không? · *Other plans of nearly the same price?*

# %% tags=["others"]
others = found.alternatives(within=0.2)
Markdown(
    "\n".join(
        f"- {so(other.price)} điểm / *points*: {', '.join(other.legal_texts)}" for other in others
    )
)

# %% [markdown]
# ## Khi chỉ tiêu quá cao · *When a target is out of reach*
#
# Chỉ tiêu năm 2026 cao hơn. Nếu vượt sức của danh mục, procsim nói rõ chỉ tiêu nào, nhiều nhất làm
# được bao nhiêu, và phương án gần nhất.
#
# *The targets of 2026 are higher. Where this list cannot reach them, procsim says which, how far it
# can go, and what the nearest plan is.*

# %% tags=["too_far"]
further = ps.smallest_plan(portfolio, candidates, ps.targets(2026))
further

# %% tags=["proof"]
assert found.status == "optimal"
assert math.isclose(found.price, found.route["price"].sum() + found.price_of_reforms)
further.status
