#!/bin/bash
# build.sh SOURCES CORE OUTPUT: builds the dynamic module against the distribution's nginx
#
# nginx wants modules built by its own configure, with the flags of the binary that will load them.
# Debian's nginx-dev ships the source tree and these flags.
set -euo pipefail
sources=$(realpath "$1") core=$(realpath "$2") output=$(realpath -m "$3")
nginx=/usr/share/nginx/src
folder=$output.build
# With LATCHKEY_SANITIZE=address,undefined (and a core built likewise) for tests/streams.mjs.
sanitize=${LATCHKEY_SANITIZE:+-fsanitize=$LATCHKEY_SANITIZE -U_FORTIFY_SOURCE}

[ -f "$nginx/conf_flags" ] || { echo "nginx-dev is missing: apt-get install nginx-dev" >&2; exit 1; }
mkdir -p "$folder"
# What was configured: distribution's flags, list of sources.  Anything else is make's business.
stamp=$(sha256sum "$nginx/conf_flags" "$sources/config" "$nginx/src/core/nginx.h")
if [ "$(cat "$folder/stamp" 2>/dev/null)" != "$stamp" ]; then
    rm -rf "$folder/nginx"
    cp -rL "$nginx" "$folder/nginx"
    # shellcheck disable=SC1091
    . "$nginx/conf_flags"
    (cd "$folder/nginx" && LATCHKEY_CORE=$core ./configure "${NGX_CONF_FLAGS[@]}" \
        --with-cc-opt="-g -O2 -fstack-protector-strong -D_FORTIFY_SOURCE=2 -std=gnu17 -Wno-error=deprecated-declarations $sanitize" \
        --with-ld-opt="-Wl,-z,relro -Wl,-z,now -fPIC $sanitize" \
        --add-dynamic-module="$sources") >"$folder/configure.log" 2>&1 || {
        tail -30 "$folder/configure.log" >&2
        exit 1
    }
    echo "$stamp" >"$folder/stamp"
fi
make -s -C "$folder/nginx" -f objs/Makefile modules >"$folder/make.log" 2>&1 || {
    cat "$folder/make.log" >&2
    exit 1
}
cp "$folder/nginx/objs/ngx_http_latchkey_module.so" "$output"
