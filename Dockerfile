# The image contains a static binary, no shell and no package manager, and does not run as root. For reproducible builds, set
# GO_IMAGE and BASE_IMAGE with digests (--build-arg BASE_IMAGE=gcr.io/distroless/static-debian12@sha256:...). `make image` sets
# VERSION, COMMIT and DATE.
ARG GO_IMAGE=golang:1.26
ARG BASE_IMAGE=gcr.io/distroless/static-debian12:nonroot

FROM --platform=${BUILDPLATFORM} ${GO_IMAGE} AS build
ARG TARGETOS TARGETARCH VERSION COMMIT DATE
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 GOOS=${TARGETOS} GOARCH=${TARGETARCH} go build -trimpath -buildvcs=false \
    -ldflags "-s -w -X main.version=${VERSION} -X main.commit=${COMMIT} -X main.date=${DATE}" \
    -o /ippool-webhook ./cmd/ippool-webhook

FROM ${BASE_IMAGE}
ARG VERSION COMMIT DATE
LABEL org.opencontainers.image.title=ippool-webhook \
      org.opencontainers.image.description="Validates and normalizes the IPPools of Whereabouts" \
      org.opencontainers.image.version=${VERSION} \
      org.opencontainers.image.revision=${COMMIT} \
      org.opencontainers.image.created=${DATE} \
      org.opencontainers.image.licenses=Apache-2.0
COPY --from=build /ippool-webhook /ippool-webhook
USER 65532:65532
ENTRYPOINT ["/ippool-webhook"]
CMD ["serve"]
