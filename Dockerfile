# The portal's image: web, worker and beat run from it (docker-compose.yml).
FROM python:3.13-slim-bookworm AS packages
WORKDIR /build
COPY requirements.lock .
# Only the lock's first part: production brings its own servers and needs no tools.
RUN sed '/^# --- servers:/,$d' requirements.lock > portal.lock \
 && python -m venv /opt/portal \
 && /opt/portal/bin/pip install --no-cache-dir --require-hashes --only-binary=:all: -r portal.lock

FROM python:3.13-slim-bookworm
ENV PATH=/opt/portal/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=talentpool.settings STATIC_ROOT=/srv/static
COPY --from=packages /opt/portal /opt/portal
WORKDIR /srv/portal
COPY manage.py ./
COPY talentpool talentpool
COPY municipalities municipalities
COPY matching matching
COPY consultations consultations
COPY templates templates
COPY static static
# The key serves this one command; no secret is in the image.
RUN SECRET_KEY=for-collectstatic-only python manage.py collectstatic --no-input --verbosity 0 \
 && groupadd --system --gid 10001 portal \
 && useradd --system --uid 10001 --gid portal --no-create-home portal \
 && mkdir -p /var/lib/talentpool/files && chown portal:portal /var/lib/talentpool/files
USER 10001:10001
EXPOSE 8000
CMD ["gunicorn", "talentpool.wsgi", "--bind", "0.0.0.0:8000", "--workers", "2", "--threads", "24", \
     "--worker-tmp-dir", "/dev/shm", "--access-logfile", "-", "--logger-class", "talentpool.pages.access_log.AccessLogger", "--no-control-socket"]
