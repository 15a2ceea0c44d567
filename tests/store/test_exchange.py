"""Export and import: one file, one hash, the same figures; nothing broken gets in."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from procsim.errors import ProcsimError, UnreadableInput
from procsim.measures import measure
from procsim.reforms import DropRequirement, Plan, ShortenLimit
from procsim.sample import load_sample
from procsim.store import (
    Cell,
    EditCells,
    Note,
    Project,
    PutPlan,
    SetParameters,
    SetPortfolio,
    Store,
    exchange,
)
from procsim.store.content import canonical_json, digest, pack
from tests.store.building import NINE, small

LAN = {"who": "Lan", "at": NINE}


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("export")
    path = folder / "rà soát.procsim"
    with Store(folder / "procsim.db") as store:
        return path, store.export(worked(store).id, path)


def worked(store: Store) -> Project:
    project = store.create("Rà soát", small(), **LAN)
    project = project.act(EditCells([Cell("procedures", "1.000001", "name", "Cấp đổi")]), **LAN)
    project.tag_version("Lần 1", **LAN)
    plan = Plan([DropRequirement("1.000001/c1/r1"), ShortenLimit("1.000001", days=5)])
    project = project.act(PutPlan("Đợt 1", plan), **LAN)
    unfit = Plan([DropRequirement("9.999999/c1/r1")])
    project = project.act(PutPlan("Không khớp", unfit), **LAN)
    project = project.act(SetParameters({"hours_form": 0.25}), **LAN)
    project = project.act(Note("dự án", "x"), **LAN).undo(**LAN)
    project.at_version(2).keep_as("Riêng", Note("riêng", "y"), **LAN)
    return project


@pytest.fixture
def target(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "other.db") as store:
        yield store


def test_a_project_goes_round_with_its_whole_history(store, tmp_path):
    project = worked(store)
    path = tmp_path / "x.procsim"
    name = store.export(project.id, path)
    again, warnings = store.import_file(path, expected_hash=name.upper() + "\n")
    assert warnings == ()
    assert again.id != project.id
    assert (again.digest, again.name, again.version) == (project.digest, "Rà soát", project.version)
    assert again.portfolio.equals(project.portfolio)
    assert again.plans == project.plans
    assert again.log().equals(project.log())
    assert again.versions().equals(project.versions())
    assert again.at_version("Lần 1").digest == project.at_version("Lần 1").digest
    assert (again.can_undo, again.can_redo) == (True, True)
    assert again.redo(**LAN).notes == {"dự án": "x"}
    other = tmp_path / "y.procsim"
    assert store.export(project.id, other) == name
    assert other.read_bytes() == path.read_bytes()
    assert store.check() == ()


def test_the_figures_come_out_the_same(target, tmp_path):
    project = target.create("Mẫu", load_sample(), **LAN)
    project = project.act(SetParameters({"hours_form": 0.5}), **LAN)
    path = tmp_path / "x.procsim"
    target.export(project.id, path)
    again, warnings = target.import_file(path)
    assert warnings == ()
    before = measure(project.portfolio, project.parameters())
    after = measure(again.portfolio, again.parameters())
    assert after.equals(before)
    with zipfile.ZipFile(path) as archive:
        figures = json.loads(archive.read("manifest.json"))["figures"][""]
    numeric = before.select_dtypes("number").sum()
    assert figures.keys() == set(numeric.index)
    assert all(figures[name] == pytest.approx(numeric[name]) for name in figures)


def test_a_figure_that_comes_out_differently_is_a_warning(exported, target, monkeypatch):
    real = exchange.figures

    def other(state: Any) -> dict[str, dict[str, float]]:
        made = real(state)
        name = next(iter(made[""]))
        made[""][name] += 1
        del made["Đợt 1"]
        return made

    monkeypatch.setattr(exchange, "figures", other)
    _, warnings = target.import_file(exported[0])
    assert {fault.code for fault in warnings} == {"store.figure"}
    assert {fault.severity for fault in warnings} == {"warning"}
    assert any("Đợt 1" in fault.place for fault in warnings)


def test_a_plan_that_does_not_fit_has_no_figures(exported):
    with zipfile.ZipFile(exported[0]) as archive:
        figures = json.loads(archive.read("manifest.json"))["figures"]
    assert figures.keys() == {"", "Đợt 1"}


Parts = dict[str, bytes]


def refused(target: Store, path: Path, code: str, **options: str) -> None:
    with pytest.raises(UnreadableInput) as stop:
        target.import_file(path, **options)
    assert code in {fault.code for fault in stop.value.faults}
    for fault in stop.value.faults:
        assert fault.message.vi
        assert fault.message.en
        assert fault.cure.vi
    assert len(target.projects()) == 0


def rewritten(source: Path, path: Path, change: Callable[[Parts], None], **options: int) -> Path:
    """Write the parts of an export anew after a change."""
    with zipfile.ZipFile(source) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    with zipfile.ZipFile(path, "w", **options) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


def manifest_change(change: Callable[[dict[str, Any]], None]) -> Callable[[Parts], None]:
    """Change the manifest and forge its hash, as a careful hand could."""

    def act(parts: Parts) -> None:
        content = json.loads(parts["manifest.json"])
        change(content)
        parts["manifest.json"] = canonical_json(content)
        parts["SHA256"] = hashlib.sha256(parts["manifest.json"]).hexdigest().encode()

    return act


def first_piece(parts: Parts) -> str:
    return next(name for name in parts if name.startswith("pieces/"))


def without_piece(parts: Parts) -> None:
    del parts[first_piece(parts)]


def with_piece(parts: Parts) -> None:
    parts["pieces/" + digest(b"t[]")] = pack(b"t[]")


def other_piece(parts: Parts) -> None:
    parts[first_piece(parts)] = pack(b't["x"]')


def other_manifest(parts: Parts) -> None:
    parts["manifest.json"] = parts["manifest.json"].replace(b"Lan", b"Nam")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda parts: parts.update({"../../evil": b""}), "store.import_part"),
        (lambda parts: parts.update({"pieces/../evil": b""}), "store.import_part"),
        (lambda parts: parts.update({"C:\\evil": b""}), "store.import_part"),
        (lambda parts: parts.pop("SHA256"), "store.import_foreign"),
        (lambda parts: parts.pop("manifest.json"), "store.import_foreign"),
        (lambda parts: parts.update({"manifest.json": b"{"}), "store.import_changed"),
        (other_manifest, "store.import_changed"),
        (without_piece, "store.import_changed"),
        (with_piece, "store.import_changed"),
        (other_piece, "store.import_changed"),
        (manifest_change(lambda m: m.update(schema=2)), "store.import_version"),
        (manifest_change(lambda m: m.update(format="other")), "store.import_foreign"),
        (manifest_change(lambda m: m.update(head=99)), "store.import_changed"),
        (manifest_change(lambda m: m.update(name=5)), "store.import_changed"),
        (manifest_change(lambda m: m.pop("versions")), "store.import_changed"),
        (manifest_change(lambda m: m["versions"].pop(0)), "store.import_changed"),
        (manifest_change(lambda m: m["versions"][1].update(parent=2)), "store.import_changed"),
        (manifest_change(lambda m: m["versions"][1].update(tip="2")), "store.import_changed"),
        (manifest_change(lambda m: m["versions"][1].update(at="hôm qua")), "store.import_changed"),
        (manifest_change(lambda m: m["versions"][1].update(changes="?")), "store.import_changed"),
        (manifest_change(lambda m: m["versions"][1].update(state="0")), "store.import_changed"),
        (manifest_change(lambda m: m["tags"][0].update(version=99)), "store.import_changed"),
    ],
)
def test_a_changed_file_is_refused(exported, target, tmp_path, change, code):
    refused(target, rewritten(exported[0], tmp_path / "bad.procsim", change), code)


def test_another_hash_than_told_is_refused(exported, target):
    refused(target, exported[0], "store.import_other", expected_hash="0" * 64)


def test_a_file_packed_again_is_refused(exported, target, tmp_path):
    path = tmp_path / "bad.procsim"
    packed = rewritten(exported[0], path, lambda parts: None, compression=zipfile.ZIP_DEFLATED)
    refused(target, packed, "store.import_part")


def test_a_part_that_is_there_twice_is_refused(exported, target, tmp_path):
    path = tmp_path / "bad.procsim"
    path.write_bytes(exported[0].read_bytes())
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(path, "a") as archive:
        archive.writestr("manifest.json", b"{}")
    refused(target, path, "store.import_part")


@pytest.mark.parametrize("share", [0.0, 0.001, 0.3, 0.9, 0.999])
def test_a_file_cut_short_is_refused(exported, target, tmp_path, share):
    raw = exported[0].read_bytes()
    path = tmp_path / "bad.procsim"
    path.write_bytes(raw[: int(len(raw) * share)])
    refused(target, path, "store.import_broken")


def test_no_single_wrong_byte_gets_in(exported, target, tmp_path):
    raw = exported[0].read_bytes()
    path = tmp_path / "bad.procsim"
    sound = target.import_file(exported[0])[0].digest
    for at in range(0, len(raw), len(raw) // 60):
        path.write_bytes(raw[:at] + bytes([raw[at] ^ 0x55]) + raw[at + 1 :])
        try:
            project, _ = target.import_file(path)
        except UnreadableInput:
            continue
        # A byte that means nothing, such as the date of an entry, may differ.
        assert project.digest == sound


def test_bombs_are_refused(exported, target, tmp_path, monkeypatch):
    monkeypatch.setattr(exchange, "_MOST_UNPACKED", 10_000)
    refused(target, exported[0], "store.import_size")
    monkeypatch.setattr(exchange, "_MOST_PARTS", 10)
    refused(target, exported[0], "store.import_size")
    monkeypatch.setattr(exchange, "_MOST_FILE_BYTES", 10)
    refused(target, exported[0], "store.import_size")
    huge = rewritten(
        exported[0], tmp_path / "huge.procsim", lambda parts: parts.update(SHA256=bytes(10**6))
    )
    monkeypatch.undo()
    refused(target, huge, "store.import_part")


def test_a_file_that_is_not_there_or_another_is_refused(target, tmp_path):
    refused(target, tmp_path / "nowhere.procsim", "store.import_open")
    other = tmp_path / "x.xlsx"
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("[Content_Types].xml", "<x/>")
    refused(target, other, "store.import_foreign")


def test_an_interrupted_export_leaves_the_old_file(target, tmp_path, monkeypatch):
    project = target.create("Thử", small(), **LAN)
    path = tmp_path / "x.procsim"
    target.export(project.id, path)
    before = path.read_bytes()
    renamed = small().procedures.assign(name="Khác")
    project = project.act(SetPortfolio(small().replace(procedures=renamed)), **LAN)

    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(zipfile.ZipFile, "writestr", full)
    with pytest.raises(ProcsimError, match="Ổ đĩa đã đầy"):
        target.export(project.id, path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.glob("*.tmp")] == []
    with pytest.raises(ProcsimError, match="Thư mục không có"):
        target.export(project.id, tmp_path / "nowhere" / "x.procsim")
