"""What is to be mended in a file that is brought in: counted, shown, and offered as a file."""

import gzip
import io
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Protocol

from municipalities.registry.models import FileImport
from talentpool.conventions.cells import csv_line

SHOWN = 200  # on the page; the file for download has the others too
MOST_IN_FILE = 100_000  # lines of that file: who has mended so many checks the rest anew
VALUE_LENGTH = 200  # characters of a cell that a problem quotes
HEADERS = ("シート", "セル", "項目", "値", "直し方")
MORE = "ほかに{:,}か所あります。ここまでを直してから、もう一度確認してください。"
PIECE = 256 * 1024
BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend: where it stands, what stands there, what to write instead."""

    sheet: str
    cell: str
    header: str
    value: str
    message: str


class Checked(Protocol):
    """An entry of a file with its problems."""

    problems: list[Problem]


def report(job: FileImport, entries: Iterable[Checked]) -> None:
    """Count entries and problems and keep the problems in the job, as they come: of a file of a
    million problems no more is held than is shown. Does not save."""
    valid = invalid = count = 0
    first: list[dict[str, str]] = []
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as file:
        file.write((BOM + csv_line(HEADERS)).encode())
        for entry in entries:
            valid += not entry.problems
            invalid += bool(entry.problems)
            for problem in entry.problems:
                if count < SHOWN:
                    first.append(asdict(problem) | {"value": problem.value[:VALUE_LENGTH]})
                if count < MOST_IN_FILE:
                    file.write(_line(problem).encode())
                count += 1
        if count > MOST_IN_FILE:
            file.write(csv_line(("", "", "", "", MORE.format(count - MOST_IN_FILE))).encode())
    job.valid, job.invalid, job.problem_count, job.problems = valid, invalid, count, first
    job.problem_file = packed.getvalue() if count else None


def _line(problem: Problem) -> str:
    value = problem.value[:VALUE_LENGTH]
    return csv_line((problem.sheet, problem.cell, problem.header, value, problem.message))


def problem_file(job: FileImport) -> Iterator[bytes]:
    """The problems of an import as a CSV file, in pieces; headers only when there are none."""
    if job.problem_file is None:
        yield (BOM + csv_line(HEADERS)).encode()
        for problem in job.problems:
            yield _line(Problem(**problem)).encode()
        return
    with gzip.GzipFile(fileobj=io.BytesIO(job.problem_file)) as file:
        while piece := file.read(PIECE):
            yield piece
