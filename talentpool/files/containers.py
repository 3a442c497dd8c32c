"""Zip containers: what they say of themselves before anything is unpacked (A-28)."""

import io
import stat
import struct
import zipfile
from typing import Literal

from defusedxml import ElementTree

MOST_UNPACKED = 200 * 1024 * 1024
MOST_ENTRIES = 200
MOST_RATIO = 100
MOST_LIST_BYTES = 1024 * 1024  # of [Content_Types].xml and of relations
ARCHIVES = (".zip", ".xlsx", ".xlsm", ".docx", ".docm", ".jar", ".gz", ".7z", ".rar", ".bz2", ".xz")
END_OF_ZIP = b"PK\x05\x06"
END_OF_ZIP64 = b"PK\x06\x07"
END_SIZE = 22
MOST_DIRECTORY = 256 * 1024  # bytes; `zipfile` makes an object of every entry before it can count

Fault = Literal["broken", "large", "nested", "locked"]
OfficeFault = Literal["broken", "macro", "embedded", "remote", "other"]

_MAIN = "application/vnd.openxmlformats-officedocument."
MAIN_TYPES = {
    "docx": f"{_MAIN}wordprocessingml.document.main+xml",
    "xlsx": f"{_MAIN}spreadsheetml.sheet.main+xml",
}
_HARMLESS_LINKS = ("/hyperlink",)


class ZipFault(Exception):
    """Why a container is refused; rooms have their own words for each kind."""

    def __init__(self, kind: Fault) -> None:
        super().__init__(kind)
        self.kind = kind


def check_zip(data: bytes) -> list[zipfile.ZipInfo]:
    """The entries of a container within the budget. Raises ZipFault.

    The budget: 200 MB unpacked, 200 entries, ratio 100, no archive inside, no symbolic link, no
    password; entries do not overlap.
    """
    if _directory_size(data) > MOST_DIRECTORY:
        raise ZipFault("large")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise ZipFault("broken") from error
    if len(entries) > MOST_ENTRIES:
        raise ZipFault("large")
    for entry in entries:
        if entry.filename.lower().endswith(ARCHIVES) or stat.S_ISLNK(entry.external_attr >> 16):
            raise ZipFault("nested")
        if entry.flag_bits & 1:
            raise ZipFault("locked")
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if unpacked > MOST_UNPACKED or unpacked / (packed or 1) > MOST_RATIO:
        raise ZipFault("large")
    if packed > len(data):  # entries that share their bytes: they unpack to more than they say
        raise ZipFault("large")
    return entries


def _directory_size(data: bytes) -> int:
    """How long the list of entries says it is, as `zipfile` will read it; 0 when there is none.
    The long form of the end (zip64) counts as too long: no file of ours needs it."""
    end = len(data) - END_SIZE
    if not (data[end:].startswith(END_OF_ZIP) and data.endswith(b"\0\0")):
        end = data.rfind(END_OF_ZIP)
    if end < 0 or len(data) < end + END_SIZE:
        return 0
    if data[max(0, end - 20) : end].startswith(END_OF_ZIP64):
        return len(data) + MOST_DIRECTORY
    (size,) = struct.unpack_from("<I", data, end + 12)
    return int(size)


def is_only_a_zip(data: bytes) -> bool:
    """Whether nothing stands before the container or after it: no second file in one (GIFAR)."""
    if not data.startswith(b"PK\x03\x04"):
        return False
    end = data.rfind(END_OF_ZIP)
    if end < 0 or len(data) < end + END_SIZE:
        return False
    size, start, comment = struct.unpack("<IIH", data[end + 12 : end + END_SIZE])
    return bool(end + END_SIZE + comment == len(data) and start + size == end and comment == 0)


def office_fault(data: bytes, kind: str) -> OfficeFault | None:
    """What is wrong with an Office document of `kind` (docx or xlsx); None when nothing is.

    The container's budget must have been checked.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _office_fault(archive, kind)
    except Exception:  # whatever a broken part raises: the readers know a dozen types
        return "broken"


def _office_fault(archive: zipfile.ZipFile, kind: str) -> OfficeFault | None:
    names = [entry.filename for entry in archive.infolist()]
    if len(set(names)) != len(names) or any(_leads_out(name) for name in names):
        return "broken"
    types = ElementTree.fromstring(_part(archive, "[Content_Types].xml"))
    said = {node.get("ContentType", "") for node in types}
    lower = [name.lower() for name in names]
    if any("macroenabled" in one.lower() or "vbaproject" in one.lower() for one in said) or any(
        name.endswith(("vbaproject.bin", "vbadata.xml")) for name in lower
    ):
        return "macro"
    if MAIN_TYPES[kind] not in said:
        return "other"
    if any("/embeddings/" in name or "/activex/" in name for name in lower):
        return "embedded"
    for name in names:
        if name.lower().endswith(".rels") and _points_outside(archive, name):
            return "remote"
    for entry in archive.infolist():
        _read_to_the_end(archive, entry)
    return None


def _leads_out(name: str) -> bool:
    return name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/")


def _part(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as file:
        content = file.read(MOST_LIST_BYTES + 1)
    if len(content) > MOST_LIST_BYTES:
        raise ValueError("too large")
    return content


def _points_outside(archive: zipfile.ZipFile, name: str) -> bool:
    """Whether the part loads something from elsewhere when it is opened; links to click are not."""
    for node in ElementTree.fromstring(_part(archive, name)):
        external = node.get("TargetMode", "").lower() == "external"
        if external and not node.get("Type", "").endswith(_HARMLESS_LINKS):
            return True
    return False


def _read_to_the_end(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    """Unpack a part in pieces: a wrong size or checksum raises BadZipFile."""
    with archive.open(entry) as file:
        while file.read(1024 * 1024):
            pass
