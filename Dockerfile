# Puente as an image. Build it in the project's folder:
#   docker build --build-arg VERSION=$(git describe --tags --always) -t puente .

FROM golang:1.26-bookworm AS build
WORKDIR /src
# The modules by themselves first: they change less often than the code.
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=unknown
# cgo is for SQLite; goolm does end-to-end encryption without libolm.
RUN CGO_ENABLED=1 go build -tags goolm -trimpath -buildvcs=false \
    -ldflags "-s -w -X main.version=${VERSION}" -o /out/puente ./cmd/puente

FROM debian:bookworm-slim
LABEL org.opencontainers.image.title="Puente" \
      org.opencontainers.image.description="Matrix as the hub through which a business talks to its customers" \
      org.opencontainers.image.licenses="AGPL-3.0-or-later"
# ffmpeg converts voice messages and videos into what the networks take; --build-arg FFMPEG= leaves it out.
ARG FFMPEG=ffmpeg
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates tzdata ${FFMPEG} \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin puente \
    && install -d -o puente -g puente -m 0750 /data
COPY --from=build /out/puente /usr/local/bin/puente
COPY LICENSE /usr/share/doc/puente/LICENSE
USER 10001
# config.yaml, registration.yaml and, with SQLite, the database are here.
WORKDIR /data
VOLUME /data
EXPOSE 29330
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["puente", "check", "--health"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["puente"]
CMD ["run"]
