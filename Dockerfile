# One meeting per container. Run it with room in /dev/shm, where the browser keeps its frames:
#   docker run --rm --shm-size 1g -v "$PWD/recordings:/home/meetbot/recordings" meetbot demo

FROM docker.io/library/debian:bookworm-slim AS builder
ENV DEBIAN_FRONTEND=noninteractive PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN apt-get update -q \
    && apt-get install -qy --no-install-recommends python3-venv \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
# Only a builder behind a TLS proxy sets this: the path of the mounted secret `pip_cert`.
ARG PIP_CERT
COPY requirements.lock ./
RUN --mount=type=secret,id=pip_cert \
    python3 -m venv /opt/meetbot \
    && /opt/meetbot/bin/pip install -q --only-binary :all: --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY bot bot
COPY media media
COPY platforms platforms
RUN /opt/meetbot/bin/pip install -q --no-build-isolation --no-deps --no-index . \
    # what only installs or builds has no place in the image
    && /opt/meetbot/bin/pip uninstall -qy hatchling trove-classifiers pathspec pluggy setuptools pip

FROM docker.io/library/debian:bookworm-slim
LABEL org.opencontainers.image.title="meetbot" \
      org.opencontainers.image.description="Joins a Google Meet meeting in a real browser, records it, and loses nothing." \
      org.opencontainers.image.licenses="Apache-2.0"
# libatomic1: Playwright's Node; fonts-noto-color-emoji: reactions and names would be boxes.
# The browser is started in English (platforms.browser), so its other languages stay out.
RUN printf 'path-exclude %s\n' '/usr/lib/chromium/locales/*' '/usr/share/locale/*' \
        '/usr/share/icons/Adwaita/*/*' '/usr/share/doc/*' \
        '/usr/lib/chromium/libVkLayer*' >/etc/dpkg/dpkg.cfg.d/small \
    && printf 'path-include %s\n' '/usr/lib/chromium/locales/en-US*' '/usr/share/doc/*/copyright' \
        >>/etc/dpkg/dpkg.cfg.d/small \
    && DEBIAN_FRONTEND=noninteractive apt-get update -q \
    && DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends \
        ca-certificates chromium fonts-noto-color-emoji libatomic1 python3 tini \
    && rm -rf /var/lib/apt/lists/* /var/log/apt /var/log/dpkg.log
RUN useradd --create-home --uid 10001 meetbot \
    && install -d -o meetbot -g meetbot /home/meetbot/recordings
COPY --from=builder /opt/meetbot /opt/meetbot
ENV PATH=/opt/meetbot/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONUNBUFFERED=1 \
    LANG=C.UTF-8
USER meetbot
WORKDIR /home/meetbot
# tini reaps what a dying browser leaves behind and hands SIGTERM to meetbot alone.
ENTRYPOINT ["tini", "--", "meetbot"]
CMD ["--help"]
