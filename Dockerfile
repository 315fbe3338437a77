# The service on Node: docs/node.md says how to run it.

FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY tools/node tools/node
COPY tools/on-demand tools/on-demand
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY data data
COPY migrations migrations
COPY src src
RUN npm run build

FROM node:24-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY tools/node tools/node
COPY tools/on-demand tools/on-demand
RUN npm ci --omit=dev

FROM node:24-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8787 MALLOC_ARENA_MAX=1
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json LICENSE ./
COPY migrations migrations
# The database, the key of its hashes and uploaded lists: all that must outlive the container.
RUN mkdir var && chown node:node var
VOLUME ["/app/var"]
USER node
EXPOSE 8787
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/healthz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# What the flag is for stands in docs/node.md, under Memory.
CMD ["node", "--max-semi-space-size=4", "dist/src/cli/cli.js", "serve"]
