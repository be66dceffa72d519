#!/bin/sh
# Builds the images that the tests run, out of this machine's Debian packages and without a registry:
#   atlas-test/postgres:15, atlas-test/redis:7 and busybox:latest
# Needs postgresql-15, redis-server and busybox-static, a Docker engine at DOCKER_HOST, and root.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A root of busybox: enough for entrypoints and health checks.
begin() {
  root=$work/$1
  mkdir -p "$root/bin" "$root/tmp" "$root/etc" "$root/run" "$root/root" "$root/usr/bin" "$root/usr/local/bin" "$root/var"
  chmod 1777 "$root/tmp"
  cp /bin/busybox "$root/bin/busybox"
  for applet in $(/bin/busybox --list); do
    [ "$applet" = busybox ] || ln -s busybox "$root/bin/$applet"
  done
  ln -s /bin/env "$root/usr/bin/env"
  printf 'hosts: files dns\npasswd: files\ngroup: files\n' > "$root/etc/nsswitch.conf"
  printf 'root:x:0:0::/root:/bin/sh\npostgres:x:70:70::/var/lib/postgresql:/bin/sh\nredis:x:999:999::/data:/bin/sh\n' > "$root/etc/passwd"
  printf 'root:x:0:\npostgres:x:70:\nredis:x:999:\n' > "$root/etc/group"
}

# The shared libraries that programs need, with the loader and what glibc opens by itself.
libraries() {
  { ldd "$@" 2>/dev/null | grep -o '/[^ ):]*'
    ls /lib/*-linux-gnu/libnss_files.so.2 /lib/*-linux-gnu/libnss_dns.so.2 /lib64/ld-linux-x86-64.so.2 2>/dev/null
  } | sort -u | while read -r library; do
    mkdir -p "$root$(dirname "$library")"
    [ -e "$root$library" ] || cp -L "$library" "$root$library"
  done
}

finish() {
  tar -C "$root" -cf "$work/root.tar" .
  rm -rf "$root"
  { printf 'FROM scratch\nADD root.tar /\nENV PATH=/usr/local/bin:/usr/bin:/bin LANG=C.UTF-8\n'; cat; } > "$work/Dockerfile"
  DOCKER_BUILDKIT=0 docker build --quiet --tag "$1" "$work" > /dev/null
}

begin busybox
finish busybox:latest <<'END'
CMD ["sh"]
END

begin postgres
bin=/usr/lib/postgresql/15
mkdir -p "$root$bin" "$root/usr/share/postgresql" "$root/usr/lib/locale" "$root/var/lib/postgresql/data" "$root/run/postgresql"
cp -a "$bin/bin" "$root$bin/bin"
cp -a "$bin/lib" "$root$bin/lib"
rm -rf "$root$bin/lib/bitcode" "$root$bin/lib/pgxs" "$root$bin"/lib/llvmjit*
cp -a /usr/share/postgresql/15 "$root/usr/share/postgresql/15"
rm -rf "$root/usr/share/postgresql/15/man"
cp -a /usr/lib/locale/C.utf8 "$root/usr/lib/locale/" 2>/dev/null || true
mkdir -p "$root/usr/share/zoneinfo" && cp -rL /usr/share/zoneinfo/UTC /usr/share/zoneinfo/Etc "$root/usr/share/zoneinfo/"
cp /usr/sbin/chroot "$root/usr/bin/as-user"
ln -s /run "$root/var/run"
for program in "$root$bin"/bin/*; do ln -s "$bin/bin/$(basename "$program")" "$root/usr/local/bin/"; done
libraries /usr/sbin/chroot $(find "$root$bin" -type f \( -perm -u+x -o -name '*.so' \))
chown -R 70:70 "$root/var/lib/postgresql" "$root/run/postgresql"
cat > "$root/usr/local/bin/docker-entrypoint.sh" <<'END'
#!/bin/sh
set -e
case "$1" in -*) set -- postgres "$@" ;; esac
[ "$1" = postgres ] || exec "$@"
: "${PGDATA:=/var/lib/postgresql/data}"
export PGDATA
if [ "$(id -u)" = 0 ]; then
  mkdir -p "$PGDATA" /run/postgresql
  chmod 700 "$PGDATA"
  chown -R postgres:postgres "$PGDATA" /run/postgresql
  exec as-user --userspec=postgres / "$0" "$@"
fi
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  if [ -z "$POSTGRES_PASSWORD" ]; then
    echo 'Error: Database is uninitialized and superuser password is not specified.' >&2
    exit 1
  fi
  : "${POSTGRES_USER:=postgres}" "${POSTGRES_DB:=$POSTGRES_USER}"
  printf '%s\n' "$POSTGRES_PASSWORD" > /tmp/password
  eval "initdb --username=\"\$POSTGRES_USER\" --pwfile=/tmp/password --locale=C.UTF-8 --encoding=UTF8 --auth-host=scram-sha-256 --auth-local=trust --no-sync $POSTGRES_INITDB_ARGS"
  rm /tmp/password
  echo 'host all all all scram-sha-256' >> "$PGDATA/pg_hba.conf"
  printf "listen_addresses = '*'\nunix_socket_directories = '/run/postgresql'\n" >> "$PGDATA/postgresql.conf"
  if [ "$POSTGRES_DB" != postgres ]; then
    pg_ctl -D "$PGDATA" -o "-c listen_addresses=''" -w start
    createdb -h /run/postgresql -U "$POSTGRES_USER" "$POSTGRES_DB"
    pg_ctl -D "$PGDATA" -m fast -w stop
  fi
fi
exec "$@"
END
chmod 755 "$root/usr/local/bin/docker-entrypoint.sh"
finish atlas-test/postgres:15 <<'END'
ENV PGDATA=/var/lib/postgresql/data PGHOST=/run/postgresql
VOLUME /var/lib/postgresql/data
EXPOSE 5432
STOPSIGNAL SIGINT
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["postgres"]
END

begin redis
cp -L /usr/bin/redis-server /usr/bin/redis-cli "$root/usr/local/bin/"
mkdir -p "$root/data"
libraries /usr/bin/redis-server /usr/bin/redis-cli
finish atlas-test/redis:7 <<'END'
VOLUME /data
WORKDIR /data
EXPOSE 6379
CMD ["redis-server", "--protected-mode", "no"]
END
