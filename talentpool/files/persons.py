"""Uploads of a person in the person's package and at an erasure. A room names the person as the
holder of a file: specialist:12."""

from collections.abc import Iterator

from django.db.models import Q

from talentpool.files.models import StoredFile
from talentpool.files.services import delete_file
from talentpool.privacy.erasure import ERASED_WORD
from talentpool.privacy.package import Part, Subject


def files(subject: Subject) -> Iterator[Part]:
    """Documents that the person, or the prefecture for the person, has handed in."""
    rows = [
        {
            "ファイル名": file.name,
            "種類": file.get_kind_display(),
            "大きさ(バイト)": file.size,
            "アップロードした日時": file.uploaded_at.isoformat(timespec="seconds"),
            "状態": file.get_state_display(),
        }
        for file in _files_of(subject)
    ]
    yield Part("書類のファイル", rows)


def remove_files(subject: Subject) -> int:
    """The documents go, with their names."""
    found = _files_of(subject)
    for file in found:
        delete_file(file, by=None)
    StoredFile.objects.filter(pk__in=[file.pk for file in found]).update(name=ERASED_WORD)
    return len(found)


def _files_of(subject: Subject) -> list[StoredFile]:
    holder = f"specialist:{subject.person}"
    about = Q(holder=holder) | Q(uploaded_by=subject.account, uploaded_by__isnull=False)
    return list(StoredFile.objects.filter(about).order_by("pk"))
