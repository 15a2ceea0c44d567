"""The learned model: plain numbers, rebuilt byte for byte, blind to spelling."""

from __future__ import annotations

import io
import pickle
import re
import unicodedata
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procsim.cli import main
from procsim.errors import InvalidValue
from procsim.marking import LearnedMatcher, VariantMatcher, default_matcher, explain, mark
from procsim.marking.evaluation import Example, law_examples, read_labels, shipped_examples, train
from procsim.marking.learning import KINDS, LABELLED, Model, Row, shipped_model
from procsim.reference import document_types
from tests.marking.conftest import ROWS, build


@pytest.fixture(scope="module")
def small():
    """A model of the shipped examples and the law's rows alone."""
    return train([*shipped_examples(), *law_examples()])


def saved(model):
    held = io.BytesIO()
    model.save(held)
    return held.getvalue()


def test_the_same_examples_give_the_same_bytes_in_any_order(small):
    again = train([*law_examples(), *reversed(shipped_examples())])
    assert saved(again) == saved(small)


def test_another_example_gives_another_file(small):
    more = Example(Row("Giấy chứng nhận hội viên danh dự"), "document", frozenset())
    assert saved(train([*shipped_examples(), *law_examples(), more])) != saved(small)


def test_without_labels_the_model_is_usable(small):
    matcher = LearnedMatcher(document_types(), small)
    right = sum(
        match.reading.kind == row["kind"]
        for match, row in zip(matcher.match([r["name"] for r in ROWS]), ROWS, strict=True)
    )
    assert right / len(ROWS) >= 0.95


def test_saved_and_loaded_is_the_same(small, tmp_path):
    path = tmp_path / "model.npz"
    small.save(path)
    again = Model.load(path)
    assert again.about == small.about
    for name in ("kind", "paper", "trust"):
        np.testing.assert_array_equal(getattr(again, name), getattr(small, name))


def test_a_pickle_is_never_loaded(tmp_path):
    class Trap:
        def __reduce__(self):
            return (pytest.fail, ("a pickle was executed",))

    plain = tmp_path / "model.npz"
    plain.write_bytes(pickle.dumps(Trap()))
    with pytest.raises(InvalidValue, match="mô hình"):
        Model.load(plain)
    hidden = io.BytesIO()
    np.save(hidden, np.array([Trap()], dtype=object), allow_pickle=True)
    with zipfile.ZipFile(plain, "w") as archive:
        for name in ("kind", "paper", "trust", "about"):
            archive.writestr(f"{name}.npy", hidden.getvalue())
    with pytest.raises(InvalidValue, match="mô hình"):
        Model.load(plain)


def test_a_model_of_another_recipe_or_shape_is_refused(small, tmp_path):
    path = tmp_path / "model.npz"
    Model(small.kind, small.paper, small.trust, {**small.about, "recipe": "0"}).save(path)
    with pytest.raises(InvalidValue):
        Model.load(path)
    Model(small.kind[:, :5], small.paper, small.trust, small.about).save(path)
    with pytest.raises(InvalidValue):
        Model.load(path)
    broken = small.trust.copy()
    broken[0] = np.nan
    Model(small.kind, small.paper, broken, small.about).save(path)
    with pytest.raises(InvalidValue):
        Model.load(path)


def test_the_shipped_model_says_what_it_saw_and_how_it_scored():
    model = shipped_model()
    assert len(saved(model)) < 2_000_000
    assert set(model.about["rows"]) == {"labelled", "law", "shipped"}
    assert model.about["leave_one_ministry_out"]["sure"]["kind"] >= 0.95
    assert len(model.about["seen"]) <= model.about["rows"]["labelled"]
    assert re.fullmatch("[0-9a-f]{64}", model.about["inputs"])


def test_shipped_examples_are_short_and_of_known_types():
    examples = shipped_examples()
    assert {example.kind for example in examples} == set(KINDS)
    assert all(len(example.row.name) < 200 for example in examples)
    assert all((example.types or frozenset()) <= LABELLED for example in examples)


def strip(text):
    letters = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(c for c in letters if not unicodedata.combining(c))


MIRRORS = {
    "NFD": lambda t: unicodedata.normalize("NFD", t),
    "upper case": str.upper,
    "no diacritics": strip,
    "spaces of OCR": lambda t: re.sub(r"([,;:/()])", r" \1 ", t).replace(" ", "  "),
    "CCCD": lambda t: t.replace("Căn cước công dân", "CCCD").replace("căn cước công dân", "CCCD"),
    "CMND": lambda t: t.replace("chứng minh nhân dân", "CMND"),
    "HC": lambda t: (
        t.replace("hộ chiếu", "HC") if "căn cước" in t or "chứng minh nhân dân" in t else t
    ),
}


@pytest.mark.parametrize("mirror", MIRRORS)
@settings(max_examples=60, deadline=None)
@given(row=st.sampled_from(ROWS))
def test_types_and_kind_do_not_depend_on_spelling(mirror, row):
    before, after = default_matcher().match([row["name"], MIRRORS[mirror](row["name"])])
    assert set(after.types) == set(before.types)
    assert after.reading.kind == before.reading.kind


def test_confidence_and_alternatives_come_from_the_model():
    row = "Đơn đề nghị cấp lại giấy phép lái xe"
    [match] = default_matcher().match([row])
    assert match.types == ()
    assert dict(match.alternatives).keys() == {"giay_phep_lai_xe"}
    assert match.alternatives[0][1] < 0.5
    assert sum(match.kinds) == pytest.approx(1, abs=0.01)
    text = explain(build([row]), "1.000001/c1/r1")
    assert "(giay_phep_lai_xe) 0,0" in text.vi
    assert "Alternatives: Driving licence" in text.en


def test_doubtful_rows_are_trusted_less():
    vague = "Tùy tình hình có thể có nội dung về hộ chiếu, bằng lái xe, trừ khi có giấy khai sinh"
    clear, doubtful = default_matcher().match(["Bản sao thẻ căn cước", vague])
    assert clear.confidence > 0.9
    assert doubtful.confidence < clear.confidence


def test_equal_rows_are_read_once_and_a_second_run_reads_nothing(monkeypatch):
    from procsim.marking import matching

    calls = []
    judge = matching.judge
    monkeypatch.setattr(matching, "judge", lambda m, s, v: calls.append(len(s)) or judge(m, s, v))
    matcher = LearnedMatcher(document_types(), shipped_model())
    rows = [Row("Thẻ căn cước", quantity=n) for n in (1, 2, 3)] + [Row("Hộ chiếu", quantity=1)]
    matcher.read(rows)
    matcher.read(rows)
    assert calls == [2]


def test_marking_with_the_rules_alone_still_works():
    rules = VariantMatcher(document_types())
    made = mark(build(["Thẻ căn cước", "Lưu ý: nộp sớm"]), matcher=rules).requirements
    assert made["kind"].tolist() == ["document", "note"]


@pytest.mark.parametrize(
    "line",
    ["{", '{"name": 3, "kind": "form", "types": []}', '{"name": "x", "kind": "x", "types": []}'],
)
def test_a_line_that_is_no_label_is_named(tmp_path, line):
    path = tmp_path / "labels.jsonl"
    good = '{"name": "x", "kind": "note", "types": []}'
    path.write_text(f"{good}\n\n{line}\n", encoding="utf-8")
    with pytest.raises(InvalidValue, match=r"labels\.jsonl:3"):
        read_labels(path)


def test_the_command_writes_the_model_byte_for_byte(tmp_path, small, capsys):
    path = tmp_path / "model.npz"
    assert main(["train", "-o", str(path), "--lang", "en"]) == 0
    assert path.read_bytes() == saved(small)
    assert "rows learned" in capsys.readouterr().out
