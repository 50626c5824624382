# One image for the web server, the worker, beat and every command.
FROM python:3.13-slim-trixie AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONTZPATH=""
RUN python -m venv /venv
COPY requirements/server.txt /build/
RUN /venv/bin/pip install --require-hashes --only-binary :all: -r /build/server.txt
WORKDIR /app
COPY manage.py ./
COPY core core
COPY clinics clinics
COPY programs programs
COPY patients patients
COPY sessions sessions
COPY reminders reminders
COPY rehab_platform rehab_platform
COPY templates templates
# Collecting files connects to nothing: the addresses are there for the settings' reader alone.
RUN DJANGO_SETTINGS_MODULE=rehab_platform.settings.production ALLOWED_HOSTS=build.invalid \
    SECRET_KEY=used-while-the-image-is-built-and-never-again-0123456789 \
    DATABASE_URL=postgresql://rehab_app@build.invalid/rehab REDIS_URL=redis://build.invalid/0 \
    EMAIL_URL=smtp://build.invalid MAIL_FROM=nobody@build.invalid APP_URL=https://build.invalid \
    /venv/bin/python manage.py collectstatic --no-input --skip-checks --ignore redoc --ignore rest_framework \
    && /venv/bin/python -m compileall -q /app

FROM python:3.13-slim-trixie
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin rehab
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONTZPATH="" \
    DJANGO_SETTINGS_MODULE=rehab_platform.settings.production \
    BIND=0.0.0.0:8000
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-m", "rehab_platform.probe", "web"]
CMD ["gunicorn", "--config", "python:rehab_platform.gunicorn_settings", "--preload"]
