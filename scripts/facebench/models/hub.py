"""Where a model's files are: in a folder, in the cache of the Hugging Face hub, or on the hub.

All traffic goes through huggingface_hub, so HF_ENDPOINT, HF_HOME, HF_HUB_CACHE, HF_HUB_OFFLINE
and HF_TOKEN mean what its documentation says.
"""

import errno
from collections.abc import ItemsView, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from facebench.errors import UserError
from facebench.installed import in_package

#: What the system says of a cache that can't be written to.
CACHE_FAILS = (errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOSPC, errno.EDQUOT, errno.ENOTDIR)

#: Seconds to wait for the hub when asking only whether it has a file.
PATIENCE = 5


@dataclass(frozen=True)
class Found:
    """Files on this machine by purpose, and the commit of the repository that they are from."""

    files: dict[str, Path]
    revision: str | None = None


@dataclass(frozen=True)
class Unserved:
    """Files of a repository that are neither in the hub's cache nor given by the hub."""

    repo: str
    revision: str
    files: tuple[str, ...]

    @property
    def command(self) -> str:
        """Return what fetches them into a cache."""
        pin = "" if self.revision == "main" else f" --revision {self.revision}"
        return f"hf download {self.repo} {' '.join(self.files)}{pin}"


@dataclass(frozen=True)
class Wanted:
    """The files that a model needs: purpose -> file names, the best first.

    They are in `folder`, or in the hub's repository `repo` at `revision`.
    """

    names: Mapping[str, tuple[str, ...]]
    folder: Path | None = None
    repo: str | None = None
    revision: str = "main"

    def find(self) -> Found:
        """Return the files, downloaded where needed and allowed.

        Raises `UserError` that says how to get them.
        """
        if self.folder is not None:
            return Found({what: _in_folder(self.folder, names) for what, names in self.items()})
        files = {what: _from_hub(self, names) for what, names in self.items()}
        # hub/models--org--name/snapshots/<commit>/<file>, which may lie in folders
        what, first = next(iter(files.items()))
        return Found(files, revision=first.parents[self.names[what][0].count("/")].name)

    def missing(self, online: bool) -> str | Unserved | None:
        """Return None if `find` should succeed, else what is missing; loads nothing.

        That is a sentence for a folder. `online` is whether the hub may be asked.
        """
        try:
            if self.folder is not None:
                self.find()
                return None
        except UserError as error:
            return str(error)
        gone = [
            names[0]
            for names in self.uncached()
            if not (online and any(_served(self, name) for name in names))
        ]
        return Unserved(str(self.repo), self.revision, tuple(gone)) if gone else None

    def uncached(self) -> list[tuple[str, ...]]:
        """Return the names of the files that would have to be downloaded; of none in a folder."""
        if self.folder is not None:
            return []
        return [
            names for _, names in self.items() if not any(_cached(self, name) for name in names)
        ]

    def items(self) -> ItemsView[str, tuple[str, ...]]:
        """Return the pairs of purpose and file names."""
        return self.names.items()


def in_installed(package: str, file: str) -> Wanted:
    """Return weights that lie inside an installed package. Raises `UserError` if it is missing."""
    place = in_package(package, file)
    return Wanted({"weights": (place.name,)}, folder=place.parent)


def hub_answers() -> bool:
    """Return whether the hub can be reached at all."""
    from huggingface_hub import constants, get_session

    try:
        get_session().head(constants.ENDPOINT, timeout=PATIENCE)
    except Exception:  # any obstacle: name, route, proxy, certificate
        return False
    return True


def how_to_get(wanted: Wanted, names: tuple[str, ...]) -> str:
    """Return the sentence for files that are neither cached nor downloadable."""
    unserved = Unserved(str(wanted.repo), wanted.revision, names[:1])
    return (
        f"{names[0]} of {wanted.repo} {_not_here(one=True)} Run `{unserved.command}` {_WHERE}, or"
        " give the model a `path`."
    )


def how_to_get_all(models: Mapping[str, Unserved], megabytes: Mapping[str, float]) -> str:
    """Return one sentence for the files of many models, and the commands that fetch them.

    megabytes: how large the files of models are, of those for which that is known.
    """
    one = len(models) == 1
    size = in_words([megabytes.get(name) for name in models])
    commands = dict.fromkeys(unserved.command for unserved in models.values())
    return (
        f"{len(models)} {'model' if one else 'models'}{size} {_not_here(one)}"
        f" {'It is' if one else 'They are'} {', '.join(models)}. Run {'this' if one else 'these'}"
        f" {_WHERE}, or give {'the' if one else 'a'} model a `path`:\n"
        + "\n".join(f"  {command}" for command in commands)
    )


#: Where the hub's client fetches what is missing.
_WHERE = "where there is a network (HF_ENDPOINT may name a mirror) and point HF_HOME at that cache"


def in_words(megabytes: Sequence[float | None]) -> str:
    """Return how large some files are together, in brackets; nothing if no size is known.

    >>> in_words([605, 1711]), in_words([605, None]), in_words([None])
    (' (about 2.3 GB)', ' (0.6 GB and more)', '')
    """
    known = [size for size in megabytes if size is not None]
    if not known:
        return ""
    total = f"{sum(known) / 1000:.1f} GB" if sum(known) >= 100 else f"{sum(known):.0f} MB"
    return f" (about {total})" if len(known) == len(megabytes) else f" ({total} and more)"


def _not_here(one: bool) -> str:
    from huggingface_hub import constants

    offline = constants.is_offline_mode()
    why = "HF_HUB_OFFLINE is set" if offline else f"{constants.ENDPOINT} doesn't give"
    why += "" if offline else (" it" if one else " them")
    return f"{'is' if one else 'are'} not in {constants.HF_HUB_CACHE}, and {why}."


def _in_folder(folder: Path, names: tuple[str, ...]) -> Path:
    for name in names:
        if (folder / name).is_file():
            return folder / name
    raise UserError(f"{folder} has no file {' or '.join(names)}. Check the model's key `path`.")


def cache() -> Path:
    """Return the folder that downloaded weights are kept in."""
    from huggingface_hub.constants import HF_HUB_CACHE

    return Path(HF_HUB_CACHE)


def _from_hub(wanted: Wanted, names: tuple[str, ...]) -> Path:
    from huggingface_hub import hf_hub_download
    from huggingface_hub.constants import HF_HUB_CACHE
    from huggingface_hub.errors import (
        EntryNotFoundError,
        GatedRepoError,
        HfHubHTTPError,
        LocalEntryNotFoundError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    assert wanted.repo is not None  # noqa: S101 (tells mypy)
    unreachable = False
    for name in names:
        try:
            return Path(hf_hub_download(wanted.repo, name, revision=wanted.revision))
        except LocalEntryNotFoundError:
            unreachable = True  # but another of the names may be cached
        except EntryNotFoundError:
            continue
        except GatedRepoError:
            raise UserError(
                f"{wanted.repo} asks for consent: accept its terms on its page, then set HF_TOKEN."
            ) from None
        except RepositoryNotFoundError:
            raise UserError(f"The hub has no repository {wanted.repo} that you may read.") from None
        except RevisionNotFoundError:
            raise UserError(f"{wanted.repo} has no revision {wanted.revision}.") from None
        except HfHubHTTPError as error:
            raise UserError(f"The hub failed on {name} of {wanted.repo}: {error}") from error
        except Exception as error:  # of the disk, of the client, and of what that stands on
            if isinstance(error, OSError) and error.errno in CACHE_FAILS:
                raise UserError(
                    f"{name} of {wanted.repo} can't be kept in {HF_HUB_CACHE} ({error.strerror}):"
                    " point HF_HOME to a folder that can be written to."
                ) from error
            why = str(error).partition("\n")[0] or type(error).__name__
            raise UserError(f"{name} of {wanted.repo} could not be fetched: {why}") from error
    if unreachable:
        raise UserError(how_to_get(wanted, names))
    raise UserError(
        f"The repository {wanted.repo} has no file {' or '.join(names)} in revision"
        f" {wanted.revision}. Check the file name and the revision."
    )


def _cached(wanted: Wanted, name: str) -> bool:
    from huggingface_hub import try_to_load_from_cache

    assert wanted.repo is not None  # noqa: S101 (tells mypy)
    return isinstance(try_to_load_from_cache(wanted.repo, name, revision=wanted.revision), str)


def _served(wanted: Wanted, name: str) -> bool:
    from huggingface_hub import get_hf_file_metadata, hf_hub_url

    assert wanted.repo is not None  # noqa: S101 (tells mypy)
    url = hf_hub_url(wanted.repo, name, revision=wanted.revision)
    try:
        return get_hf_file_metadata(url, timeout=PATIENCE).etag is not None
    except Exception:  # no network, a proxy that refuses, no such file: not served
        return False
