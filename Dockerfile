# One image for every component: docker run IMAGE run experience-api

FROM golang:1.26.8-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod \
    go mod download
COPY . .
RUN --mount=type=cache,target=/go/pkg/mod \
    --mount=type=cache,target=/go/build \
    CGO_ENABLED=0 GOCACHE=/go/build go build -trimpath -tags=nomsgpack,grpcnotrace -ldflags='-s -w' -o /out/deals ./cmd/deals

# No shell and no package manager, but root certificates, time zones and an unprivileged user.
FROM gcr.io/distroless/static-debian13:nonroot
COPY --from=build /out/deals /deals
ENTRYPOINT ["/deals"]
