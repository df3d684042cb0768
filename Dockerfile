# One image for every component: docker run IMAGE run experience-api
# docker compose build experience-api makes it, with Prometheus's version.
ARG PROMETHEUS_VERSION

FROM node:22.21.1-bookworm-slim AS page
WORKDIR /web
COPY services/slodashboard/web/package.json services/slodashboard/web/package-lock.json ./
RUN --mount=type=cache,target=/npm \
    npm ci --cache /npm --no-audit --no-fund
COPY services/slodashboard/web ./
RUN npm run build

FROM golang:1.26.8-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
COPY k6/xk6-deals/go.mod k6/xk6-deals/go.sum k6/xk6-deals/
RUN --mount=type=cache,target=/go/pkg/mod \
    go mod download && go -C k6/xk6-deals mod download
COPY . .
COPY --from=page /web/dist services/slodashboard/web/dist
RUN --mount=type=cache,target=/go/pkg/mod \
    --mount=type=cache,target=/go/build \
    export CGO_ENABLED=0 GOCACHE=/go/build && \
    go build -trimpath -tags=nomsgpack,grpcnotrace -ldflags='-s -w' -o /out/deals ./cmd/deals && \
    go -C k6/xk6-deals build -trimpath -ldflags='-s -w' -o /out/k6 ./cmd/k6

# promtool tries alerts on recorded samples.
FROM prom/prometheus:v${PROMETHEUS_VERSION} AS prometheus

# No shell and no package manager, but root certificates, time zones and an unprivileged user.
FROM gcr.io/distroless/static-debian13:nonroot
COPY --from=build /out/deals /out/k6 /
COPY --from=prometheus /bin/promtool /
ENTRYPOINT ["/deals"]
