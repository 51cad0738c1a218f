# One image for every process; compose says which one a container runs.
ARG PYTHON_IMAGE=python:3.13-slim
ARG NODE_IMAGE=node:22-slim

FROM ${NODE_IMAGE} AS pages
WORKDIR /pages
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --omit=dev --no-audit --no-fund

FROM ${PYTHON_IMAGE} AS libraries
RUN python3 -m venv /venv
COPY requirements.lock ./
RUN /venv/bin/pip install --no-cache-dir --require-hashes --no-deps --requirement requirements.lock

FROM ${PYTHON_IMAGE}
RUN useradd --system --uid 10001 --user-group --no-create-home --home-dir /nonexistent county \
    && install --directory --owner county --group county --mode 0700 /demo /keys
ENV PATH=/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    LANG=C.UTF-8
WORKDIR /app
COPY --from=libraries /venv /venv
COPY --from=pages /pages/node_modules ./node_modules
COPY shared ./shared
COPY services ./services
COPY deploy ./deploy
# compiled here, because at run time the file system is read-only; never checked against times
RUN python -m compileall -q -j 0 --invalidation-mode unchecked-hash shared services deploy
USER county
HEALTHCHECK --interval=10s --timeout=10s --start-period=120s --retries=5 \
    CMD ["python", "-I", "-S", "deploy/docker/healthcheck.py"]
CMD ["gunicorn", "--config", "deploy/gunicorn.conf.py", "services.gateway.app:app"]
