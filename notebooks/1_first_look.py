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
# # 1. Cái nhìn đầu tiên vào một danh mục thật
# *A first look at a portfolio*
#
# Danh mục mẫu có các thủ tục thật của vài bộ: mã, thời hạn, phí và tên thành phần hồ sơ đúng như
# Cổng Dịch vụ công quốc gia công bố. Số lượt thực hiện trong năm là **giả định**; mỗi số đo đều
# cho biết bao nhiêu phần của nó dựa trên giả định.
#
# *The sample holds real procedures as the national portal publishes them. Yearly volumes are
# assumptions, and every measure says how much of it rests on them.*

# %%
import pandas as pd
from IPython.display import SVG, Markdown

import procsim as ps
from procsim.language.formatting import format_number as so
from procsim.language.formatting import format_number_en as num

pd.set_option("display.max_colwidth", 90)
portfolio = ps.mark(ps.load_sample())
portfolio

# %% [markdown]
# ## Danh mục còn thiếu gì? · *What is missing or doubtful?*
#
# Trước khi tính, hãy xem nguồn dữ liệu. Giá trị được giữ nguyên như nguồn ghi, không đoán thay.
#
# *Before anything is computed: values are kept as the source has them, and nothing is guessed.*

# %%
faults = ps.check(portfolio)
table = faults.to_frame().rename(columns={"severity": "mức", "message": "nội dung"})
table["in English"] = faults.to_frame("en")["message"]
table[["mức", "nội dung", "in English"]].value_counts().rename("số lần").reset_index().head(8)

# %% tags=["faults"]
doubtful = {fault.code for fault in faults}
Markdown(
    f"Có **{so(len(faults))}** chỗ cần xem lại, thuộc {so(len(doubtful))} loại.  \n"
    f"*{num(len(faults))} places to look at, of {num(len(doubtful))} kinds.*"
)

# %% [markdown]
# ## Một thủ tục, xem trong một hình · *One procedure in one picture*
#
# Ba tầng: các bước, thành phần hồ sơ, và cơ sở dữ liệu đã có sẵn thông tin của từng giấy tờ.
#
# *Three lanes: the steps, the papers, and the databases that already hold their data.*

# %%
residence = portfolio["1.004222"]
residence

# %% tags=["map"]
SVG(ps.procedure_map(portfolio, residence.code, width=1100))

# %% [markdown]
# ## Đo · *Measure*
#
# Mỗi thủ tục một dòng: thời hạn giải quyết tính bằng ngày làm việc, số thành phần hồ sơ của trường
# hợp cơ bản, số điều kiện và chi phí tuân thủ của một hồ sơ.
#
# *One row for each procedure. What cannot be computed stays empty, and the table says why.*

# %%
before = ps.measure(portfolio)
columns = ["name", "statutory_days", "documents", "conditions", "cost_vnd", "assumed_share"]
before[columns].head(8).round(2)

# %% tags=["totals"]
known = before.notna().sum()
Markdown(
    f"Cả danh mục: **{so(before['statutory_days'].sum(), 1)} ngày làm việc** "
    f"(biết được ở {so(known['statutory_days'])} trên {so(len(before))} thủ tục), "
    f"**{so(before['documents'].sum())} thành phần hồ sơ**, "
    f"**{so(before['conditions'].sum())} điều kiện**.  \n"
    f"*The whole list: {num(before['statutory_days'].sum(), 1)} working days, known for "
    f"{num(known['statutory_days'])} of {num(len(before))} procedures, "
    f"{num(before['documents'].sum())} papers and {num(before['conditions'].sum())} conditions.*"
)

# %% tags=["ministries"]
sums = ps.summarise(before, by="ministry")
sums = sums[sums["metric"].isin(["statutory_days", "documents", "conditions"])]
sums.pivot_table(index="group", columns="metric", values="total").round(1)

# %% [markdown]
# ## Vì sao là con số này? · *Why this number?*
#
# Chi phí tuân thủ theo Thông tư 02/2017/TT-VPCP, Điều 27. Mọi dòng của biểu mẫu đều đọc được; cột
# *Nguồn* cho biết số nào do luật định, số nào đã công bố, số nào là giả định.
#
# *Every line of the cost sheet can be read, with the mark of what it rests on.*

# %% tags=["why"]
ps.explain(portfolio, residence.id)

# %% [markdown]
# Tiếp theo: [Nghị quyết 66.7 làm được gì](2_resolution_66_7.py).
# *Next: what Resolution 66.7 does to these procedures.*
