"""The start of the app: what pages and jobs load together is loaded once, in one thread."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

# Pauses within narwhals make two threads meet there: without the start of the app this ended
# in _DeadlockError now and then, with it nothing is left to be loaded.
RACE = """
import importlib, json, sys, threading, time
{start}
class Slow:
    def find_spec(self, name, path=None, target=None):
        loaded.append(name)
        if name.startswith("narwhals"):
            time.sleep(0.02)
loaded, errors, meet = [], [], threading.Barrier(2)
sys.meta_path.insert(0, Slow())
def load(name):
    meet.wait()
    try:
        importlib.import_module(name)
    except BaseException as error:
        errors.append(repr(error))
threads = [threading.Thread(target=load, args=(n,)) for n in {names!r}]
[t.start() for t in threads]; [t.join() for t in threads]
print(json.dumps([errors, [n for n in loaded if n.split(".")[0] in ("narwhals", "altair")]]))
"""


@pytest.mark.parametrize(
    "names",
    [
        ("altair", "sklearn.feature_extraction.text"),
        ("sklearn.cluster", "procsim.reports.charts.figures"),
    ],
)
def test_a_page_and_a_job_that_start_together_do_not_wait_for_each_other(names):
    script = RACE.format(start="import procsim.app.shell.main", names=names)
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [[], []]
