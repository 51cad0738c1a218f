# mongod wants a key file that only its user may read. Secrets come as their owner outside left
# them, so it gets a copy of its own, in memory.
set -eu
umask 077
cp /run/secrets/mongodb_keyfile /tmp/keyfile
exec mongod --replSet rs0 --keyFile /tmp/keyfile --bind_ip_all --nounixsocket \
    --dbpath /data/db --wiredTigerCacheSizeGB "${MONGODB_CACHE_GB:-0.5}" --oplogSize 1024
