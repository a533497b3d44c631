FROM docker.io/library/debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates curl gcc git libc6-dev make procps python3 sqlite3 && rm -rf /var/lib/apt/lists/*
WORKDIR /srv
RUN seq 1 400 | sha256sum > release.txt
CMD ["python3", "-m", "http.server", "8000"]
