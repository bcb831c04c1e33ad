"""Archives, honest and hostile, in every format that is read."""

import io
import stat
import tarfile
import zipfile

import pytest

from facebench.errors import UserError
from facebench.fetching import archives, disk
from facebench.fetching.archives import MADE
from scripts import unpack

LIMITS = {"unpacked_ratio": 50, "unpacked_gb": 1}

FILES = {
    "faces/Ann Lee/a 1.jpg": b"one" * 100,
    "faces/José Núñez/ñ.jpg": b"two" * 100,
    "faces/李/1.jpg": b"three" * 100,
    "./faces/empty.jpg": b"",
}


def make_tar(path, files, mode="w:gz", extra=()):
    with tarfile.open(path, mode, format=tarfile.GNU_FORMAT) as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
        for name, kind, target in extra:
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, target
            tar.addfile(info)
    return path


def make_zip(path, files, links=()):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in files.items():
            file.writestr(name, content)
        for name, target in links:
            info = zipfile.ZipInfo(name)
            info.external_attr = (stat.S_IFLNK | 0o777) << 16
            file.writestr(info, target)
    return path


def content(folder):
    """Return path -> bytes of all files, and see that nothing else is there."""
    entries = [path for path in folder.rglob("*") if not path.is_dir() and path.name != MADE]
    assert all(path.is_file() and not path.is_symlink() for path in entries)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in entries}


def unpacked(archive, tmp_path, limits=LIMITS):
    unpack.main(archive, *limits.values(), tmp_path / "images")
    return content(tmp_path / "images")


def refused(archive, tmp_path, words, limits=LIMITS):
    """See that nothing of a bad archive is left, within its folder and outside."""
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(UserError, match=words):
        unpack.main(archive, *limits.values(), tmp_path / "images")
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("mode", ["w:", "w:gz", "w:bz2", "w:xz"])
def test_every_tar_is_unpacked_whatever_it_is_called(tmp_path, mode):
    found = unpacked(make_tar(tmp_path / "archive.bin", FILES, mode), tmp_path)
    assert found == {name.removeprefix("./"): data for name, data in FILES.items()}


def test_a_zip_is_unpacked(tmp_path):
    found = unpacked(make_zip(tmp_path / "faces.zip", FILES), tmp_path)
    assert found == {name.removeprefix("./"): data for name, data in FILES.items()}


def test_names_that_are_not_utf_8_survive(tmp_path):
    raw = {"faces/Jos\udce9/1.jpg": b"x", "faces/Zoë/1.jpg": b"y"}
    found = unpacked(make_tar(tmp_path / "a.tar", raw), tmp_path)
    assert found == {"faces/José/1.jpg": b"x", "faces/Zoë/1.jpg": b"y"}


def test_utf_8_names_in_a_zip_that_does_not_say_so_are_read(tmp_path):
    archive = make_zip(tmp_path / "a.zip", {"Zo??/1.jpg": b"y"})
    archive.write_bytes(archive.read_bytes().replace(b"Zo??", "Zoë".encode()))
    assert unpacked(archive, tmp_path) == {"Zoë/1.jpg": b"y"}


@pytest.mark.parametrize(
    "name", ["../evil.jpg", "faces/../../evil.jpg", "/tmp/facebench-evil.jpg", "a/.."]
)
@pytest.mark.parametrize("make", [make_tar, make_zip])
def test_a_name_that_leads_out_is_refused(tmp_path, name, make):
    archive = make(tmp_path / "a", {"good.jpg": b"x", name: b"evil"})
    refused(archive, tmp_path, "(?s)member '.*(evil|a/).*leads out")


@pytest.mark.parametrize(
    ("kind", "target"),
    [
        (tarfile.SYMTYPE, "/etc/passwd"),
        (tarfile.SYMTYPE, "../../../etc/passwd"),
        (tarfile.LNKTYPE, "/etc/passwd"),
        (tarfile.LNKTYPE, "../etc/passwd"),
    ],
)
def test_a_link_that_leads_out_is_refused(tmp_path, kind, target):
    archive = make_tar(tmp_path / "a", FILES, extra=[("faces/Ann Lee/link.jpg", kind, target)])
    refused(archive, tmp_path, "'faces/Ann Lee/link.jpg' to .*passwd' leads out")


def test_a_file_written_through_a_link_stays_inside(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    with tarfile.open(tmp_path / "a", "w") as tar:
        link = tarfile.TarInfo("way")
        link.type, link.linkname = tarfile.SYMTYPE, str(outside)
        tar.addfile(link)
        tar.addfile(tarfile.TarInfo("way/evil.jpg"), io.BytesIO())
    refused(tmp_path / "a", tmp_path, "'way' to .* leads out")


def test_links_inside_become_files(tmp_path):
    links = [
        ("again/2.jpg", tarfile.SYMTYPE, "1.jpg"),  # comes before what it points to
        ("again/1.jpg", tarfile.SYMTYPE, "../faces/Ann Lee/a 1.jpg"),
        ("again/3.jpg", tarfile.LNKTYPE, "faces/Ann Lee/a 1.jpg"),
    ]
    found = unpacked(make_tar(tmp_path / "a", FILES, extra=links), tmp_path)
    assert {found[f"again/{i}.jpg"] for i in (1, 2, 3)} == {b"one" * 100}


@pytest.mark.parametrize("target", ["nothing.jpg", "loop.jpg", "Ann Lee"])
def test_a_link_to_no_file_is_refused(tmp_path, target):
    archive = make_tar(tmp_path / "a", FILES, extra=[("faces/loop.jpg", tarfile.SYMTYPE, target)])
    refused(archive, tmp_path, "links lead to no file in it: 'faces/loop.jpg'")


@pytest.mark.parametrize("target", ["/etc/passwd", "../../etc/passwd"])
def test_a_link_out_of_a_zip_is_refused(tmp_path, target):
    archive = make_zip(tmp_path / "a", FILES, [("faces/link.jpg", target)])
    refused(archive, tmp_path, "'faces/link.jpg' to .*passwd' leads out")


@pytest.mark.parametrize("kind", [tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE])
def test_a_device_is_refused(tmp_path, kind):
    archive = make_tar(tmp_path / "a", FILES, extra=[("faces/null.jpg", kind, "")])
    refused(archive, tmp_path, "'faces/null.jpg' is neither")


@pytest.mark.parametrize("make", [make_tar, make_zip])
def test_a_bomb_is_refused_by_its_ratio(tmp_path, monkeypatch, make):
    monkeypatch.setattr(archives, "ALWAYS_ALLOWED", 10**6)
    archive = make(tmp_path / "a", {"bomb.jpg": bytes(10**7)})
    refused(archive, tmp_path, r"more than 50 times its size \(limits.unpacked_ratio\)")


def test_a_bomb_of_empty_files_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "ALWAYS_ALLOWED", 10**5)
    archive = make_tar(tmp_path / "a", {f"{i}.jpg": b"" for i in range(2000)})
    refused(archive, tmp_path, "limits.unpacked_ratio", {**LIMITS, "unpacked_ratio": 10})


def test_a_zip_that_lies_about_its_size_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "ALWAYS_ALLOWED", 10**6)
    archive = make_zip(tmp_path / "a", {"bomb.jpg": bytes(10**7)})
    true = (10**7).to_bytes(4, "little")
    archive.write_bytes(archive.read_bytes().replace(true, (1000).to_bytes(4, "little")))
    refused(archive, tmp_path, "damaged|limits.unpacked_ratio")


def test_more_than_the_limit_or_the_disk_is_refused(tmp_path, monkeypatch):
    archive = make_tar(tmp_path / "a", {"large.jpg": bytes(10**6)}, "w")
    small = {**LIMITS, "unpacked_gb": 0.0005}
    refused(archive, tmp_path, r"more than 0.0005 GB \(limits.unpacked_gb\)", small)
    usage = disk.shutil.disk_usage(tmp_path)
    monkeypatch.setattr(disk.shutil, "disk_usage", lambda _: usage._replace(free=10**5))
    refused(archive, tmp_path, "disk has room for")


@pytest.mark.parametrize("mode", ["w:", "w:gz", "w:bz2", "w:xz"])
def test_a_tar_that_is_cut_short_is_refused(tmp_path, mode):
    noise = {f"{i}.jpg": bytes((i * j) % 251 for j in range(700)) for i in range(1, 40)}
    archive = make_tar(tmp_path / "a", noise, mode)
    whole = archive.read_bytes()
    places = [10 * 1536, 10 * 1536 + 512, 39 * 1536] if mode == "w:" else []  # between members
    for size in [len(whole) // 2, len(whole) * 8 // 10, *places]:
        archive.write_bytes(whole[:size])
        refused(archive, tmp_path, "damaged or cut short|is damaged|neither")


def test_a_tar_with_a_broken_header_in_the_middle_is_refused(tmp_path):
    archive = make_tar(tmp_path / "a", {f"{i}.jpg": b"x" for i in range(9)}, "w:")
    broken = bytearray(archive.read_bytes())
    broken[4 * 1024 : 4 * 1024 + 200] = b"?" * 200
    archive.write_bytes(broken)
    refused(archive, tmp_path, "damaged or cut short")


def test_a_damaged_zip_is_refused(tmp_path):
    archive = make_zip(tmp_path / "a", {"a.jpg": bytes(range(256)) * 40})
    broken = bytearray(archive.read_bytes())
    broken[60:80] = bytes(20)
    archive.write_bytes(broken)
    refused(archive, tmp_path, "damaged")


def test_what_is_no_archive_is_refused(tmp_path):
    (tmp_path / "a").write_text("<html>Quota exceeded</html>")
    refused(tmp_path / "a", tmp_path, "neither a tar archive .* nor a zip archive")


def test_what_a_killed_job_left_is_cleared_away(tmp_path):
    (tmp_path / "images.part" / "old").mkdir(parents=True)
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "stale.jpg").touch()
    found = unpacked(make_tar(tmp_path / "a", {"new.jpg": b"x"}), tmp_path)
    assert found == {"new.jpg": b"x"}
    assert not (tmp_path / "images.part").exists()


def test_a_name_that_comes_twice_is_told_and_the_last_one_counts(tmp_path, caplog):
    with tarfile.open(tmp_path / "a", "w") as tar:
        for data in (b"old", b"new"):
            info = tarfile.TarInfo("1.jpg")
            info.size = 3
            tar.addfile(info, io.BytesIO(data))
    assert unpacked(tmp_path / "a", tmp_path) == {"1.jpg": b"new"}
    assert "'1.jpg' more than once" in caplog.text
