"""60 files → 60 right verdicts, no fault (A-27, A-28); nothing of people left in what is 匿名版."""

import io
import zipfile
from concurrent.futures import ThreadPoolExecutor

import pytest
from PIL import Image
from pypdf import PdfReader

from talentpool.files.checks import kind_of
from talentpool.files.containers import ZipFault, check_zip
from talentpool.files.errors import FileRefused
from talentpool.files.scanners import Verdict, scan
from talentpool.files.services import clean_content
from tests.talentpool.files import making as make
from tests.talentpool.files.corpus import Upload, corpus

SECRET = "MihonAuthor"


def verdict_of(upload: Upload) -> str:
    try:
        _, cleaned = clean_content(upload.name, upload.content)
    except FileRefused as refusal:
        return "refused" if str(refusal).endswith("。") else "refused without words"
    return "infected" if scan(cleaned) is Verdict.INFECTED else "taken"


def test_sixty_files_get_the_right_verdict() -> None:
    files = corpus()
    assert len(files) == 60
    with ThreadPoolExecutor(2) as pool:
        verdicts = list(pool.map(verdict_of, files))
    wrong = [
        (file.what, verdict)
        for file, verdict in zip(files, verdicts, strict=True)
        if verdict != file.verdict
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (make.archive({"a": bytes(40 * 1024 * 1024)}), "large"),  # ratio
        (make.archive({f"p{n}": b"" for n in range(201)}), "large"),  # entries
        (make.overlapping(200_000), "large"),  # entries that share their bytes
        (make.archive({"inner.zip": b""}), "nested"),
        (make.archive({"link": b"/etc/passwd"}, links=frozenset({"link"})), "nested"),
        (make.flagged(make.docx()), "locked"),
        (make.docx()[:-30], "broken"),
    ],
)
def test_a_container_is_judged_by_what_it_says_of_itself(data: bytes, kind: str) -> None:
    with pytest.raises(ZipFault) as caught:
        check_zip(data)
    assert caught.value.kind == kind


def test_a_picture_of_a_billion_points_is_refused_before_it_is_painted() -> None:
    with pytest.raises(FileRefused, match="大きすぎ"):
        kind_of("a.png", make.png_of_size(40_000, 40_000))


def test_a_locked_pdf_says_so() -> None:
    with pytest.raises(FileRefused, match="パスワード"):
        clean_content("a.pdf", make.pdf_locked())


def test_pictures_keep_the_picture_and_nothing_else() -> None:
    for name, content in (("a.jpg", make.jpg(text=SECRET)), ("a.png", make.png(text=SECRET))):
        assert SECRET.encode() in content
        _, cleaned = clean_content(name, content)
        assert SECRET.encode() not in cleaned
        picture = Image.open(io.BytesIO(cleaned))
        assert picture.size == (20, 10)
        assert dict(picture.getexif()) == {}
        assert set(picture.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_an_anonymous_version_has_no_author_left() -> None:
    photo = {**make.docx_parts(author=SECRET), "word/media/a.jpg": make.jpg(text=SECRET)}
    for name, content in (
        ("a.docx", make.archive(photo)),
        ("a.xlsx", make.xlsx(author=SECRET)),
    ):
        _, cleaned = clean_content(name, content, anonymous=True)
        with zipfile.ZipFile(io.BytesIO(cleaned)) as archive:
            assert not [n for n in archive.namelist() if SECRET.encode() in archive.read(n)]
    _, cleaned = clean_content("a.pdf", make.pdf(author=SECRET), anonymous=True)
    reader = PdfReader(io.BytesIO(cleaned))
    assert len(reader.pages) == 1
    assert SECRET not in str(reader.metadata)
    assert SECRET.encode() not in cleaned
    assert reader.xmp_metadata is None


def test_a_named_version_is_kept_as_it_came() -> None:
    for name, content in (("a.docx", make.docx(author=SECRET)), ("a.pdf", make.pdf(author=SECRET))):
        assert clean_content(name, content)[1] == content
