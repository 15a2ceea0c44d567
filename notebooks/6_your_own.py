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
# # 6. Tự viết một số đo và một cải cách, mỗi thứ mười dòng
# *Your own measure and your own reform, ten lines each*
#
# Bộ số đo và các loại cải cách có sẵn không bao giờ đủ cho mọi ý tưởng. Thứ tự viết được dùng như
# thứ có sẵn: áp dụng, so sánh, chấm điểm, chia phần tiết kiệm.
#
# *What ships is never enough for every idea. What you write yourself is applied, compared, scored
# and attributed like the rest.*

# %%
from dataclasses import dataclass, replace

import pandas as pd
from IPython.display import SVG, Markdown

import procsim as ps
from procsim.language.formatting import format_number as so
from procsim.language.formatting import format_number_en as num
from procsim.reforms import Reform
from procsim.reports.charts.figures import figure_svg, waterfall

portfolio = ps.mark(ps.load_sample())

# %% [markdown]
# ## Một số đo: tuần chờ · *A measure: weeks of waiting*
#
# Số đo là một hàm: nhận danh mục, trả về một cột số, mỗi thủ tục một dòng. Ở đây: số tuần của cách
# thức nộp chậm nhất, làm tròn lên, vì người dân sắp việc theo tuần.
#
# *A measure is a function: a portfolio in, a column out, a row for each procedure. Here: whole
# weeks of the slowest way of submission.*


# %%
def weeks(portfolio: ps.Portfolio) -> pd.Series:
    """Whole weeks that the slowest channel may take; NaN where no limit is stated."""
    days = ps.measure(portfolio)["statutory_days"]
    return -(-days // 5)


before = ps.measure(portfolio).assign(weeks=weeks(portfolio))
before[["name", "statutory_days", "weeks"]].head()

# %% [markdown]
# ## Một cải cách: trần thời hạn · *A reform: a ceiling on the limit*
#
# Cải cách nói ba điều: tên gọi, câu mô tả cho người ký, và việc nó làm với các bảng. Không ghi đè
# danh mục cũ: sao chép bảng, sửa ô, trả về danh mục mới. Số đã sửa mang dấu **nhập**.
#
# *A reform states its name, a sentence for the one who signs, and what it does to the tables. It
# never writes into the portfolio that it is given, and marks what it changes as entered.*


# %%
@dataclass(frozen=True)
class OneWeek(Reform):
    """No way of submission takes more than five working days."""

    procedure: str = ""
    kind = "one_week"
    title = ps.Text("Trần năm ngày làm việc", "At most five working days")

    def describe(self) -> ps.Text:
        return ps.Text(f"{self.procedure}: không quá 5 ngày.", f"{self.procedure}: 5 days at most.")

    def change(self, portfolio: ps.Portfolio) -> ps.Portfolio:
        ways = portfolio.channels.copy()
        long = ways["limit_unit"].eq("working_day") & ways["limit_value"].gt(5)
        mine = long & ways["procedure"].eq(self.procedure)
        ways.loc[mine, "limit_value"], ways.loc[mine, "limit_mark"] = 5, "nhập"
        return portfolio.replace(channels=ways)


slow = before.index[before["weeks"].between(2, 4)]
plan = ps.Plan([OneWeek(i, lead="Bộ Tư pháp") for i in slow], name="Một tuần")
plan

# %% [markdown]
# ## Dùng như thứ có sẵn · *Used like what ships*

# %% tags=["compared"]
changed = ps.apply(portfolio, plan)
after = ps.measure(changed).assign(weeks=weeks(changed))
rates = ps.compare(before, after, metrics=("weeks", "statutory_days")).set_index("metric")
rates[["before", "after", "saved", "rate", "procedures", "missing"]]

# %% tags=["saving"]
own = rates.loc["weeks"]
Markdown(
    f"{so(len(plan))} thủ tục có trần năm ngày: tổng số tuần chờ giảm từ **{so(own['before'])}** "
    f"xuống **{so(own['after'])}**, tức {so(100 * own['rate'], 2)} %.  \n"
    f"*{num(len(plan))} procedures get a ceiling of five days: weeks of waiting fall from "
    f"{num(own['before'])} to {num(own['after'])}, {num(100 * own['rate'], 2)} %.*"
)

# %% [markdown]
# Chỉ tiêu tự đặt cũng chấm được. Nó mang dấu **nhập**: không ai nhầm với chỉ tiêu của Chính phủ.
#
# *A target of your own is scored too; it is marked as entered, never as the Government's.*

# %% tags=["scored"]
target = replace(
    ps.targets(2026)[0],
    id="weeks_2026",
    metric="weeks",
    value=0.15,
    audience="all",
    mark="nhập",
    legal_basis="",
    source="",
    name_vi="Giảm 15 % số tuần chờ",
    name_en="Cut 15 % of the weeks of waiting",
)
ps.scorecard(before, after, [target], by="ministry")

# %% [markdown]
# Và chia phần: mỗi đề xuất đem lại bao nhiêu ngày. *And who saves what:*

# %% tags=["shared"]
shares = ps.effects(portfolio, plan)
SVG(figure_svg(waterfall(shares, "days")))

# %% [markdown]
# ## Khi viết sai · *When it is wrong*
#
# Một loại cải cách không nói mình làm gì thì bị từ chối, không lặng lẽ bỏ qua.
#
# *A kind that does not state what it does is refused, never silently left out.*


# %% tags=["refused"]
@dataclass(frozen=True)
class Wish(Reform):
    """A wish, which is no reform yet."""

    procedure: str = ""
    kind = "wish"

    def describe(self) -> ps.Text:
        return ps.Text("Mong nhanh hơn.", "May it be faster.")


try:
    ps.apply(portfolio, ps.Plan([Wish("1.004222")]))
except ps.InvalidValue as error:
    refused = error.faults
refused[0].message
