# One image per service: its own hashed subset of packages, then its members.
FROM python:3.11-slim-bookworm

ARG SERVICE
RUN if [ "$SERVICE" = media ]; then \
      apt-get update && apt-get install -y --no-install-recommends libegl1 libgles2 libgl1 libglib2.0-0 && rm -rf /var/lib/apt/lists/*; \
    fi \
 && useradd --system --uid 10001 --create-home vivavoce \
 && install -d -o vivavoce /var/lib/vivavoce/store

WORKDIR /app
COPY deploy/docker/${SERVICE}.lock deploy/docker/build.lock /app/
RUN pip install --no-cache-dir --require-hashes -r ${SERVICE}.lock \
 && pip install --no-cache-dir --require-hashes -r build.lock
COPY libs /app/libs
COPY services/${SERVICE} /app/services/${SERVICE}
RUN pip install --no-cache-dir --no-deps --no-build-isolation \
      ./libs/contracts ./libs/chassis ./services/${SERVICE}

USER vivavoce
ENV SERVICE=${SERVICE} PYTHONUNBUFFERED=1
EXPOSE 8000
CMD ["sh", "-c", "exec python -m vivavoce.$SERVICE"]
