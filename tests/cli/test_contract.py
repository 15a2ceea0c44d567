"""What other programs rely on: words, keys and exit codes of every command."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import openpyxl
import pytest

from procsim import cli, readers
from procsim.cli.parser import make_parser
from procsim.measures.grouping import GROUPINGS
from procsim.sample import sample_path
from tests.cli import records
from tests.shared import SHARED, needs_shared

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = (
    *("check", "diff", "due", "map", "mark", "measure", "network", "plan", "report"),
    *("template", "app"),
)
FAULT_KEYS = {"place", "value", "message", "cure", "severity"}
MARK_KEYS = {
    *("code", "case", "row", "name", "kind", "types", "relation", "databases"),
    *("replaceable", "confidence", "review", "alternatives"),
}
METRICS = {"statutory_days", "documents", "conditions", "cost_vnd", "cost_year_vnd"}


def _not_json(name: str) -> object:
    raise AssertionError(f"{name} is no JSON")


def strict(text: str) -> dict:
    """Parse as a strict program would: NaN and Infinity are errors."""
    value = json.loads(text, parse_constant=_not_json)
    assert isinstance(value, dict)
    return value


def environment(**more: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("LC_", "LANG", "PROCSIM"))}
    kept.pop("PYTHONUTF8", None)
    return {**kept, "PYTHONPATH": str(ROOT), **more}


def run(*words: object, **more: str) -> subprocess.CompletedProcess[bytes]:
    """Run the command line as a user does: a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "procsim", *map(str, words)],
        capture_output=True,
        env=environment(**more),
        timeout=120,
        check=False,
    )


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    """Two complete records: no fault blocks a figure."""
    return records.write_json(tmp_path_factory.mktemp("good") / "tot.json", records.RECORDS[:2])


@pytest.fixture(scope="module")
def mixed(tmp_path_factory):
    """All four records: the third lacks what a figure needs."""
    return records.write_lines(tmp_path_factory.mktemp("mixed") / "thu-tuc.jsonl.gz")


@pytest.fixture
def call(capsys):
    """Run a command in this process; return its code, its output and its errors."""

    def called(*words: object) -> tuple[int, str, str]:
        code = cli.main([str(word) for word in words])
        captured = capsys.readouterr()
        assert "Traceback" not in captured.out + captured.err
        return code, captured.out, captured.err

    return called


# every command as a process ---------------------------------------------------------------


def _with_json() -> set[str]:
    """Return the commands that answer programs, from the parser itself."""
    parser = make_parser("vi")
    (choices,) = (a.choices for a in parser._actions if isinstance(a.choices, dict))
    return {name for name, one in choices.items() if "--json" in one._option_string_actions}


PROCESSES = {
    "check": ("check", "{good}"),
    "mark": ("mark", "{good}"),
    "measure": ("measure", "{good}"),
    "diff": ("diff", "{good}", "{mixed}"),
    "dossier": ("dossier", "{good}"),
    "plan": ("plan", "{good}", "--resolution", "66.7"),
    "plan --tornado": ("plan", "{good}", "--resolution", "66.7", "--tornado"),
    "plan --smallest": ("plan", "{sample}", "--smallest", "--target", "time=0.3"),
    "plan out of reach": ("plan", "{sample}", "--smallest", "--target", "documents=0.99"),
    "report": ("report", "{good}", "--resolution", "66.7", "--excel", "{folder}/a.xlsx"),
    "network": ("network", "{good}"),
    "due": ("due", "{good}", "{code}", "2026-01-05"),
    "map": ("map", "{good}", "{code}", "-o", "{folder}/a.svg"),
}


def test_every_command_that_answers_programs_is_tried_as_a_process():
    assert {name.split()[0] for name in PROCESSES} == _with_json()


@pytest.mark.parametrize("name", PROCESSES)
def test_standard_output_of_a_process_is_json_and_nothing_else(name, good, mixed, tmp_path):
    places = {"good": good, "mixed": mixed, "sample": sample_path(), "folder": tmp_path}
    places["code"] = records.RECORDS[0]["code"]
    ended = run(*(word.format(**places) for word in PROCESSES[name]), "--json")
    text = ended.stdout.decode("utf-8")
    for line in text.splitlines() if name in ("mark", "dossier") else [text]:  # one record a line
        assert strict(line)
    assert ended.returncode in (0, 1), ended.stderr.decode("utf-8")
    assert b"Traceback" not in ended.stderr


# check ------------------------------------------------------------------------------------


def test_check_json_has_the_agreed_keys(call, mixed):
    code, out, err = call("check", mixed, "--json")
    answer = strict(out)
    assert set(answer) == {"procedures", "requirements", "faults"}
    assert (answer["procedures"], answer["requirements"]) == (4, 9)
    assert all(set(fault) >= FAULT_KEYS for fault in answer["faults"])
    assert all(isinstance(v, str) for fault in answer["faults"] for v in fault.values())
    assert {fault["severity"] for fault in answer["faults"]} <= {"error", "warning", "note"}
    assert {fault["code"] for fault in answer["faults"]} == {
        *("limit.bare_number", "fee.thousandth", "model.no_limit", "model.no_dossier")
    }
    assert (code, err) == (1, "")


def test_check_gives_the_proposed_value_beside_the_doubtful_one(call, mixed):
    _, out, _ = call("check", mixed, "--json")
    (fee,) = [f for f in strict(out)["faults"] if f["code"] == "fee.thousandth"]
    assert fee["place"].endswith("dòng 3 (9.999001) › executionMethods[1].fees[1].value")
    assert fee["value"].startswith("200 Việt Nam Đồng")
    assert fee["proposal"] == "200000"


def test_check_of_sound_records_is_done(call, good):
    code, out, _ = call("check", good, "--json")
    assert (code, strict(out)["faults"]) == (0, [])
    code, out, _ = call("check", good)
    assert (code, out) == (0, "2 thủ tục, 6 thành phần hồ sơ.\n")
    code, out, _ = call("--lang", "en", "check", good)
    assert (code, out) == (0, "2 procedures, 6 requirements.\n")


def test_accepting_proposals_unblocks_the_fee(call, mixed):
    _, out, _ = call("measure", mixed, "--json", "--by", "ministry", "--accept-proposals")
    rows = {(row["group"], row["metric"]): row for row in strict(out)["rows"]}
    assert rows["Bộ Tài chính", "fees_vnd"]["total"] == 200_000
    _, out, _ = call("measure", mixed, "--json", "--by", "ministry")
    rows = {(row["group"], row["metric"]): row for row in strict(out)["rows"]}
    assert rows["Bộ Tài chính", "fees_vnd"]["total"] is None


# mark -------------------------------------------------------------------------------------


def test_mark_prints_one_object_a_line(call, mixed):
    code, out, _ = call("mark", mixed, "--json")
    lines = [strict(line) for line in out.splitlines()]
    assert code == 1
    assert len(lines) == 9
    for line in lines:
        assert set(line) == MARK_KEYS
        assert line["kind"] in {"form", "document", "note"}
        assert line["replaceable"] in {"full", "part", "no"}
        assert 0 <= line["confidence"] <= 1
        assert isinstance(line["review"], bool)
        assert isinstance(line["types"], list)
        assert isinstance(line["databases"], list)
    assert [(line["code"], line["row"]) for line in lines[:4]] == [
        *(("1.004222", 1), ("1.004222", 2), ("1.004222", 3), ("1.000656", 1))
    ]
    land = lines[1]
    assert (land["kind"], land["types"], land["databases"], land["replaceable"]) == (
        *("document", ["gcn_qsdd"], ["csdl_dat_dai"], "full"),
    )
    form = lines[0]
    assert (form["kind"], form["replaceable"]) == ("form", "no")


def test_mark_obeys_the_date_of_availability(call, good):
    replaceable = {}
    for day in ("2020-01-01", "01/01/2026"):
        _, out, _ = call("mark", good, "--json", "--on", day)
        replaceable[day] = {strict(line)["replaceable"] for line in out.splitlines()}
    assert replaceable == {"2020-01-01": {"no"}, "01/01/2026": {"no", "full"}}


def test_mark_in_words(call, good):
    code, out, _ = call("mark", good)
    assert code == 0
    assert len(out.splitlines()) == 6
    assert "1.004222   2 [giấy tờ] gcn_qsdd → csdl_dat_dai (" in out


# measure ----------------------------------------------------------------------------------


def test_measure_json_has_sums_with_known_and_missing(call, mixed):
    code, out, _ = call("measure", mixed, "--json")
    answer = strict(out)
    assert set(answer) == {"procedures", "by", "rows"}
    assert (code, answer["procedures"], answer["by"]) == (1, 4, None)
    rows = {row["metric"]: row for row in answer["rows"]}
    assert set(rows) >= METRICS
    for row in rows.values():
        assert row["known"] + row["missing"] == row["procedures"] == 4
    days = rows["statutory_days"]  # 7 working days, 1 calendar day (5/7), abolished 0
    assert days["total"] == pytest.approx(7 + 5 / 7)
    assert (days["known"], days["missing"]) == (3, 1)
    assert rows["documents"]["total"] == 6
    assert rows["dossiers_per_year"]["total"] is None


@pytest.mark.parametrize(
    ("by", "groups"),
    [
        ("ministry", {"Bộ Công an", "Bộ Tư pháp", "Bộ Tài chính"}),
        ("field", {"Cư trú", "Hộ tịch", "Lĩnh vực A, phần hai"}),
        ("levels", {"commune"}),
        ("audience", {"citizen", "business"}),
    ],
)
def test_measure_groups(call, mixed, by, groups):
    _, out, _ = call("measure", mixed, "--json", "--by", by)
    answer = strict(out)
    assert answer["by"] == by
    assert {row["group"] for row in answer["rows"]} == groups


def test_measure_writes_a_csv_that_holds_no_formula(call, tmp_path):
    hostile = records.changed(name="=HYPERLINK(1)", code="9.999003")
    path = records.write_json(tmp_path / "a.json", [hostile])
    target = tmp_path / "so-do.csv"
    code, _, _ = call("measure", path, "-o", target)
    assert code == 0
    assert target.read_bytes().startswith(b"\xef\xbb\xbf")
    with target.open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["code"], row["name"]) == ("9.999003", "'=HYPERLINK(1)")
    assert row["statutory_days"] == "7.0"


# plan and report --------------------------------------------------------------------------


def test_plan_json_has_the_agreed_keys(call, mixed, tmp_path):
    target = tmp_path / "phuong-an.xlsx"
    code, out, _ = call("plan", mixed, "--resolution", "66.7", "-o", target, "--json")
    answer = strict(out)
    assert set(answer) == {
        *("reforms", "procedures_touched", "requirements_replaced", "unmatched"),
        *("before", "after", "rates"),
    }
    assert code == 1
    assert answer["reforms"] >= answer["requirements_replaced"] >= 3
    assert answer["unmatched"]
    for item in answer["unmatched"]:
        assert item["code"]
        assert item["reason"]
    for part in ("before", "after", "rates"):
        assert set(answer[part]) >= METRICS
    saved = answer["before"]["documents"] - answer["after"]["documents"]
    assert saved == 3  # the land certificate, the marriage certificate, the identity card
    assert answer["rates"]["documents"] == pytest.approx(saved / answer["before"]["documents"])
    assert answer["rates"]["cost_year_vnd"] is None  # no volumes: a null, not a zero
    assert openpyxl.load_workbook(target).sheetnames


def test_a_saved_plan_gives_the_same_figures(call, mixed, tmp_path):
    saved = tmp_path / "phuong-an.yaml"
    _, out, _ = call("plan", mixed, "--resolution", "66.7", "--save", saved, "--json")
    _, again, _ = call("plan", mixed, "--plan", saved, "--json")
    assert strict(again) == strict(out)


def test_report_writes_the_workbook_and_says_where(call, good, tmp_path):
    target = tmp_path / "phuong-an.xlsx"
    code, out, _ = call("report", good, "--resolution", "66.7", "--excel", target)
    assert (code, out) == (0, f"Đã ghi phương án vào {target}.\n")
    code, out, _ = call("report", good, "--resolution", "66.7", "--excel", target, "--json")
    answer = strict(out)
    assert (code, answer["excel"]) == (0, str(target))
    assert set(answer) >= {"reforms", "before", "after", "rates", "unmatched"}


def test_a_report_into_a_folder_that_is_absent_is_told(call, good, tmp_path):
    target = tmp_path / "khong-co" / "phuong-an.xlsx"
    code, out, err = call("report", good, "--resolution", "66.7", "--excel", target, "--json")
    assert code == 2
    assert strict(out)["faults"][0]["message"]
    assert len(err.strip().splitlines()) == 1


def test_a_plan_file_that_is_missing_or_broken_is_told(call, good, tmp_path):
    broken = tmp_path / "a.yaml"
    broken.write_text("name: [", encoding="utf-8")
    for path in (tmp_path / "khong-co.yaml", broken):
        code, out, err = call("plan", good, "--plan", path, "--json")
        assert code == 2
        (fault,) = strict(out)["faults"]
        assert path.name in fault["place"]
        assert fault["message"] in err


def test_an_edited_workbook_is_read_back(call, good, tmp_path):
    target, edited, again = (tmp_path / f"{name}.xlsx" for name in ("p", "sua", "moi"))
    call("report", good, "--resolution", "66.7", "--excel", target, "--on", "2026-01-05")
    book = openpyxl.load_workbook(target)
    sheet = book["Nguồn số liệu"]
    cell = next(row[2] for row in sheet.iter_rows() if row[1].value == "gio_nop_truc_tiep")
    cell.value = "1,5"
    book["Tổng quan"]["A1"] = "BỘ CÔNG AN"
    book.save(edited)
    before = edited.read_bytes()
    words = ("plan", good, "--from", edited)
    code, out, err = call(*words, "-o", again, "--json", "--roadmap", "--effects", "database")
    answer = strict(out)
    assert (code, len(answer["changes"]), len(answer["notices"])) == (0, 1, 1)
    (change,) = answer["changes"]
    assert (change["sheet"], change["cell"]) == ("Nguồn số liệu", cell.coordinate)
    assert (change["kind"], change["before"], change["after"]) == ("parameter", 3.15, 1.5)
    assert set(change) >= {"what_vi", "what_en"}
    assert "Tổng quan" in err
    _, first, _ = call("plan", good, "--resolution", "66.7", "--on", "2026-01-05", "--json")
    assert answer["before"]["cost_vnd"] < strict(first)["before"]["cost_vnd"]
    assert edited.read_bytes() == before
    code, out, _ = call("plan", good, "--from", again)
    assert code == 0
    assert out.startswith("0 thay đổi trong tệp đã sửa:")
    code, out, _ = call("--lang", "en", *words)
    assert out.startswith("1 changes in the edited file:")
    assert "Submit at the counter" in out


def test_the_tornado_is_printed_beside_the_plan(call, good):
    code, out, _ = call("plan", good, "--resolution", "66.7", "--tornado", "--json")
    first, *_ = strict(out)["tornado"]
    assert code == 0
    assert set(first) >= {"id", "low", "high", "rate_low", "rate_high", "swing"}
    _, out, _ = call("plan", good, "--resolution", "66.7", "--tornado")
    assert "Độ nhạy theo giả định" in out
    assert "Tỷ lệ khi thấp" in out


def test_a_broken_edit_or_the_edited_file_itself_is_refused(call, good, tmp_path):
    target = tmp_path / "p.xlsx"
    call("report", good, "--resolution", "66.7", "--excel", target)
    code, out, _ = call("plan", good, "--from", target, "-o", target, "--json")
    assert code == 2
    assert strict(out)["faults"][0]["code"] == "readback.same_file"
    book = openpyxl.load_workbook(target)
    sheet = book["Nguồn số liệu"]
    for row in sheet.iter_rows():
        if row[1].value in ("gio_nop_truc_tiep", "gio_mau_don"):
            row[2].value = "nhiều"
    book.save(target)
    code, out, err = call("plan", good, "--from", target, "--json")
    assert (code, len(strict(out)["faults"])) == (2, 2)
    assert all("Sheet 'Nguồn số liệu' › C" in line for line in err.strip().splitlines())


# template ---------------------------------------------------------------------------------


def test_template_overwrites_only_when_told(call, tmp_path):
    target = tmp_path / "mau.xlsx"
    assert call("template", target)[:2] == (0, f"Đã tạo tệp mẫu {target}.\n")
    target.write_bytes(b"filled in for a week")
    code, out, err = call("template", target)
    assert (code, out) == (2, "")
    assert "Tệp đã có; procsim không ghi đè." in err
    assert "--force" in err
    assert target.read_bytes() == b"filled in for a week"
    assert call("template", target, "--force")[0] == 0
    assert openpyxl.load_workbook(target).sheetnames


def test_the_empty_template_is_read_as_a_workbook_of_procsim(call, tmp_path):
    target = tmp_path / "mau.xlsx"
    call("template", target)
    code, out, _ = call("check", target, "--json")
    answer = strict(out)
    assert (code, answer["procedures"]) == (1, 0)
    assert [fault["code"] for fault in answer["faults"]] == ["model.empty"]


# inputs -----------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["check", "mark", "measure"])
def test_a_missing_file_is_told_by_every_command(call, tmp_path, command):
    code, out, err = call(command, tmp_path / "khong-co.json", "--json")
    assert code == 2
    assert set(strict(out)) == {"faults"}
    (fault,) = strict(out)["faults"]
    assert set(fault) >= FAULT_KEYS
    assert (fault["place"], fault["severity"]) == ("khong-co.json", "error")
    assert fault["message"] == "Không tìm thấy tệp"
    assert err.count("\n") == 1
    code, out, err = call(command, tmp_path / "khong-co.json", "--lang", "en")
    assert (code, out) == (2, "")
    assert "The file was not found" in err


@pytest.mark.parametrize("name", ["a.json", "a.jsonl", "a.json.gz", "a.jsonl.gz", "a.gz"])
def test_every_packing_of_the_same_records_reads_alike(call, tmp_path, name):
    write = records.write_json if name.endswith((".json", ".json.gz")) else records.write_lines
    code, out, _ = call("check", write(tmp_path / name, records.RECORDS), "--json")
    answer = strict(out)
    assert (code, answer["procedures"], answer["requirements"]) == (1, 4, 9)


def test_a_folder_of_records_and_a_folder_of_csv(call, tmp_path):
    portal = tmp_path / "cong"
    portal.mkdir()
    records.write_json(portal / "a.json", records.RECORDS[0])
    records.write_lines(portal / "b.jsonl.gz", records.RECORDS[1:2])
    (portal / "ghi-chu.txt").write_text("not a record", encoding="utf-8")
    code, out, _ = call("check", portal, "--json")
    assert (code, strict(out)["procedures"]) == (0, 2)
    tables = tmp_path / "bang"
    tables.mkdir()
    readers.write_folder(readers.read(portal), tables)
    code, out, _ = call("check", tables, "--json")
    assert (code, strict(out)["procedures"], strict(out)["requirements"]) == (0, 2, 6)


def test_the_same_figures_from_records_workbook_and_csv(call, mixed, tmp_path):
    portfolio = readers.read(mixed)
    readers.write_workbook(portfolio, tmp_path / "so.xlsx")
    (tmp_path / "bang").mkdir()
    readers.write_folder(portfolio, tmp_path / "bang")
    answers = [
        strict(call("measure", path, "--json", "--by", "ministry")[1])
        for path in (mixed, tmp_path / "so.xlsx", tmp_path / "bang")
    ]
    assert answers[0] == answers[1] == answers[2]


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["unknown"],
        ["check"],
        ["measure", "a.json", "--by", "colour"],
        ["plan", "a.json"],
        ["mark", "a.json", "--on", "31/02/2026"],
    ],
)
def test_wrong_words_give_usage_and_code_2(capsys, words):
    with pytest.raises(SystemExit) as caught:
        cli.main(words)
    assert caught.value.code == 2
    assert "usage: procsim" in capsys.readouterr().err


# help and languages -----------------------------------------------------------------------


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_examples_in_both_languages(capsys, command):
    helps = {}
    for language, example in (("vi", "Ví dụ:"), ("en", "Example")):
        with pytest.raises(SystemExit) as caught:
            cli.main(["--lang", language, command, "--help"])
        assert caught.value.code == 0
        helps[language] = capsys.readouterr().out
        assert f"\n{example}" in helps[language]
        assert f"\n  procsim {command}" in helps[language]
    assert helps["vi"] != helps["en"]


def test_the_help_of_the_program_lists_commands_and_exit_codes(capsys):
    for language, words in (("vi", "Mã thoát: 0 xong"), ("en", "Exit codes: 0 done")):
        with pytest.raises(SystemExit):
            cli.main([f"--lang={language}", "--help"])
        out = capsys.readouterr().out
        assert words in out
        assert all(f"\n    {command} " in out for command in COMMANDS)


def test_language_by_environment(monkeypatch, call, good):
    monkeypatch.setenv("PROCSIM_LANG", "en")
    assert call("check", good)[1] == "2 procedures, 6 requirements.\n"
    assert call("check", good, "--lang", "vi")[1] == "2 thủ tục, 6 thành phần hồ sơ.\n"


def test_faults_in_english(call, mixed):
    _, out, _ = call("check", mixed, "--json", "--lang", "en")
    messages = [fault["message"] for fault in strict(out)["faults"]]
    assert "No channel states a limit that could be read; time is not computed." in messages


# as a process -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "setting",
    [
        {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "cp1252"},
    ],
)
def test_output_is_utf8_under_any_locale(good, setting):
    done = run("mark", good, "--json", **setting)
    assert done.returncode == 0, done.stderr
    first = strict(done.stdout.decode("utf-8").splitlines()[0])
    assert first["name"] == "Tờ khai thay đổi thông tin cư trú (Mẫu CT01)"
    missing = run("check", "không-có.json", **setting)
    assert missing.returncode == 2
    assert "Không tìm thấy tệp" in missing.stderr.decode("utf-8")


# What runs in the background of a shell, as a whole suite may, does not hear Ctrl-C.
LISTENING = """
import runpy, signal
signal.signal(signal.SIGINT, signal.default_int_handler)
runpy.run_module("procsim", run_name="__main__", alter_sys=True)
"""


def started(*words: object) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", LISTENING, *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    )


def test_output_that_is_closed_gives_141(monkeypatch, good):
    class Closed(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError(32, "Broken pipe")

    monkeypatch.setattr(sys, "stdout", Closed())
    assert cli.main(["check", str(good), "--json"]) == 141


def interrupt(process: subprocess.Popen[bytes]) -> tuple[bytes, bytes]:
    """Press Ctrl-C as people do: again where nothing happens; return what the process said.

    A signal that comes just before a blocking read is seen by Python only after it.
    """
    for _ in range(20):
        process.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            return process.communicate(timeout=3)
    process.kill()
    raise AssertionError("the process does not end on Ctrl-C")


if os.name == "posix":  # Windows has neither this signal nor pipes with a name

    def test_a_closed_pipe_ends_quietly(tmp_path):
        # Enough lines to fill the pipe, so that the writer meets the closed end.
        many = [records.changed(code=f"9.{number:06}") for number in range(400)]
        path = records.write_lines(tmp_path / "nhieu.jsonl", many)
        with started("mark", path, "--json") as process:
            assert strict(process.stdout.readline().decode("utf-8"))["row"] == 1
            process.stdout.close()
            assert process.stderr.read() == b""
            assert process.wait(timeout=60) == 141

    def test_ctrl_c_ends_with_one_line(tmp_path):
        pipe = tmp_path / "cho.json"
        os.mkfifo(pipe)
        with started("check", pipe) as process:
            writer = None
            while writer is None and process.poll() is None:
                with contextlib.suppress(OSError):  # nobody reads yet
                    writer = os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
                time.sleep(0.02)
            out, errors = interrupt(process)  # it waits for the first byte
            os.close(writer)
        assert process.returncode == 130
        assert (out, errors.decode("utf-8")) == (b"", "Đã dừng theo yêu cầu.\n")


@pytest.mark.parametrize("language", ["vi", "en"])
def test_ctrl_c_gives_130(capsys, monkeypatch, good, language):
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(readers, "read", interrupted)
    assert cli.main(["check", str(good), "--lang", language]) == 130
    words = {"vi": "Đã dừng theo yêu cầu.\n", "en": "Stopped on request.\n"}
    assert capsys.readouterr().err == words[language]


def test_help_comes_at_once(good):
    """Help loads no table library; a heavy import would show in what is loaded."""
    code = (
        "import sys\nfrom procsim.cli import main\ntry:\n    main(['check', '--help'])\n"
        "except SystemExit:\n    pass\nsys.exit('pandas' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, env=environment(), check=False
    )
    assert done.returncode == 0, done.stderr


# the sample -------------------------------------------------------------------------------


def test_the_sample_goes_through_every_command(call, tmp_path):
    sample = sample_path()
    code, out, _ = call("check", sample, "--json")
    checked = strict(out)
    assert code in (0, 1)
    assert checked["procedures"] >= 50
    code, out, _ = call("mark", sample, "--json")
    lines = [strict(line) for line in out.splitlines()]
    assert len(lines) == checked["requirements"]
    assert all(set(line) == MARK_KEYS for line in lines)
    code, out, _ = call("measure", sample, "--json", "--by", "ministry")
    assert len({row["group"] for row in strict(out)["rows"]}) >= 4
    code, out, _ = call(
        *("plan", sample, "--resolution", "66.7", "-o", tmp_path / "a.xlsx", "--json")
    )
    answer = strict(out)
    assert answer["requirements_replaced"] >= 25
    assert answer["after"]["documents"] < answer["before"]["documents"]
    assert (tmp_path / "a.xlsx").stat().st_size > 5_000


# Plans that contradict themselves

HALF = '  - {kind: shorten_limit, procedure: "1.004222", percent: 50}\n'
FIVE = '  - {kind: shorten_limit, procedure: "1.004222", days: 5}\n'
ONLINE = '  - {kind: move_online, procedure: "1.004222", share: %s}\n'
FEE = '  - {kind: cut_fee, procedure: "1.004222", amount_vnd: %s}\n'
CONTRADICTIONS = {
    "limit then percent": FIVE + HALF,
    "percent then limit": HALF + FIVE,
    "two fees": FEE % 0 + FEE % 5000,
    "two shares": ONLINE % 0.95 + ONLINE % 0.9,
}


@pytest.mark.parametrize("name", CONTRADICTIONS)
@pytest.mark.parametrize("command", ["plan", "report", "map"])
def test_a_plan_that_contradicts_itself_is_named_by_every_command(tmp_path, name, command):
    plan = tmp_path / "plan.yaml"
    plan.write_text("procsim_plan: 1\nreforms:\n" + CONTRADICTIONS[name], encoding="utf-8")
    words = {
        "plan": ["plan", "sample", "--plan", plan],
        "report": ["report", "sample", "--plan", plan, "--excel", tmp_path / "a.xlsx"],
        "map": ["map", "sample", "1.004222", "--plan", plan, "-o", tmp_path / "a.svg"],
    }[command]
    out, errors = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors):
        code = cli.main([*map(str, words), "--lang", "en"])
    assert code == 2
    assert "Contradicts reform 1" in errors.getvalue()
    assert out.getvalue() == ""
    assert list(tmp_path.iterdir()) == [plan]


@needs_shared
@pytest.mark.parametrize("name", ["ab", "ba"])
def test_the_case_of_a_contradictory_plan(name):
    folder = SHARED / "cases" / "03-contradictory-plan"
    done = run("plan", folder / "due.xlsx", "--plan", folder / f"{name}.yaml", "--lang", "en")
    assert done.returncode == 2
    assert b"Contradicts reform 1" in done.stderr
    assert done.stdout == b""


# groupings --------------------------------------------------------------------------------


@pytest.mark.parametrize("by", GROUPINGS)
def test_every_grouping_of_the_library_is_one_of_the_command_line(call, good, by):
    code, out, err = call("measure", good, "--by", by, "--json")
    assert code in (0, 1), err
    assert strict(out)
    code, out, err = call("plan", good, "--resolution", "66.7", "--scorecard", by)
    assert code in (0, 1), err
