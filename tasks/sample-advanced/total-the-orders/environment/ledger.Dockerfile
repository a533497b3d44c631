FROM docker.io/library/debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates curl gcc git libc6-dev make procps python3 sqlite3 && rm -rf /var/lib/apt/lists/*
COPY ledger.py /srv/
CMD ["python3", "/srv/ledger.py"]
