# In place of the image that infra/compose.yaml names, which is large and needs a model: the same programs at the same places,
# the same addresses, and the same text for every recording.
ARG DEBIAN_IMAGE=debian:bookworm-slim
FROM ${DEBIAN_IMAGE}
RUN apt-get update -q && apt-get install -y -q --no-install-recommends python3 && rm -rf /var/lib/apt/lists/*
WORKDIR /root/faster-whisper-server
RUN mkdir -p .venv/bin && ln -s /usr/bin/python3 .venv/bin/python
COPY whisper.py .venv/bin/uvicorn
RUN chmod +x .venv/bin/uvicorn
CMD [".venv/bin/uvicorn"]
