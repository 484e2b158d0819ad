# One meeting per container. Its writable places: /var/lib/meetbot (a volume: what is not yet
# uploaded or acknowledged), /tmp and /dev/shm (memory). README, "In a container", has the command.

# A registry's digest pins it: --build-arg BASE=docker.io/library/debian@sha256:...
ARG BASE=docker.io/library/debian:bookworm-slim

FROM $BASE AS builder
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

FROM $BASE
# libatomic1: Playwright's Node; fonts-noto-color-emoji: reactions and names would be boxes;
# pulseaudio, xvfb: MEETBOT_CAPTURE=display, which costs less than the tab.
# The browser is started in English (platforms.browser), so its other languages stay out.
# No versions: Debian takes a replaced browser out of its archive the same day, so a pin would only
# break the build. What came in is listed in /usr/share/meetbot/debian-packages.
RUN printf 'path-exclude %s\n' '/usr/lib/chromium/locales/*' '/usr/share/locale/*' \
        '/usr/share/icons/Adwaita/*/*' '/usr/share/doc/*' \
        '/usr/lib/chromium/libVkLayer*' >/etc/dpkg/dpkg.cfg.d/small \
    && printf 'path-include %s\n' '/usr/lib/chromium/locales/en-US*' '/usr/share/doc/*/copyright' \
        >>/etc/dpkg/dpkg.cfg.d/small \
    && DEBIAN_FRONTEND=noninteractive apt-get update -q \
    && DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends \
        ca-certificates chromium fonts-noto-color-emoji libatomic1 pulseaudio python3 xvfb \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/apt /var/log/dpkg.log
# Nobody inside becomes somebody else: no program keeps its setuid bit.
RUN useradd --create-home --uid 10001 meetbot \
    && install -d -o meetbot -g meetbot /home/meetbot/recordings /var/lib/meetbot \
    && install -d /usr/share/meetbot \
    && dpkg-query --show >/usr/share/meetbot/debian-packages \
    && find / -xdev -type f -perm /6000 -exec chmod a-s {} +
COPY --from=builder /opt/meetbot /opt/meetbot
COPY bot/seccomp/chromium.json /usr/share/meetbot/seccomp.json
ENV PATH=/opt/meetbot/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONUNBUFFERED=1 \
    LANG=C.UTF-8 \
    MEETBOT_CAPTURE=display \
    MEETBOT_SPOOL_DIR=/var/lib/meetbot/spool \
    MEETBOT_HEALTH_FILE=/tmp/meetbot-health
USER meetbot
WORKDIR /home/meetbot
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 \
    CMD ["python", "-m", "bot.health", "/tmp/meetbot-health"]
# PID 1 outlives the bot: it hands signals on, reaps what a dying browser leaves behind, and has the
# recording of a killed one finished. -P: what lies in the working folder is no part of it.
ENTRYPOINT ["python", "-P", "-m", "bot.supervisor"]
CMD ["--help"]

ARG VERSION=unknown
ARG REVISION=unknown
ARG SOURCE=unknown
LABEL org.opencontainers.image.title="meetbot" \
      org.opencontainers.image.description="Joins a Google Meet meeting in a real browser, records it, and loses nothing." \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version=$VERSION \
      org.opencontainers.image.revision=$REVISION \
      org.opencontainers.image.source=$SOURCE
