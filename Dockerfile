# A node with its app, as a container: programs and page are built in one image, and run in another without the tools.
#
#   docker build -t tallystick .
#   docker run --rm -it -p 127.0.0.1:8339:8339 -v tallystick:/data tallystick
#
# It prints the link that lets a browser in. See compose.yaml for three nodes on one ledger.

ARG NODE_VERSION=20

FROM node:${NODE_VERSION}-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN node node_modules/typescript/bin/tsc -b src/cli && node scripts/build-web.mjs --check

FROM node:${NODE_VERSION}-bookworm-slim
# The system's libsecp256k1 is the fastest of the backends; without it the programs take the next one.
RUN apt-get update \
  && apt-get install -y --no-install-recommends libsecp256k1-1 \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --no-audit --no-fund && npm cache clean --force
COPY --from=build /app/dist/src ./dist/src
COPY --from=build /app/dist/web ./dist/web
RUN ln -s /app/dist/src/cli/tally.js /usr/local/bin/tally \
  && ln -s /app/dist/src/cli/tallyd.js /usr/local/bin/tallyd \
  && chmod +x dist/src/cli/tally.js dist/src/cli/tallyd.js \
  && mkdir /data \
  && chown node:node /data

# The books are in /data/.tallystick.
ENV HOME=/data NODE_ENV=production
USER node
VOLUME /data
EXPOSE 8339 28339

# A container is its own machine: browsers come through the port that docker publishes, which is what decides who can reach it.
ENTRYPOINT ["tally", "up", "-webbind=0.0.0.0", "-weballowip=0.0.0.0/0"]
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 \
  CMD ["tally", "-chain=local", "getblockcount"]
