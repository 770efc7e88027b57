# A static binary and nothing else: no shell, no package manager, not root.
ARG GO_IMAGE=golang:1.26
ARG BASE_IMAGE=gcr.io/distroless/static-debian12:nonroot

FROM ${GO_IMAGE} AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o /ippool-webhook ./cmd/ippool-webhook

FROM ${BASE_IMAGE}
COPY --from=build /ippool-webhook /ippool-webhook
USER 65532:65532
ENTRYPOINT ["/ippool-webhook"]
CMD ["serve"]
