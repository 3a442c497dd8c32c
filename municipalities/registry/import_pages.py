"""What the pages of all imports share."""

from django.http import HttpResponse

from municipalities.registry.importing import problem_file
from municipalities.registry.models import FileImport

UNLISTED = ("content", "problem_file", "problems")  # large columns that no list shows


def problem_download(job: FileImport) -> HttpResponse:
    """All that is to be mended, as a file to work through beside the sheet."""
    return HttpResponse(
        problem_file(job),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="problems-{job.pk}.csv"'},
    )
