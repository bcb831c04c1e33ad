"""Names in archives from systems with other code pages."""

import io
import struct
import tarfile
import zipfile
import zlib

import pytest

from facebench.errors import UserError
from facebench.study.dataset_files import code_page
from scripts import unpack

NAMES = {
    "gbk": ["王 芳", "李 明"],
    "cp932": ["田中 太郎", "佐藤"],
    "cp850": ["Søren Ångström", "Ann Lee"],
    "koi8-r": ["Дина Ф", "Ann Lee"],
}


def zip_of(names, encoding):
    """Return a zip whose names are in a code page, and which doesn't say so, as of Windows."""
    body, central = b"", b""
    for name in names:
        raw, data = f"{name}/1.jpg".encode(encoding), name.encode()
        sizes = struct.pack("<III", zlib.crc32(data), len(data), len(data))
        common = struct.pack("<HHHHH", 20, 0, 0, 0, 33) + sizes + struct.pack("<HH", len(raw), 0)
        central += b"PK\1\2" + struct.pack("<H", 20) + common
        central += struct.pack("<HHHII", 0, 0, 0, 0, len(body)) + raw
        body += b"PK\3\4" + common + raw + data
    end = struct.pack("<HHHHIIH", 0, 0, len(names), len(names), len(central), len(body), 0)
    return body + central + b"PK\5\6" + end


def tar_of(names, encoding):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=tarfile.GNU_FORMAT, encoding=encoding) as tar:
        for name in names:
            info = tarfile.TarInfo(f"{name}/1.jpg")
            info.size = 1
            tar.addfile(info, io.BytesIO(b"x"))
    return file.getvalue()


def unpacked(tmp_path, data, encoding=""):
    (tmp_path / "archive").write_bytes(data)
    unpack.main(tmp_path / "archive", 50, 1, tmp_path / "images", encoding)
    return sorted(path.parent.name for path in (tmp_path / "images").rglob("*.jpg"))


@pytest.mark.parametrize("encoding", NAMES)
@pytest.mark.parametrize("make", [zip_of, tar_of])
def test_a_code_page_that_is_given_is_used(tmp_path, caplog, make, encoding):
    names = NAMES[encoding]
    assert unpacked(tmp_path, make(names, encoding), encoding) == sorted(names)
    assert "encoding" not in caplog.text


@pytest.mark.parametrize("encoding", NAMES)
def test_a_zip_that_does_not_say_is_warned_of(tmp_path, caplog, encoding):
    unpacked(tmp_path, zip_of(NAMES[encoding], encoding))
    assert "don't say in which code page they are" in caplog.text
    assert "set the data set's `encoding`" in caplog.text


@pytest.mark.parametrize("names", [["Ann Lee", "Bob"], ["Zoë", "李 明"]])
def test_a_zip_of_plain_or_utf_8_names_is_not(tmp_path, caplog, names):
    assert unpacked(tmp_path, zip_of(names, "utf-8")) == sorted(names)
    assert caplog.text == ""


def test_names_that_are_marked_keep_their_own(tmp_path, caplog):
    with zipfile.ZipFile(file := io.BytesIO(), "w") as archive:
        archive.writestr("Zoë/1.jpg", b"x")
    assert unpacked(tmp_path, file.getvalue(), "gbk") == ["Zoë"]


def test_a_wrong_code_page_is_a_sentence(tmp_path):
    with pytest.raises(UserError, match="can't be unpacked"):
        unpacked(tmp_path, zip_of(["a\xa0"], "cp850"), "gbk")
    for name in ("klingon", "hex"):
        with pytest.raises(UserError, match=f"datasets.x.encoding is '{name}'"):
            code_page("x", {"encoding": name})
    assert code_page("x", {"encoding": "GBK"}) == "gbk" and code_page("x", {}) == ""
