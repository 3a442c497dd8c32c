from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "talentpool.files"
    verbose_name = "書類"

    def ready(self) -> None:
        from talentpool.files import persons
        from talentpool.privacy.erasure import register_eraser
        from talentpool.privacy.package import register_part

        register_part(persons.files)
        register_eraser("files.StoredFile", persons.remove_files)
