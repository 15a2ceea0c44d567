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
# # A first look: what Resolution 66.7 does to sixty real procedures
#
# The sample holds real procedures of four ministries: codes, limits, fees and
# dossier titles as the National Public Service Portal publishes them. Yearly
# volumes are assumptions (giả định); every measure says how much of it rests
# on such values.

# %%
import procsim as ps

portfolio = ps.mark(ps.load_sample())
portfolio

# %% [markdown]
# Before anything is computed: what is missing or doubtful? Values are kept as
# the source has them, and nothing is guessed.

# %%
import pandas as pd

faults = ps.check(portfolio)
pd.Series([fault.code for fault in faults]).value_counts()

# %% [markdown]
# One row for each procedure: the statutory limit in working days, the papers of
# the base case, the conditions and the compliance cost.

# %%
before = ps.measure(portfolio)
before[["name", "statutory_days", "documents", "conditions", "cost_vnd", "assumed_share"]].head()

# %% [markdown]
# Why this cost? Every line of the sheet can be read.

# %%
print(ps.explain(portfolio, portfolio["1.001193"].id).text("vi"))

# %% [markdown]
# The plan that the law already contains: papers of Điều 4 and of the annexes
# fall away, because a national database holds their data.

# %%
plan = ps.resolution_66_7(portfolio)
changed = ps.apply(plan, portfolio)
after = ps.measure(changed)
rates = ps.compare(before, after)
rates

# %% [markdown]
# Held against the targets of 2026: replacing papers shortens no statutory limit
# by itself, so the target on time is missed by this plan alone.

# %%
card = ps.scorecard(before, after, ps.targets(2026), portfolio=changed)
card.nation()[["name_en", "value", "target", "verdict", "reason_en"]]

# %%
documents = rates.set_index("metric").loc["documents"]
assert documents["after"] < documents["before"]
assert rates.set_index("metric").loc["statutory_days", "rate"] == 0
