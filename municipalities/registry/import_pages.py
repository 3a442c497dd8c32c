"""What the pages of all imports share."""

from django.http import StreamingHttpResponse

from municipalities.registry.models import FileImport
from municipalities.registry.problems import MOST_IN_FILE, problem_file

UNLISTED = ("content", "problem_file", "problems")  # large columns that no list shows


def more_problems(job: FileImport) -> dict[str, int]:
    """What the page says of the problems that it does not show: how many they are, and how many
    the file for download has when it has not all of them."""
    return {
        "more": job.problem_count - len(job.problems),
        "in_file": MOST_IN_FILE if job.problem_count > MOST_IN_FILE else 0,
    }


def problem_download(job: FileImport) -> StreamingHttpResponse:
    """All that is to be mended, as a file to work through beside the sheet."""
    return StreamingHttpResponse(
        problem_file(job),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="problems-{job.pk}.csv"'},
    )
