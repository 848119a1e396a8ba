# The one image of all of Postroom's parts; docker-compose.yml says which command each runs.
FROM python:3.11-slim-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev make && rm -rf /var/lib/apt/lists/*
RUN python -m venv /opt/postroom
COPY requirements.txt /tmp/
RUN /opt/postroom/bin/pip install --no-cache-dir --require-hashes -r /tmp/requirements.txt

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/postroom postroom
COPY --from=build /opt/postroom /opt/postroom
COPY --chown=root:root . /srv/postroom
WORKDIR /srv/postroom
ENV PATH=/opt/postroom/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DATA_DIR=/var/lib/postroom/data \
    STATIC_ROOT=/var/lib/postroom/static
USER postroom
# Hashed and compressed at build time: the web serves files and makes none.
RUN mkdir -p /var/lib/postroom/data && python manage.py collectstatic --noinput --verbosity 0
EXPOSE 8000
CMD ["gunicorn", "crm.wsgi", "--bind=0.0.0.0:8000", "--workers=4", "--threads=4", "--max-requests=20000", "--max-requests-jitter=2000", "--no-control-socket"]
