"""Archives that were made to do harm, or that went wrong: each is refused in one sentence."""

import bz2
import gzip
import io
import lzma
import os
import resource
import struct
import tarfile
import time
import zipfile
import zlib

import pytest

from facebench.errors import UserError
from facebench.fetching.new_folder import DEEPEST
from facebench.fetching.tar_members import HEADER_BYTES, HEADERS_IN_A_ROW
from scripts import unpack

LIMITS = (50, 1)
END = bytes(1024)


def header(name="a.jpg", kind=tarfile.REGTYPE, size=0, target=""):
    """Return the block of a header that may state anything."""
    info = tarfile.TarInfo(name)
    info.type, info.size, info.linkname = kind, size, target
    return info.tobuf(tarfile.GNU_FORMAT, "utf-8", "surrogateescape")


def member(name, content=b"x", kind=tarfile.REGTYPE, target=""):
    """Return the blocks of an honest member."""
    content = content if kind in (tarfile.REGTYPE, *LONG) else b""
    block = header(name, kind, len(content), target)
    return block + content + bytes(-len(content) % 512)


LONG = (tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE, tarfile.XGLTYPE)


def pax(**facts):
    """Return a pax header."""
    records = b""
    for key, value in facts.items():
        rest = f" {key}={value}\n".encode()
        length = len(rest) + 1
        while len(str(length)) + len(rest) != length:
            length += 1
        records += str(length).encode() + rest
    return records


def link(name, target):
    return header(name, tarfile.SYMTYPE, target=target)


def sparse_in_pax(version, map_of_it=b""):
    minor = {"0.0": "0", "0.1": "1", "1.0": "0"}[version]
    facts = {"GNU.sparse.major": version[0], "GNU.sparse.minor": minor, "GNU.sparse.realsize": 99}
    if version != "1.0":
        facts = {"GNU.sparse.size": 99, "GNU.sparse.numblocks": 1}
    if version == "0.1":
        facts["GNU.sparse.map"] = "0,1"
    start = member("x", pax(**facts), tarfile.XHDTYPE)
    return start + header("a.jpg", size=len(map_of_it)) + map_of_it


def huge_pax_size(size):
    return member("x", pax(size=size), tarfile.XHDTYPE) + header("a.jpg")


def many_global_facts():
    keys = [f"facebench.{i}" for i in range(2000)]
    parts = [keys[i : i + 100] for i in range(0, len(keys), 100)]
    blocks = [member("x", pax(**dict.fromkeys(part, "1")), tarfile.XGLTYPE) for part in parts]
    return b"".join(block + member(f"{i}.jpg") for i, block in enumerate(blocks))


#: Blocks of a tar archive -> words of the sentence that refuses it.
TARS = {
    "long name": (header("x", tarfile.GNUTYPE_LONGNAME, 3 << 30), "3,221,225,472 bytes for a name"),
    "long target": (header("x", tarfile.GNUTYPE_LONGLINK, HEADER_BYTES + 1), "bytes for a name"),
    "pax": (header("x", tarfile.XHDTYPE, 1 << 30), "bytes for a name"),
    "global pax": (header("x", tarfile.XGLTYPE, 1 << 30), "bytes for a name"),
    "Solaris pax": (header("x", tarfile.SOLARIS_XHDTYPE, 1 << 30), "bytes for a name"),
    "many global facts": (many_global_facts(), "too many facts"),
    "headers in a row": (
        member("x", b"a.jpg\0", tarfile.GNUTYPE_LONGNAME) * (HEADERS_IN_A_ROW + 5)
        + member("a.jpg"),
        "headers come before a member",
    ),
    "sparse": (header("a.jpg", tarfile.GNUTYPE_SPARSE), "sparse files"),
    "sparse in pax 0.0": (sparse_in_pax("0.0"), "sparse files"),
    "sparse in pax 0.1": (sparse_in_pax("0.1"), "sparse files"),
    "sparse in pax 1.0": (sparse_in_pax("1.0", b"9" * 40 + b"\n" * 472), "sparse files"),
    "negative size": (header("a.jpg", size=-512), "a size of -512 bytes"),
    "negative size in pax": (huge_pax_size(-1024), "a size of -1024 bytes"),
    "size without content": (header("a.jpg", size=10**6), "damaged or cut short"),
    "more than the disk in pax": (huge_pax_size(10**18), "unpacks to more than"),
    "link over a folder": (
        member("f/a.jpg") + link("f", "f/a.jpg"),
        "'f' has the name of a folder",
    ),
    "link below a file": (
        member("a.jpg") + link("a.jpg/b.jpg", "../a.jpg"),
        "'a.jpg/b.jpg' (lies below a file|has the name of another)",
    ),
    "file below a file": (
        member("a.jpg") + member("a.jpg/b.jpg"),
        "'a.jpg/b.jpg' lies below a file",
    ),
    "file over a folder": (member("f/a.jpg") + member("f"), "'f' has the name of a folder"),
    "folder over a file": (
        member("a.jpg") + header("a.jpg", tarfile.DIRTYPE),
        "'a.jpg' has the name of another member",
    ),
    "name of 256 bytes": (
        member("x", b"n" * 256 + b"\0", tarfile.GNUTYPE_LONGNAME) + member("n"),
        "name that is too long",
    ),
    "link with a name of 256 bytes": (
        member("a.jpg")
        + member("x", b"n" * 256 + b"\0", tarfile.GNUTYPE_LONGNAME)
        + link("n", "a.jpg"),
        "name that is too long",
    ),
    "deep": (
        member("x", b"d/" * (DEEPEST + 1) + b"a.jpg\0", tarfile.GNUTYPE_LONGNAME) + member("n"),
        f"more than {DEEPEST} folders",
    ),
    "circle of links": (
        b"".join(link(f"{i}.jpg", f"{(i + 1) % 3}.jpg") for i in range(3)),
        "links lead to no file",
    ),
    "nothing": (b"", "holds no files"),
    "only folders": (header("f", tarfile.DIRTYPE, 8 << 30), "holds no files"),
    "a file without a name": (member("./"), "has the name of a folder|neither"),
}


def refused(archive, tmp_path, words):
    """See that an archive ends in one sentence that begins with its path, and leaves nothing."""
    with pytest.raises(UserError, match=words) as error:
        unpack.main(archive, *LIMITS, tmp_path / "images")
    assert str(error.value).startswith(str(archive)) and "\n" not in str(error.value)
    assert "neither" not in str(error.value) or "neither" in words
    assert sorted(tmp_path.iterdir()) == [archive]


@pytest.mark.parametrize("kind", ["tar", "tgz"])
@pytest.mark.parametrize("case", TARS)
def test_a_tar_is_refused_by_what_is_wrong_with_it(tmp_path, case, kind):
    blocks, words = TARS[case]
    archive = tmp_path / f"faces.{kind}"
    data = blocks + END
    archive.write_bytes(gzip.compress(data) if kind == "tgz" else data)
    refused(archive, tmp_path, words)


def encrypted():
    """Return a zip archive whose member says that it is encrypted."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.jpg", b"x")
    data = bytearray(file.getvalue())
    data[6] |= 1  # of the member itself
    data[data.index(b"PK\1\2") + 8] |= 1  # of the list
    return bytes(data)


def another_compression():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.jpg", b"x")
    data = bytearray(file.getvalue())
    data[8] = data[data.index(b"PK\1\2") + 10] = 9  # deflate64
    return bytes(data)


def xz_with_a_large_dictionary():
    """Return an xz archive that states a dictionary of 1.5 GB in the header of its block."""
    data = bytearray(lzma.compress(member("a.jpg") + END))
    end = 12 + (data[12] + 1) * 4 - 4
    data[data.index(lzma.FILTER_LZMA2, 12) + 2] = 37
    data[end : end + 4] = struct.pack("<I", zlib.crc32(data[12:end]))
    return bytes(data)


BZIP = bz2.compress(member("a.jpg", os.urandom(3000)) + END)

#: Bytes of any file -> words of the sentence.
FILES = {
    "encrypted zip": (encrypted(), "'a.jpg' is encrypted; unpack it yourself and set `folder`"),
    "deflate64": (another_compression(), "can't be read by Python .*unpack it yourself"),
    "zip cut short": (encrypted()[:40], "is damaged or cut short"),
    "bzip2 damaged at the start": (BZIP[:4] + b"????" + BZIP[8:], "is damaged or cut short"),
    "bzip2 cut": (BZIP[: len(BZIP) // 2], "is damaged or cut short"),
    "gzip damaged at the start": (b"\x1f\x8b" + b"?" * 600, "is damaged or cut short"),
    "gzip of no tar": (gzip.compress(b"picture" * 400), "is damaged or cut short"),
    "xz damaged at the start": (b"\xfd7zXZ\0" + b"?" * 600, "is damaged or cut short"),
    "xz that needs memory": (xz_with_a_large_dictionary(), "takes more than 256 MB"),
    "7z": (b"7z\xbc\xaf\x27\x1c" + bytes(600), "is a 7z archive: unpack it yourself"),
    "rar": (b"Rar!\x1a\x07" + bytes(600), "is a rar archive"),
    "zstd": (b"\x28\xb5\x2f\xfd" + bytes(600), "is a zstd archive"),
    "web page": (b"<html>Quota exceeded</html>", "neither a tar archive .* nor a zip archive"),
    "empty file": (b"", "neither a tar archive"),
    "zeros": (bytes(10240), "holds no files"),
}


@pytest.mark.parametrize("case", FILES)
def test_a_file_is_refused_by_what_it_is(tmp_path, case):
    data, words = FILES[case]
    archive = tmp_path / "faces.archive"
    archive.write_bytes(data)
    refused(archive, tmp_path, words)


def test_what_a_header_states_is_not_read_into_memory(tmp_path):
    """A small archive that states, and has, 200 MB for a name."""
    archive = tmp_path / "bomb.tgz"
    with gzip.open(archive, "wb", compresslevel=9) as file:
        file.write(header("x", tarfile.GNUTYPE_LONGNAME, 200 << 20))
        for _ in range(200):
            file.write(bytes(1 << 20))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    refused(archive, tmp_path, "bytes for a name")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # kB


def test_headers_count_as_what_is_unpacked(tmp_path, monkeypatch):
    from facebench.fetching import archives

    monkeypatch.setattr(archives, "ALWAYS_ALLOWED", 10**6)
    long = member("x", pax(comment="n" * 60_000), tarfile.XHDTYPE)
    archive = tmp_path / "a.tgz"
    blocks = b"".join(long + member(f"{i}.jpg") for i in range(30))
    archive.write_bytes(gzip.compress(blocks + END))
    refused(archive, tmp_path, "limits.unpacked_ratio")


def unpacked(blocks, tmp_path):
    """Return the names and contents of what is unpacked."""
    (tmp_path / "a.tgz").write_bytes(gzip.compress(blocks + END, 1))
    unpack.main(tmp_path / "a.tgz", *LIMITS, tmp_path / "images")
    return {path.name: path.read_bytes() for path in (tmp_path / "images").glob("*.jpg")}


def test_a_chain_of_links_costs_as_much_as_its_links(tmp_path):
    count = 3000
    blocks = member("0.jpg", b"face") + b"".join(
        link(f"{i}.jpg", f"{i - 1}.jpg") for i in range(count, 0, -1)
    )
    start = time.perf_counter()
    found = unpacked(blocks, tmp_path)
    assert len(found) == count + 1 and set(found.values()) == {b"face"}
    assert time.perf_counter() - start < 10  # a quadratic one took a minute


def test_many_empty_files_cost_the_same_each(tmp_path):
    times = []
    for count in (1500, 6000):
        (folder := tmp_path / str(count)).mkdir()
        start = time.perf_counter()
        assert len(unpacked(b"".join(header(f"{i}.jpg") for i in range(count)), folder)) == count
        times.append(time.perf_counter() - start)
    assert times[1] < 10 * times[0]


def test_the_last_of_files_and_links_of_one_name_counts(tmp_path):
    found = unpacked(
        member("a.jpg", b"a") + member("b.jpg", b"b")
        + link("b.jpg", "a.jpg")  # over a file
        + link("c.jpg", "a.jpg") + member("c.jpg", b"c")  # over a link
        + link("a.jpg", "a.jpg"),  # to itself
        tmp_path,
    )  # fmt: skip
    assert found == {"a.jpg": b"a", "b.jpg": b"a", "c.jpg": b"c"}


def test_long_names_and_pax_headers_of_honest_archives_are_read(tmp_path):
    long = "n" * 180 + "é.jpg"
    for kind in (tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        (folder := tmp_path / str(kind)).mkdir()
        with tarfile.open(folder / "a.tgz", "w:gz", format=kind) as tar:
            info = tarfile.TarInfo(long)
            info.size, info.pax_headers = 1, {"comment": "of a face"}
            tar.addfile(info, io.BytesIO(b"x"))
        unpack.main(folder / "a.tgz", *LIMITS, folder / "images")
        assert (folder / "images" / long).read_bytes() == b"x"


def test_a_zip_of_a_lying_number_of_entries_is_damaged(tmp_path):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.jpg", b"x")
    data = bytearray(file.getvalue())
    end = data.rindex(b"PK\5\6")
    data[end + 8 : end + 16] = struct.pack("<HHI", 60_000, 60_000, 4_000_000)
    (tmp_path / "a.zip").write_bytes(data)
    refused(tmp_path / "a.zip", tmp_path, "is damaged or cut short")
