"""What makes a step read a user's files again: what is in them and what they are called."""

import json
import os
import shutil

import pytest

from facebench.study import seen

DAY = 86_400


@pytest.fixture
def place(tmp_path):
    """A folder of files that a step has remembered, with a list beside it; and what to ask."""
    for path in ("Ann/1.jpg", "Ann/2.jpg", "Bob/1.jpg"):
        (tmp_path / "photos" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "photos" / path).write_text(path)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "9.jpg").write_text("nine")
    (tmp_path / "photos" / "Cleo").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "who.txt").write_text("1.jpg 7")
    places, memory = (str(tmp_path / "photos"), str(tmp_path / "who.txt")), tmp_path / "seen.json"

    def ask():
        seen.state.cache_clear()
        return seen.state(places, str(memory))

    first = ask()
    seen.remember(places, memory, first, threads=2)
    assert ask() == first
    return tmp_path / "photos", ask, first


def touch(path, seconds=0):
    os.utime(path, (path.stat().st_mtime + seconds,) * 2)


def edited_in_place(photos):
    before = (photos / "Ann/1.jpg").stat()
    (photos / "Ann/1.jpg").write_text("Ann/x.jpg")
    os.utime(photos / "Ann/1.jpg", ns=(before.st_atime_ns, before.st_mtime_ns))


def behind_a_link(photos):
    (photos.parent / "elsewhere" / "9.jpg").write_text("eight")


def list_edited(photos):
    (photos.parent / "who.txt").write_text("1.jpg 8")


CHANGES = {
    "edited": lambda photos: (photos / "Ann/1.jpg").write_text("another"),
    "edited, with the old size and time": edited_in_place,
    "added": lambda photos: (photos / "Ann/3.jpg").write_text("three"),
    "removed": lambda photos: (photos / "Ann/2.jpg").unlink(),
    "renamed": lambda photos: (photos / "Ann/2.jpg").rename(photos / "Ann/3.jpg"),
    "moved": lambda photos: (photos / "Ann/2.jpg").rename(photos / "Bob/2.jpg"),
    "a person renamed": lambda photos: (photos / "Ann").rename(photos / "Anna"),
    "changed behind a link": behind_a_link,
    "a list edited": list_edited,
    "emptied": lambda photos: (photos / "Bob/1.jpg").write_text(""),
}
NO_CHANGES = {
    "touched": lambda photos: touch(photos / "Ann/1.jpg", -5 * DAY),
    "touched, ahead of the clock": lambda photos: touch(photos / "Ann/1.jpg", 5 * DAY),
    "a folder touched": lambda photos: touch(photos / "Ann", 5 * DAY),
    "the folder touched": lambda photos: touch(photos, 5 * DAY),
    "the list touched": lambda photos: touch(photos.parent / "who.txt", 5 * DAY),
    "Finder was here": lambda photos: (photos / "Ann/.DS_Store").write_bytes(b"x"),
    "Explorer was here": lambda photos: (photos / "Thumbs.db").write_bytes(b"x"),
    "a NAS was here": lambda photos: (photos / "Ann/@eaDir/1.jpg").mkdir(parents=True),
    "an empty folder": lambda photos: (photos / "Dan").mkdir(),
    "rights changed": lambda photos: (photos / "Ann/1.jpg").chmod(0o600),
    "copied anew": lambda photos: shutil.copytree(
        shutil.move(photos, photos.parent / "before"), photos, copy_function=shutil.copyfile
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_of_content_or_name_is_noticed(place, change):
    photos, ask, first = place
    CHANGES[change](photos)
    assert ask() != first


@pytest.mark.parametrize("change", NO_CHANGES)
def test_times_and_what_no_reader_lists_change_nothing(place, change):
    photos, ask, first = place
    NO_CHANGES[change](photos)
    assert ask() == first
    # What was compared needn't be read again.
    memory = json.loads((photos.parent / "seen.json").read_text())
    assert memory["state"] == first
    now = seen.found([str(photos), str(photos.parent / "who.txt")])
    assert {name: file.signs for name, file in now.items()} == {
        name: signs for name, (signs, _) in memory["files"].items()
    }


def test_only_what_was_touched_is_read(place, monkeypatch):
    photos, ask, first = place
    read, content = [], seen._content
    monkeypatch.setattr(seen, "_content", lambda file: read.append(file.path) or content(file))
    assert ask() == first and read == []
    touch(photos / "Bob/1.jpg", 60)
    assert ask() == first and read == [str(photos / "Bob/1.jpg")]
    assert ask() == first and len(read) == 1


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"files": {}}', "null"])
def test_a_memory_that_is_lost_or_damaged_is_none(place, damage):
    photos, ask, first = place
    (photos.parent / "seen.json").write_text(damage)
    again = ask()
    assert again and again == ask()
    touch(photos / "Ann/1.jpg", 60)
    assert ask() != again


def test_a_change_back_is_no_change(place):
    photos, ask, first = place
    (photos / "Ann/1.jpg").write_text("Ann/0.jpg")
    assert ask() != first
    (photos / "Ann/1.jpg").write_text("Ann/1.jpg")
    assert ask() == first


def test_links_in_circles_pipes_and_lost_links_are_no_trouble(place, tmp_path):
    photos, ask, _ = place
    (photos / "loop.jpg").symlink_to("loop.jpg")
    (photos / "gone.jpg").symlink_to("nowhere.jpg")
    (photos / "around").symlink_to(photos)
    os.mkfifo(photos / "pipe.jpg")
    os.makedirs(os.fsencode(photos) + b"/Jos\xe9")
    with open(os.fsencode(photos) + b"/Jos\xe9/1.jpg", "w") as file:
        file.write("x")
    state = ask()
    seen.remember([str(photos)], tmp_path / "again.json", "s")
    seen.state.cache_clear()
    assert state and seen.state((str(photos),), str(tmp_path / "again.json")) == "s"
