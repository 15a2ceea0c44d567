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
# # 3. Ghép các cải cách và biết cải cách nào đem lại gì
# *Composing reforms and attributing what they save*
#
# Mỗi cải cách là một giá trị; phương án là danh sách cải cách; hai phương án cộng được.
#
# *A reform is a value, a plan is a list of reforms, and two plans can be added.*

# %%
import datetime as dt
import tempfile
from pathlib import Path

import pandas as pd
from IPython.display import SVG, Markdown

import procsim as ps
from procsim.language.formatting import format_number as so
from procsim.language.formatting import format_number_en as num
from procsim.reports.charts.figures import figure_svg, trajectory, waterfall

portfolio = ps.mark(ps.load_sample())
before = ps.measure(portfolio)

# %% [markdown]
# ## Ba phương án · *Three plans*
#
# Dữ liệu thay giấy tờ; rút ngắn một phần ba các thời hạn dài; bỏ bản chính ở nơi bản sao là đủ.
#
# *Data in place of papers; the longest limits cut by a third; copies accepted for originals.*

# %%
data = ps.resolution_66_7(portfolio)
longest = before["statutory_days"].nlargest(6).index
faster = ps.Plan(
    [
        ps.ShortenLimit(i, percent=100 / 3, rank="nghi_dinh", reason="Thời hạn dài nhất danh mục")
        for i in longest
    ],
    name="Rút ngắn thời hạn",
)
asked = portfolio.requirements
originals = asked[(asked["originals"] > 0) & asked["kind"].eq("document")].head(20).index
copies = ps.Plan([ps.AcceptCopy(i, rank="thong_tu") for i in originals], name="Chấp nhận bản sao")
whole = data + faster + copies
whole

# %% [markdown]
# ## Có mâu thuẫn không? · *Does it go together?*
#
# procsim tìm trước khi áp dụng: mâu thuẫn, lặp lại, đề xuất không còn tác dụng.
#
# *Found before anything is applied: contradictions, repetitions, reforms without effect.*

# %% tags=["conflicts"]
found = ps.conflicts(portfolio, whole)
errors = [fault for fault in found if fault.severity == "error"]
assert not errors
pd.Series([f"{fault.severity}: {fault.message.vi}" for fault in found]).value_counts().head(6)

# %% [markdown]
# ## Phương án nào hơn? · *Which plan is better?*

# %% tags=["scenarios"]
ps.scenarios(portfolio, [data, faster, copies, whole])

# %% tags=["total"]
after = ps.measure(ps.apply(portfolio, whole))
rates = ps.compare(before, after).set_index("metric")
days, papers = rates.loc["statutory_days"], rates.loc["documents"]
Markdown(
    f"Cả ba cùng áp dụng: thời hạn giảm **{so(days['saved'], 1)} ngày làm việc** "
    f"({so(100 * days['rate'], 2)} %), thành phần hồ sơ giảm **{so(papers['saved'])}** "
    f"({so(100 * papers['rate'], 2)} %).  \n"
    f"*All three together save {num(days['saved'], 1)} working days "
    f"({num(100 * days['rate'], 2)} %) and {num(papers['saved'])} papers "
    f"({num(100 * papers['rate'], 2)} %).*"
)

# %% [markdown]
# ## Ai đem lại gì? · *Who brings what?*
#
# Một giấy tờ vừa được thay bằng dữ liệu vừa được nhận bản sao thì chỉ tiết kiệm một lần. `alone` là
# khi chỉ làm một mình, `last` là khi làm sau cùng; chênh nhau là phần chồng lấn.
#
# *A paper that data replace and whose copy is accepted is saved once. Where `alone` and `last`
# differ, reforms overlap.*

# %% tags=["effects"]
shares = ps.effects(portfolio, whole)
columns = ["kind", "target", "cost_vnd", "cost_vnd_alone", "cost_vnd_last"]
overlap = shares["cost_vnd_alone"] - shares["cost_vnd_last"]
shares.assign(overlap=overlap).nlargest(6, "overlap")[[*columns, "overlap"]].round(0)

# %% tags=["sums"]
total = float(shares.attrs["total"]["cost_vnd"])
alone = float(shares["cost_vnd_alone"].sum())
Markdown(
    f"Cộng từng cải cách riêng lẻ được {so(alone, 0)} đồng, nhưng cả phương án chỉ tiết kiệm "
    f"**{so(total, 0)} đồng** mỗi thủ tục một lần. Phần Shapley cộng lại đúng bằng số sau.  \n"
    f"*Reform by reform this would be {num(alone, 0)} VND; the plan saves {num(total, 0)} VND. "
    "The Shapley shares add up to the latter.*"
)

# %%
by_agency = ps.effects(portfolio, whole, by="agency")
SVG(figure_svg(waterfall(by_agency, "days")))

# %% [markdown]
# ## Bao giờ có hiệu lực? · *When does it take effect?*
#
# Ngày hiệu lực là ngày muộn nhất của cơ sở dữ liệu và văn bản mà cải cách cần. Thời gian soạn văn
# bản là giả định, sửa được.
#
# *A reform takes effect at the latest of its databases and texts; lead times are assumptions.*

# %% tags=["road"]
road = ps.roadmap(portfolio, whole, on=dt.date(2026, 1, 1))
road

# %%
SVG(figure_svg(trajectory(road.trajectory(ps.targets(2026)))))

# %% [markdown]
# ## Giao cho người khác · *Hand it on*
#
# Phương án ghi ra YAML (đọc và sửa bằng tay được) hoặc Excel, đọc lại thì bằng nhau.
#
# *A plan is kept in YAML or Excel and comes back equal.*

# %% tags=["kept"]
with tempfile.TemporaryDirectory() as folder:
    place = Path(folder) / "phuong-an.yaml"
    whole.write(place)
    again = ps.Plan.read(place)
same = again == whole
same
