"""What may be uploaded: name, kind and structure must agree (A-27).

Pure functions but for the reading of PDF, which a child process does (`cleaner`).
"""

import re
import unicodedata
from collections.abc import Callable

from talentpool.conventions.cells import UnreadableFileError, decode_text
from talentpool.files.containers import ZipFault, check_zip, is_only_a_zip, office_fault
from talentpool.files.errors import FileRefused
from talentpool.files.pictures import MOST_PIXELS, jpeg_size, png_size

MOST_BYTES = 10 * 1024 * 1024
LONGEST_NAME = 120
SUFFIXES = {
    "pdf": "pdf",
    "docx": "docx",
    "xlsx": "xlsx",
    "csv": "csv",
    "png": "png",
    "jpg": "jpg",
    "jpeg": "jpg",
}
TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
    "png": "image/png",
    "jpg": "image/jpeg",
}
ALLOWED_WORDS = "PDF、Word(.docx)、Excel(.xlsx)、CSV、PNG、JPEG"
ACCEPT = ".pdf,.docx,.xlsx,.csv,.png,.jpg,.jpeg"

# A name such as 経歴.exe.pdf hides what the file is or was.
_HIDDEN_SUFFIX = re.compile(
    r"\.(exe|com|scr|bat|cmd|ps1|vbs?|js|jar|msi|lnk|hta|html?|svg|php|py|sh|iso|zip|"
    r"docm|xlsm|pptm|pdf|docx?|xlsx?|csv|png|jpe?g|gif)$",
    re.IGNORECASE,
)
_TEXT_THAT_RUNS = re.compile(r"^\s*<(!doctype|html|script|svg|\?xml|\?php)", re.IGNORECASE)

NOT_ALLOWED = f"この種類のファイルは受け取れません。{ALLOWED_WORDS}のどれかにしてください。"
NOT_WHAT_IT_SAYS = "ファイルの中身が、名前の種類と違います。もとのソフトで保存し直してください。"
SECOND_FILE = (
    "ファイルのうしろか前に、別のデータが付いています。もとのソフトで保存し直してください。"
)
ZIP_WORDS = {
    "broken": "ファイルが壊れているか、途中で切れています。もとのソフトで保存し直してください。",
    "large": "中身が大きすぎるか、通常の書類ではありません。分けて保存し直してください。",
    "nested": "ファイルの中に、別の圧縮ファイルが入っています。取り除いて保存し直してください。",
    "locked": "パスワード付きのファイルは受け取れません。パスワードを外してください。",
}
OFFICE_WORDS = {
    "broken": ZIP_WORDS["broken"],
    "other": NOT_WHAT_IT_SAYS,
    "macro": "マクロ付きのファイルは受け取れません。マクロなしの形式で保存し直してください。",
    "embedded": "ほかのファイルが埋め込まれています。取り除いて保存し直してください。",
    "remote": "開くと外部から読み込む部分があります。取り除いて保存し直してください。",
}
OLD_OFFICE = (
    "古い形式か、パスワード付きのファイルです。パスワードを外し、.docxか.xlsxで保存してください。"
)


def tidy_name(name: str) -> str:
    """The file's own name as it is shown and offered again. Raises FileRefused for names that hide
    something: direction marks, control characters, a second suffix, more than 120 characters."""
    tidy = unicodedata.normalize("NFC", name).strip()
    if len(tidy) > LONGEST_NAME:
        raise FileRefused(f"ファイルの名前が長すぎます。{LONGEST_NAME}文字までにしてください。")
    if any(unicodedata.category(sign) in {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"} for sign in tidy):
        raise FileRefused(
            "ファイルの名前に、見えない文字が入っています。名前を付け直してください。"
        )
    if not tidy or any(sign in tidy for sign in '/\\:*?"<>|'):
        raise FileRefused("ファイルの名前に使えない文字が入っています。名前を付け直してください。")
    stem, dot, _ = tidy.rpartition(".")
    if not dot or not stem.strip(". "):
        raise FileRefused(NOT_ALLOWED)
    if _HIDDEN_SUFFIX.search(stem.rstrip(". ")):
        raise FileRefused("ファイルの名前に、種類が2つ書かれています。名前を付け直してください。")
    return tidy


def kind_of(name: str, content: bytes) -> str:
    """The kind of an upload (a key of TYPES) when name, first bytes and structure agree.

    Raises FileRefused with words for the person. PDF is looked at more closely by `cleaner`.
    """
    kind = SUFFIXES.get(tidy_name(name).rpartition(".")[2].lower())
    if kind is None:
        raise FileRefused(NOT_ALLOWED)
    if not content:
        raise FileRefused("ファイルが空です。")
    if len(content) > MOST_BYTES:
        raise FileRefused("ファイルが大きすぎます。10MBまでにしてください。")
    if content.startswith(b"\xd0\xcf\x11\xe0") and kind in {"docx", "xlsx"}:
        raise FileRefused(OLD_OFFICE)
    _CHECKS[kind](content)
    return kind


def _pdf(content: bytes) -> None:
    if not re.match(rb"%PDF-[12]\.\d", content):
        raise FileRefused(NOT_WHAT_IT_SAYS)
    tail = content.rstrip(b"\r\n \x00")
    if not tail.endswith(b"%%EOF") or b"startxref" not in content:
        has_end = b"%%EOF" in content
        raise FileRefused(SECOND_FILE if has_end else ZIP_WORDS["broken"])


def _office(kind: str) -> Callable[[bytes], None]:
    def check(content: bytes) -> None:
        if not content.startswith(b"PK"):
            raise FileRefused(NOT_WHAT_IT_SAYS)
        try:
            check_zip(content)
        except ZipFault as fault:
            raise FileRefused(ZIP_WORDS[fault.kind]) from fault
        if not is_only_a_zip(content):
            raise FileRefused(SECOND_FILE)
        wrong = office_fault(content, kind)
        if wrong is not None:
            raise FileRefused(OFFICE_WORDS[wrong])

    return check


def _picture(magic: bytes, measure: Callable[[bytes], tuple[int, int]]) -> Callable[[bytes], None]:
    def check(content: bytes) -> None:
        if not content.startswith(magic):
            raise FileRefused(NOT_WHAT_IT_SAYS)
        try:
            width, height = measure(content)
        except (
            Exception
        ) as error:  # struct.error, ValueError, IndexError: all say "not well formed"
            raise FileRefused(
                "画像が壊れているか、うしろに別のデータが付いています。画像を保存し直してください。"
            ) from error
        if not 0 < width * height <= MOST_PIXELS:
            raise FileRefused("画像が大きすぎます。縦横を小さくして保存し直してください。")

    return check


def _csv(content: bytes) -> None:
    if content.startswith((b"PK", b"%PDF", b"MZ", b"GIF8", b"\x7fELF", b"\x89PNG", b"\xff\xd8")):
        raise FileRefused(NOT_WHAT_IT_SAYS)
    try:
        text = decode_text(content)
    except UnreadableFileError as error:
        raise FileRefused(str(error)) from error
    controls = {sign for sign in text if unicodedata.category(sign) == "Cc"} - set("\r\n\t")
    if controls or _TEXT_THAT_RUNS.match(text):
        raise FileRefused(NOT_WHAT_IT_SAYS)


_CHECKS: dict[str, Callable[[bytes], None]] = {
    "pdf": _pdf,
    "docx": _office("docx"),
    "xlsx": _office("xlsx"),
    "csv": _csv,
    "png": _picture(b"\x89PNG\r\n\x1a\n", png_size),
    "jpg": _picture(b"\xff\xd8\xff", jpeg_size),
}
