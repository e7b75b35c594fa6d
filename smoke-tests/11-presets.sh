#!/usr/bin/env bash
# Presets: each daemon lives through a whole life with what its preset says, and nothing else.
# openclaw, the real one, has its own in 21-openclaw.sh.
#   DAEMONS="squid etcd" smoke-tests/11-presets.sh     only these
#   RUNTIME=soleinit/runtime ...                       is the image that the folder is copied from
HERE=$(dirname "${BASH_SOURCE[0]}")
. "$HERE/../docker/engine.sh"
. "$HERE/lib.sh"
. "$HERE/images.sh"
phase "presets"

# so many lives at a time
AT_ONCE=${AT_ONCE:-4}
# rabbitmq takes half a minute on a machine with other work, Spring Boot a minute on one that others share
READY_SECONDS=150
# more than any of them needs, and less than the 8 s after which a daemon is killed
MAX_STOP_MS=7000

if ! IMAGE=$(make_daemons_image); then not_ok "the image with the daemons can be made"; exit 1; fi

# ---- what is promised of each

# start NAME ...: as start_node, but sets ID; if that fails, it is a failed check
start() {
    local name=$1
    shift
    ID=$(start_node "$@" 2>"$SCRATCH/$name.reason") && return
    not_ok "$name: it gets ready" "$(tail -n 20 "$SCRATCH/$name.reason")"
    return 1
}

# reloads ID: the reload command or signal has an end that is good, in the same process
reloads() {
    local pid code=0 text
    pid=$(status "$1" .pid)
    text=$(docker exec "$1" daemon reload 2>&1) || code=$?
    case $code in
        # 5: sent, but nothing shows that the daemon has reloaded; what follows does
        0|5) same "pid after $text" "$pid" "$(status "$1" .pid)" ;;
        *) echo "daemon reload: $text"; return 1 ;;
    esac
}
confirms() { has "answer" "reloaded: generation 2 is ready" "$(docker exec "$1" daemon reload 2>&1)"; }
# refuses ID [WORDS]: says that there is no reload, and nothing has happened to the daemon
refuses() {
    local pid code=0 text
    pid=$(status "$1" .pid)
    text=$(docker exec "$1" daemon reload 2>&1) || code=$?
    same "exit code" 1 "$code" && has "answer" "${2-only at its start}" "$text" &&
        same "pid" "$pid" "$(status "$1" .pid)" && state_is "$1" ready
}
# answers ID TEXT URL
answers() { has "answer" "$2" "$(docker exec "$1" curl -s -m 2 "$3")"; }
edit() { docker exec "$1" sed -i "$2" "$3"; }
restarts() {
    local pid
    pid=$(status "$1" .pid)
    docker exec "$1" daemon restart >/dev/null || return
    [ "$(status "$1" .pid)" != "$pid" ] || { echo "still pid $pid"; return 1; }
}
# stops ID: with 0, in time, and not killed
stops() {
    local begin took
    begin=$(millis)
    docker stop -t 10 "$1" >/dev/null
    took=$(($(millis) - begin))
    if ! same "exit code" 0 "$(exit_code "$1")"; then
        docker logs "$1" 2>&1 | tail -n 8
        return 1
    fi
    [ "$took" -lt $MAX_STOP_MS ] || { echo "docker stop took $took ms"; return 1; }
    lacks "log" SIGKILL "$(docker logs "$1" 2>&1)"
}
ends() {
    holds "$1: it restarts when asked" restarts "$2"
    holds "$1: it stops with 0, in time, and is not killed" stops "$2"
}
# answers_at_stop ID: a request that takes two seconds is not cut by a stop
answers_at_stop() {
    local slow
    curl -s -m 9 "http://$(address "$1")/slow" >"$SCRATCH/$1.slow" &
    slow=$!
    sleep 0.7
    stops "$1" || return
    wait $slow
    same "answer" "late" "$(cat "$SCRATCH/$1.slow")"
}
no_warning() { lacks "log" "--preset" "$(docker logs "$1" 2>&1)"; }

# ---- a life each

APP=$(cd "$HERE/.." && pwd -P)/examples/spring/target/app.jar
# as Debian's unit says it
TOMCAT=(-e CATALINA_BASE=/var/lib/tomcat11 -e CATALINA_TMPDIR=/tmp)
CATALINA=(/usr/share/tomcat11/bin/catalina.sh run)

# live NAME [DOCKER_OPTION...] -- --preset NAME -- COMMAND...: gets ready, and sets ID
live() {
    local name=$1
    shift
    start "$name" "$@" || return
    holds "$name: it gets ready with its preset, which nothing is to be added to" no_warning "$ID"
}

apache2() {
    live apache2 -- --preset apache2 -- apache2 -DFOREGROUND || return
    docker exec "$ID" sh -c 'echo "Redirect 410 /gone" >/etc/apache2/conf-enabled/gone.conf'
    holds "apache2: a reload goes on in the same process" reloads "$ID"
    holds "apache2: and applies the configuration" within 5 answers "$ID" "410 Gone" 127.0.0.1/gone
    docker exec "$ID" sh -c 'echo "Redirec 410 /gone" >/etc/apache2/conf-enabled/gone.conf'
    breaks "apache2: a configuration that it would not take is refused" "the check failed" reloads "$ID"
    docker exec "$ID" rm /etc/apache2/conf-enabled/gone.conf
    ends apache2 "$ID"
}
caddy() {
    live caddy -- --preset caddy -- caddy run --config /etc/caddy/Caddyfile || return
    edit "$ID" s/one/two/ /etc/caddy/Caddyfile
    holds "caddy: a reload is confirmed" confirms "$ID"
    holds "caddy: and applies the configuration" answers "$ID" two 127.0.0.1
    ends caddy "$ID"
}
etcd() {
    live etcd -- --preset etcd -- etcd --data-dir /var/lib/etcd || return
    holds "etcd: a reload is refused, and does not end it" refuses "$ID"
    ends etcd "$ID"
}
gunicorn() {
    live gunicorn -- --preset gunicorn --chdir /srv -- gunicorn -b 127.0.0.1:80 app || return
    edit "$ID" s/one/two/ /srv/app.py
    holds "gunicorn: a reload goes on in the same process" reloads "$ID"
    holds "gunicorn: and applies the new code" within 5 answers "$ID" two 127.0.0.1
    ends gunicorn "$ID"
}
haproxy() {
    live haproxy -- --preset haproxy -- haproxy -Ws -f /etc/haproxy/haproxy.cfg || return
    edit "$ID" 's/string one/string two/' /etc/haproxy/haproxy.cfg
    holds "haproxy: a reload is confirmed" confirms "$ID"
    holds "haproxy: and applies the configuration" within 3 answers "$ID" two 127.0.0.1
    edit "$ID" s/mode/moode/ /etc/haproxy/haproxy.cfg
    breaks "haproxy: a configuration that it would not take is refused" "the check failed" reloads "$ID"
    edit "$ID" s/moode/mode/ /etc/haproxy/haproxy.cfg
    holds "haproxy: it restarts when asked" restarts "$ID"
    holds "haproxy: it stops with 0, in time, and a request gets its answer before" answers_at_stop "$ID"
}
mariadb() {
    live mariadb -- --preset mariadb -- mariadbd || return
    holds "mariadb: it answers on its socket" docker exec "$ID" mariadb-admin ping
    holds "mariadb: a reload is refused" refuses "$ID"
    ends mariadb "$ID"
}
# which has no handler of TERM, as most have none
node() {
    live node -- --preset node --ready 'tcp 127.0.0.1:8080' -- node /srv/server.js || return
    holds "node: it answers" answers "$ID" one 127.0.0.1:8080
    holds "node: a reload is refused, and does not end it" refuses "$ID" "has no reload"
    ends node "$ID"
}
nginx() {
    live nginx -- --preset nginx -- nginx -g 'daemon off;' || return
    docker exec "$ID" sh -c 'echo "events {} http { server { listen 80; return 200 two; } }" >/etc/nginx/nginx.conf'
    holds "nginx: a reload goes on in the same process" reloads "$ID"
    holds "nginx: and applies the configuration" within 5 answers "$ID" two 127.0.0.1
    ends nginx "$ID"
}
# without the variable that the preset adds it would find the port taken
nginx_listening() {
    live "nginx with a kept socket" -- --preset nginx --listen tcp:0.0.0.0:80 --ready 'http http://127.0.0.1/' \
        -- nginx -g 'daemon off;' || return
    holds "nginx: it takes a kept socket" answers "$ID" "</html>" 127.0.0.1
    ends "nginx with a kept socket" "$ID"
}
# with a client that stays connected
postgres() {
    live postgres -- --preset postgres -- postgres -D /var/lib/postgresql/data || return
    docker exec "$ID" sh -c 'echo "work_mem = 5432kB" >>/var/lib/postgresql/data/postgresql.conf'
    holds "postgres: a reload goes on in the same process" reloads "$ID"
    holds "postgres: and applies the configuration" within 5 shows "$ID" 5432kB 'show work_mem'
    holds "postgres: it restarts when asked" restarts "$ID"
    hold_session "$ID"
    holds "postgres: it stops with 0, in time, and is not killed, with a client connected" stops "$ID"
}
hold_session() {
    docker exec -d "$1" psql -U postgres -c 'select pg_sleep(100)'
    within 5 shows "$1" 1 "select count(*) from pg_stat_activity where query like '%pg_sleep(100)'
        and pid <> pg_backend_pid()" >/dev/null
}
# shows ID ANSWER QUERY
shows() { same "$3" "$2" "$(docker exec "$1" psql -U postgres -tAc "$3" 2>&1)"; }
prometheus() {
    live prometheus -- --preset prometheus -- \
        prometheus --config.file=/etc/prometheus/prometheus.yml --storage.tsdb.path=/var/lib/prometheus || return
    edit "$ID" s/11s/13s/ /etc/prometheus/prometheus.yml
    holds "prometheus: a reload goes on in the same process" reloads "$ID"
    holds "prometheus: and applies the configuration" within 5 answers "$ID" "scrape_interval: 13s" \
        127.0.0.1:9090/api/v1/status/config
    edit "$ID" s/13s/never/ /etc/prometheus/prometheus.yml
    breaks "prometheus: a configuration that it would not take is refused" "the check failed" reloads "$ID"
    edit "$ID" s/never/13s/ /etc/prometheus/prometheus.yml
    ends prometheus "$ID"
}
rabbitmq() {
    live rabbitmq -- --preset rabbitmq -- /usr/lib/rabbitmq/bin/rabbitmq-server || return
    holds "rabbitmq: a reload is refused" refuses "$ID"
    ends rabbitmq "$ID"
}
redis() {
    live redis -- --preset redis -- redis-server --daemonize no --supervised systemd --dir /var/lib/redis || return
    holds "redis: a reload is refused" refuses "$ID"
    docker exec "$ID" redis-cli set key kept >/dev/null
    holds "redis: it restarts when asked" restarts "$ID"
    holds "redis: and has saved its data" same "key" kept "$(docker exec "$ID" redis-cli get key)"
    holds "redis: it stops with 0, in time, and is not killed" stops "$ID"
}
squid() {
    live squid -- --preset squid -- squid --foreground -YC || return
    docker exec "$ID" sh -c 'echo "http_port 3129" >>/etc/squid/conf.d/test.conf'
    holds "squid: a reload goes on in the same process" reloads "$ID"
    holds "squid: and applies the configuration" within 5 answers "$ID" squid.test 127.0.0.1:3129
    ends squid "$ID"
}
# the application of examples/spring, which Maven has built; 20-spring.sh has it with kept sockets and attached
spring() {
    live "Spring Boot" -v "$APP:/srv/app.jar:ro" -- --preset spring -- java -jar /srv/app.jar || return
    # its port is open a moment before it answers
    holds "Spring Boot: it answers" within 10 answers "$ID" UP 127.0.0.1:8080/actuator/health
    holds "Spring Boot: a reload is refused, and does not end it" refuses "$ID"
    ends "Spring Boot" "$ID"
}
sshd() {
    live sshd -- --preset sshd -- /usr/sbin/sshd -D -e || return
    docker exec "$ID" sh -c 'echo "Port 2222" >/etc/ssh/sshd_config.d/port.conf'
    holds "sshd: a reload is confirmed" confirms "$ID"
    holds "sshd: and applies the configuration" within 5 docker exec "$ID" ssh-keyscan -p 2222 127.0.0.1
    ends sshd "$ID"
}
# with an application that takes four seconds to deploy
tomcat() {
    live tomcat "${TOMCAT[@]}" -- --preset tomcat -- "${CATALINA[@]}" || return
    holds "tomcat: it is ready once its applications are deployed" answers "$ID" deployed 127.0.0.1:8080/slow/deployed
    holds "tomcat: a reload is refused, and does not end it" refuses "$ID"
    ends tomcat "$ID"
}
unbound() {
    live unbound -- --preset unbound -- unbound -d -p || return
    edit "$ID" 's/127.0.0.1$/127.0.0.1@5353/' /etc/unbound/unbound.conf
    holds "unbound: a reload is confirmed" confirms "$ID"
    ends unbound "$ID"
}
uwsgi() {
    live uwsgi -- --preset uwsgi -- uwsgi --master --ini /etc/uwsgi/app.ini || return
    edit "$ID" s/one/two/ /srv/app.py
    holds "uwsgi: a reload goes on in the same process" reloads "$ID"
    holds "uwsgi: and applies the new code" within 5 answers "$ID" two 127.0.0.1
    ends uwsgi "$ID"
}
varnish() {
    live varnish -- --preset varnish -- varnishd -F -a :6081 -f /etc/varnish/default.vcl || return
    edit "$ID" 's/"one"/"two"/' /etc/varnish/default.vcl
    holds "varnish: a reload command is run in the same process" reloads "$ID"
    holds "varnish: and applies the configuration" within 3 answers "$ID" two 127.0.0.1:6081
    ends varnish "$ID"
}

# ---- without a preset

# hard NAME ID: it is warned about, and is killed
hard() {
    holds "$1: without its preset the log says at boot which it needs" has "log" "give --preset $1," \
        "$(docker logs "$2" 2>&1)"
    breaks "$1: and it is stopped hard" "exit code: expected '0', got '137'" stops "$2"
}
# what ends by the signal that it was stopped with has failed
ends_with_143() { breaks "$1: without its preset a stop is a failure" "exit code: expected '0', got '143'" stops "$2"; }
tomcat_without() {
    start "tomcat without its preset" "${TOMCAT[@]}" -- --ready 'tcp 127.0.0.1:8080' \
        --ready-timeout "${READY_SECONDS}s" -- "${CATALINA[@]}" || return
    breaks "tomcat: once its port is open its applications are not deployed" "answer: expected 'deployed'" \
        answers "$ID" deployed 127.0.0.1:8080/slow/deployed
    ends_with_143 tomcat "$ID"
}
spring_without() {
    start "Spring Boot without its preset" -v "$APP:/srv/app.jar:ro" -- --ready 'tcp 127.0.0.1:8080' \
        --ready-timeout "${READY_SECONDS}s" -- java -jar /srv/app.jar || return
    ends_with_143 "Spring Boot" "$ID"
}
node_without() {
    start "node without its preset" -- --ready 'tcp 127.0.0.1:8080' -- node /srv/server.js || return
    ends_with_143 node "$ID"
}
postgres_without() {
    start "postgres without its preset" -- --user postgres --mkdir /run/postgresql:postgres --ready notify \
        --stop-timeout 2s -- postgres -D /var/lib/postgresql/data || return
    hold_session "$ID"
    hard postgres "$ID"
}
uwsgi_without() {
    start "uwsgi without its preset" -- --ready notify --stop-timeout 2s -- \
        uwsgi --master --ini /etc/uwsgi/app.ini || return
    hard uwsgi "$ID"
}
haproxy_without() {
    start "haproxy without its preset" -- --ready notify --mkdir /run/haproxy -- \
        haproxy -Ws -f /etc/haproxy/haproxy.cfg || return
    holds "haproxy: without its preset the log says at boot which it needs" has "log" "give --preset haproxy," \
        "$(docker logs "$ID" 2>&1)"
    breaks "haproxy: and a stop cuts a request" "answer: expected 'late', got ''" answers_at_stop "$ID"
}
squid_without() {
    start "squid without its preset" -- --ready notify --stop-timeout 2s -- squid --foreground -YC || return
    hard squid "$ID"
}
# what is not there yet, Debian's variables and directories among it
apache2_without() {
    local id
    id=$(run_node -- --give-up-after 1 -- apache2 -DFOREGROUND) || return
    docker wait "$id" >/dev/null
    breaks "apache2: without its preset it does not start" "APACHE_RUN_DIR" lacks "log" APACHE_RUN_DIR \
        "$(docker logs "$id" 2>&1)"
}

# ---- the command

lists_all() {
    local names
    names=$(docker run --rm --entrypoint daemon "$IMAGE" presets | awk '{ print $1 }' | xargs)
    same "presets" "nginx apache2 haproxy postgres mariadb redis rabbitmq squid unbound uwsgi gunicorn varnish \
caddy etcd sshd prometheus tomcat spring openclaw node" "$names"
}
shows_origin() {
    has "settings" "preset nginx" "$(docker run --rm --entrypoint daemon "$IMAGE" config show --preset nginx)"
}
names_nearest() {
    local text code=0
    text=$(docker run --rm "$IMAGE" --preset ngnix -- nginx 2>&1) || code=$?
    same "exit code" 2 "$code" && has "line" "did you mean 'nginx'?" "$text"
}
holds "daemon presets lists them" lists_all
holds "daemon config show says what comes from a preset" shows_origin
holds "an unknown preset is an error that names the nearest" names_nearest

ALL="tomcat tomcat_without spring rabbitmq spring_without prometheus postgres mariadb squid squid_without
    postgres_without uwsgi_without haproxy_without apache2 apache2_without caddy etcd gunicorn haproxy nginx
    nginx_listening node node_without redis sshd unbound uwsgi varnish"
for life in ${DAEMONS:-$ALL}; do
    while [ "$(jobs -rp | wc -l)" -ge "$AT_ONCE" ]; do sleep 0.1; done
    "$life" >"$SCRATCH/$life.out" 2>&1 &
done
wait
for life in ${DAEMONS:-$ALL}; do cat "$SCRATCH/$life.out"; done
