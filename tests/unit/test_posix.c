/*
 * The POSIX backend over loopback: real sockets, and TLS servers (mbedTLS's in
 * a child process, and OpenSSL's) to which the whole client talks.
 *
 * Where the system cannot be made to misbehave, its calls are wrapped; by
 * default a wrapped call is the system's own.
 */
#define _DEFAULT_SOURCE /* getrandom, fork and all of POSIX */

#include "tls_peer.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <mbedtls/platform.h>

#include "segjob_posix.h"

#define ARN "arn:aws:personalize:us-east-1:123456789012:batch-segment-job/x"
#define BODY "{\"batchSegmentJobArn\":\"" ARN "\"}"
#define HEAD "HTTP/1.1 200 OK\r\nContent-Length: 87\r\n\r\n"
#define HEAD_UNTIL_CLOSE "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"
#define GENEROUS_MS 600000u /* reached only if something hangs */

/* ---------------------------------------------------------- wrapped calls */

static struct {
    int interrupted; /* so many calls fail with EINTR before one succeeds */
    size_t most;     /* bytes that a call moves at most, 0: no limit */
    int random_error;
    int clock_error;
    int name_error;
    struct addrinfo *names;
    bool has_no_memory; /* as mbedTLS sees it where it is linked statically */
} inject;

void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);
ssize_t __real_getrandom(void *bytes, size_t n, unsigned flags);
ssize_t __wrap_getrandom(void *bytes, size_t n, unsigned flags);
int __real_clock_gettime(clockid_t id, struct timespec *t);
int __wrap_clock_gettime(clockid_t id, struct timespec *t);
/* glibc's name for it where time_t is wider than long; missing elsewhere. */
__attribute__((weak)) int __real___clock_gettime64(clockid_t id,
                                                   struct timespec *t);
int __wrap___clock_gettime64(clockid_t id, struct timespec *t);
int __real_connect(int fd, const struct sockaddr *to, socklen_t len);
int __wrap_connect(int fd, const struct sockaddr *to, socklen_t len);
ssize_t __real_send(int fd, const void *bytes, size_t n, int flags);
ssize_t __wrap_send(int fd, const void *bytes, size_t n, int flags);
ssize_t __real_recv(int fd, void *room, size_t n, int flags);
ssize_t __wrap_recv(int fd, void *room, size_t n, int flags);
int __real_getaddrinfo(const char *node, const char *service,
                       const struct addrinfo *hints, struct addrinfo **list);
int __wrap_getaddrinfo(const char *node, const char *service,
                       const struct addrinfo *hints, struct addrinfo **list);
void __real_freeaddrinfo(struct addrinfo *list);
void __wrap_freeaddrinfo(struct addrinfo *list);

static bool is_interrupted(void)
{
    if (inject.interrupted > 0) {
        inject.interrupted--;
        errno = EINTR;
        return true;
    }
    return false;
}

static size_t limited(size_t n)
{
    return inject.most != 0 && n > inject.most ? inject.most : n;
}

void *__wrap_calloc(size_t n, size_t size)
{
    return inject.has_no_memory ? NULL : __real_calloc(n, size);
}

ssize_t __wrap_getrandom(void *bytes, size_t n, unsigned flags)
{
    if (is_interrupted()) {
        return -1;
    }
    if (inject.random_error != 0) {
        errno = inject.random_error;
        return -1;
    }
    return __real_getrandom(bytes, limited(n), flags);
}

static bool has_no_clock(void)
{
    if (inject.clock_error == 0) {
        return false;
    }
    errno = inject.clock_error;
    return true;
}

int __wrap_clock_gettime(clockid_t id, struct timespec *t)
{
    return has_no_clock() ? -1 : __real_clock_gettime(id, t);
}

int __wrap___clock_gettime64(clockid_t id, struct timespec *t)
{
    return has_no_clock() ? -1 : __real___clock_gettime64(id, t);
}

int __wrap_connect(int fd, const struct sockaddr *to, socklen_t len)
{
    if (is_interrupted()) {
        (void)__real_connect(fd, to, len);
        errno = EINTR; /* the connection goes on (POSIX, connect) */
        return -1;
    }
    return __real_connect(fd, to, len);
}

ssize_t __wrap_send(int fd, const void *bytes, size_t n, int flags)
{
    return is_interrupted() ? -1 : __real_send(fd, bytes, limited(n), flags);
}

ssize_t __wrap_recv(int fd, void *room, size_t n, int flags)
{
    return is_interrupted() ? -1 : __real_recv(fd, room, limited(n), flags);
}

int __wrap_getaddrinfo(const char *node, const char *service,
                       const struct addrinfo *hints, struct addrinfo **list)
{
    if (inject.name_error != 0) {
        errno = ENOMEM;
        return inject.name_error;
    }
    if (inject.names != NULL) {
        *list = inject.names;
        return 0;
    }
    return __real_getaddrinfo(node, service, hints, list);
}

void __wrap_freeaddrinfo(struct addrinfo *list)
{
    if (list == inject.names) {
        inject.names = NULL; /* seen */
        return;
    }
    __real_freeaddrinfo(list);
}

/* ---------------------------------------------------------------- children */

static pid_t children[4];

/* A child, which SIGALRM ends if the test does not. */
static pid_t start_child(void)
{
    const pid_t pid = fork();
    size_t i;

    assert_true(pid >= 0);
    if (pid == 0) {
        alarm(GENEROUS_MS / 1000);
        memset(&inject, 0, sizeof(inject));
        return 0;
    }
    for (i = 0; children[i] != 0; i++) {
        assert_true(i + 1 < sizeof(children) / sizeof(children[0]));
    }
    children[i] = pid;
    return pid;
}

static void end_children(void)
{
    size_t i;

    for (i = 0; i < sizeof(children) / sizeof(children[0]); i++) {
        if (children[i] != 0) {
            (void)kill(children[i], SIGKILL);
            (void)waitpid(children[i], NULL, 0);
            children[i] = 0;
        }
    }
}

/* A socket that listens at a free port of 127.0.0.1. */
static int listen_here(uint16_t *port)
{
    struct sockaddr_in in = {.sin_family = AF_INET};
    socklen_t len = sizeof(in);
    const int fd = socket(AF_INET, SOCK_STREAM, 0);

    assert_true(fd >= 0);
    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(bind(fd, (struct sockaddr *)&in, sizeof(in)), 0);
    assert_int_equal(listen(fd, 5), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&in, &len), 0);
    *port = ntohs(in.sin_port);
    return fd;
}

/* ------------------------------------------------------------------ files */

static char folder[] = "/tmp/segjob-test-XXXXXX";
static struct peer_identity ca;
static struct peer_identity host;
static struct peer_identity for_clients;

static const char *path_of(const char *name)
{
    static char path[128];

    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    return path;
}

static void write_bytes(const char *name, const void *bytes, size_t n)
{
    FILE *file = fopen(path_of(name), "w");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, n, file), n);
    assert_int_equal(fclose(file), 0);
}

static void write_file(const char *name, const char *text)
{
    write_bytes(name, text, strlen(text));
}

static void write_key(const char *name, struct peer_identity *id)
{
    unsigned char pem[1024];

    assert_int_equal(mbedtls_pk_write_key_pem(&id->key, pem, sizeof(pem)), 0);
    write_file(name, (const char *)pem);
}

/* Run a script in the folder; `name` and `algorithm` are its $1 and $2. */
static void run_script(const char *script, const char *name,
                       const char *algorithm)
{
    char line[2048];

    (void)snprintf(line, sizeof(line),
                   "exec 2>%s/log; cd %s; set -e %s '%s'\n%s", folder, folder,
                   name, algorithm, script);
    if (system(line) != 0) {
        fail_msg("openssl fails with %s", name);
    }
}

/* OpenSSL writes a device's key: in PKCS #8, and in older formats. */
static const char make_device[] =
    "openssl genpkey -algorithm $2 -out $1.key\n"
    "openssl req -new -key $1.key -subj /CN=$1 -out $1.csr\n"
    "openssl x509 -req -in $1.csr -CA ca.pem -CAkey ca.key -CAcreateserial "
    "-days 30 -out $1.pem\n"
    "openssl x509 -in $1.pem -outform DER -out $1.der\n"
    "openssl pkey -in $1.key -outform DER -out $1-key.der\n"
    "openssl pkey -in $1.key -traditional -out $1-old.key\n"
    "grep -v -e ---- $1-old.key | openssl base64 -d -out $1-old.der\n"
    "openssl pkey -in $1.key -aes128 -passout pass:x -out $1-locked.key\n"
    "openssl pkey -in $1.key -traditional -aes128 -passout pass:x "
    "-out $1-old-locked.key\n";

static void make_devices(void)
{
    struct peer_terms terms = peer_device_terms();
    struct peer_identity id;

    write_key("ca.key", &ca);
    run_script(make_device, "ec", "EC -pkeyopt ec_paramgen_curve:P-256");
    run_script(make_device, "rsa", "RSA -pkeyopt rsa_keygen_bits:2048");
    peer_make(&id, &terms, NULL, NULL);
    write_file("self.pem", id.pem);
    write_key("self.key", &id);
    peer_free_identity(&id);
    terms.to = "20210101000000";
    peer_make(&id, &terms, &ca, PEER_CA_NAME);
    write_file("expired.pem", id.pem);
    write_key("expired.key", &id);
    peer_free_identity(&id);
}

static void empty_folder(const char *path)
{
    char name[512];
    struct dirent *entry;
    DIR *dir = opendir(path);

    if (dir == NULL) {
        return;
    }
    while ((entry = readdir(dir)) != NULL) {
        if (entry->d_name[0] != '.') {
            (void)snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
            if (unlink(name) != 0) {
                empty_folder(name);
                (void)rmdir(name);
            }
        }
    }
    (void)closedir(dir);
}

static int make_all(void **state)
{
    const struct peer_terms ca_terms = peer_ca_terms();
    struct peer_terms terms = peer_server_terms("localhost");

    (void)state;
    assert_non_null(mkdtemp(folder));
    peer_make(&ca, &ca_terms, NULL, NULL);
    peer_make(&host, &terms, &ca, PEER_CA_NAME);
    terms.is_for_clients = true;
    peer_make(&for_clients, &terms, &ca, PEER_CA_NAME);
    write_file("ca.pem", ca.pem);
    write_file("host.pem", host.pem);
    write_key("host.key", &host);
    write_file("clients.pem", for_clients.pem);
    write_key("clients.key", &for_clients);
    make_devices();
    return 0;
}

static int free_all(void **state)
{
    (void)state;
    end_children();
    peer_free_identity(&for_clients);
    peer_free_identity(&host);
    peer_free_identity(&ca);
    empty_folder(folder);
    (void)rmdir(folder);
    return 0;
}

static int before(void **state)
{
    (void)state;
    memset(&inject, 0, sizeof(inject));
    return 0;
}

static int after(void **state)
{
    (void)state;
    memset(&inject, 0, sizeof(inject));
    end_children();
    return 0;
}

static unsigned open_descriptors(void)
{
    unsigned count = 0;
    DIR *dir = opendir("/proc/self/fd");

    assert_non_null(dir);
    while (readdir(dir) != NULL) {
        count++;
    }
    (void)closedir(dir);
    return count;
}

/* ------------------------------------------------------------- TLS servers */

enum manner {
    IN_ONE_SEGMENT,    /* head and body are two records, at each request */
    UNTIL_CLOSE,       /* ended by a close_notify */
    UNTIL_BARE_CLOSE,  /* ended by TCP alone */
    SILENT,            /* no response */
    SILENT_BEFORE_TLS, /* no handshake either */
    CLOSES_AT_ONCE
};

/* What the server sends, held back until it is complete. */
static unsigned char held[1 << 16];
static size_t held_len;
static bool holds;

static int child_send(void *arg, const unsigned char *bytes, size_t n)
{
    const int *fd = arg;

    if (holds) {
        memcpy(held + held_len, bytes, n);
        held_len += n;
        return (int)n;
    }
    return (int)__real_send(*fd, bytes, n, MSG_NOSIGNAL);
}

static int child_recv(void *arg, unsigned char *room, size_t n)
{
    const int *fd = arg;

    return (int)__real_recv(*fd, room, n, 0);
}

static void child_sends(struct peer_server *s, const char *text)
{
    (void)mbedtls_ssl_write(&s->ssl, (const unsigned char *)text, strlen(text));
}

/* Read a whole request, with any content. */
static void child_reads_request(struct peer_server *s)
{
    static char got[8192];
    size_t len = 0;

    memset(got, 0, sizeof(got));
    while (strstr(got, "\r\n\r\n{") == NULL || got[len - 1] != '}') {
        const int ret = mbedtls_ssl_read(&s->ssl, (unsigned char *)got + len,
                                         sizeof(got) - 1 - len);

        if (ret <= 0) {
            _exit(1);
        }
        len += (size_t)ret;
    }
}

static void child_responds(struct peer_server *s, int *fd, enum manner manner)
{
    if (manner == SILENT) {
        return;
    }
    do {
        child_reads_request(s);
        holds = true;
        child_sends(s, manner == IN_ONE_SEGMENT ? HEAD : HEAD_UNTIL_CLOSE);
        child_sends(s, BODY);
        if (manner == UNTIL_CLOSE) {
            (void)mbedtls_ssl_close_notify(&s->ssl);
        }
        (void)__real_send(*fd, held, held_len, MSG_NOSIGNAL);
        held_len = 0;
        holds = false;
    } while (manner == IN_ONE_SEGMENT);
    (void)shutdown(*fd, SHUT_WR);
}

static void serve(int listener, enum manner manner)
{
    struct peer_server server;
    int fd = accept(listener, NULL, NULL);

    if (manner != SILENT_BEFORE_TLS) {
        (void)close(listener); /* refuses further connections */
    }
    if (manner == CLOSES_AT_ONCE) {
        _exit(0);
    }
    if (manner != SILENT_BEFORE_TLS) {
        peer_serve(&server, &host, true, &fd, child_send, child_recv);
        if (mbedtls_ssl_handshake(&server.ssl) != 0) {
            _exit(1);
        }
        child_responds(&server, &fd, manner);
    }
    for (;;) {
        pause(); /* until the test ends it */
    }
}

/* Returns the port. */
static uint16_t start_server(enum manner manner)
{
    uint16_t port;
    const int listener = listen_here(&port);

    if (start_child() == 0) {
        serve(listener, manner);
    }
    (void)close(listener);
    return port;
}

static bool demands; /* whether OpenSSL demands a certificate */

/*
 * OpenSSL's server, which sends `response` to every client. `option` is another
 * command-line option, or NULL. The caller closes the pipes `in` and `out`.
 * Returns the port.
 */
static uint16_t start_openssl(const char *version, const char *option,
                              const char *id, const char *response, int *in,
                              int *out)
{
    int to[2], from[2];
    char text[1024], crt[128], key[128];
    const char *const demand[] = {"-Verify",
                                  "1",
                                  "-verify_return_error",
                                  "-CAfile",
                                  path_of("ca.pem"),
                                  "-nameopt",
                                  "rfc2253"};
    const char *args[22] = {
        "openssl", "s_server", "-4", "-accept", "127.0.0.1:0",         "-cert",
        crt,       "-key",     key,  "-cipher", "DEFAULT:@SECLEVEL=0", version};
    size_t len = 0;
    const char *line;

    (void)snprintf(crt, sizeof(crt), "%s/%s.pem", folder, id);
    (void)snprintf(key, sizeof(key), "%s/%s.key", folder, id);
    assert_int_equal(pipe(to), 0);
    assert_int_equal(pipe(from), 0);
    if (start_child() == 0) {
        (void)dup2(to[0], 0);
        (void)dup2(from[1], 1);
        (void)dup2(from[1], 2);
        (void)close(to[1]); /* its input ends when the test does */
        if (demands) {
            memcpy(args + 12, demand, sizeof(demand));
        }
        args[demands ? 19 : 12] = option;
        (void)execvp("openssl", (char *const *)(uintptr_t)args);
        _exit(127);
    }
    (void)close(to[0]);
    (void)close(from[1]);
    *in = to[1];
    *out = from[0];
    do {
        const ssize_t got = read(from[0], text + len, sizeof(text) - 1 - len);

        assert_true(got > 0); /* openssl still runs */
        len += (size_t)got;
        text[len] = '\0';
        line = strstr(text, "ACCEPT 127.0.0.1:");
    } while (line == NULL || strchr(line, '\n') == NULL);
    assert_int_equal(write(to[1], response, strlen(response)),
                     (int)strlen(response));
    return (uint16_t)strtoul(line + strlen("ACCEPT 127.0.0.1:"), NULL, 10);
}

/* --------------------------------------------------------------- the client */

static const struct segjob_credentials credentials = {
    .access_key_id = SEGJOB_STR("AKIDEXAMPLE"),
    .secret_access_key = SEGJOB_STR("secret"),
};

static const struct segjob_create_request job = {
    .job_name = SEGJOB_STR("x"),
    .solution_version_arn =
        SEGJOB_STR("arn:aws:personalize:us-east-1:123456789012:solution/s/1"),
    .role_arn = SEGJOB_STR("arn:aws:iam::123456789012:role/r"),
    .input = {.path = SEGJOB_STR("s3://b/in.json")},
    .output = {.path = SEGJOB_STR("s3://b/out/")},
};

static char buf[4096];
static struct segjob_client client;
static struct segjob_posix posix;

static void init_posix(void)
{
    assert_int_equal(segjob_posix_init(&posix, path_of("ca.pem"), &credentials),
                     SEGJOB_OK);
    assert_int_equal(segjob_posix_descriptor(&posix), -1);
}

static void init_at(const char *name, uint16_t port)
{
    const struct segjob_config config = {
        .region = SEGJOB_STR("us-east-1"),
        .host = segjob_cstr(name),
        .port = port,
    };

    assert_int_equal(segjob_init(&client, &config, buf, sizeof(buf)),
                     SEGJOB_OK);
    init_posix();
}

static void begin_at(const char *name, uint16_t port)
{
    init_at(name, port);
    assert_int_equal(segjob_create(&client, &job), SEGJOB_PENDING);
}

/* Without a deadline: one request, no retry. */
static enum segjob_status run_once(void)
{
    while (segjob_step(&client, &posix.port) == SEGJOB_PENDING) {
        const struct segjob_wants wants =
            segjob_get_wants(&client, &posix.port);

        posix.port.platform->wait(posix.port.platform, &wants);
    }
    return segjob_get_status(&client);
}

/* With `timeout_ms` 0: without a deadline. */
static enum segjob_status run_at(uint16_t port, uint32_t timeout_ms)
{
    const unsigned before_it = open_descriptors();
    enum segjob_status status;

    begin_at("localhost", port);
    status = timeout_ms == 0 ? run_once()
                             : segjob_run(&client, &posix.port, timeout_ms);
    assert_int_equal(segjob_posix_descriptor(&posix) >= 0,
                     segjob_keep_alive(&client));
    segjob_posix_free(&posix);
    assert_int_equal(open_descriptors(), before_it);
    return status;
}

/* Neither /etc/hosts nor a name server knows localhost. */
static void test_localhost_needs_no_resolver(void **state)
{
    (void)state;
    inject.name_error = EAI_NONAME;
    assert_int_equal(run_at(start_server(IN_ONE_SEGMENT), 0), SEGJOB_OK);
    assert_int_equal(segjob_get_outcome(&client), SEGJOB_CREATED);
}

/* The server accepts only one connection. */
static void test_jobs_over_one_connection(void **state)
{
    const unsigned before_it = open_descriptors();
    int i;

    (void)state;
    begin_at("localhost", start_server(IN_ONE_SEGMENT));
    for (i = 0; i < 3; i++) {
        assert_int_equal(segjob_run(&client, &posix.port, GENEROUS_MS),
                         SEGJOB_OK);
        assert_int_equal(segjob_get_outcome(&client), SEGJOB_CREATED);
        assert_true(segjob_posix_descriptor(&posix) >= 0);
        assert_int_equal(segjob_create(&client, &job), SEGJOB_PENDING);
    }
    segjob_disconnect(&posix.port);
    assert_int_equal(segjob_posix_descriptor(&posix), -1);
    assert_int_equal(segjob_run(&client, &posix.port, GENEROUS_MS),
                     SEGJOB_CONNECT);
    segjob_posix_free(&posix);
    assert_int_equal(open_descriptors(), before_it);
}

static void step(void)
{
    const struct segjob_wants wants = segjob_get_wants(&client, &posix.port);

    posix.port.platform->wait(posix.port.platform, &wants);
    assert_int_equal(segjob_step(&client, &posix.port), SEGJOB_PENDING);
}

static void step_until(enum segjob_want want)
{
    while (segjob_get_want(&client) != want) {
        step();
    }
}

static void test_two_records_in_one_segment_then_silence(void **state)
{
    (void)state;
    assert_int_equal(run_at(start_server(IN_ONE_SEGMENT), GENEROUS_MS),
                     SEGJOB_OK);
    assert_int_equal(segjob_get_outcome(&client), SEGJOB_CREATED);
}

static void test_a_byte_at_a_time_with_interruptions(void **state)
{
    (void)state;
    inject.most = 1;
    inject.interrupted = 3;
    assert_int_equal(run_at(start_server(IN_ONE_SEGMENT), GENEROUS_MS),
                     SEGJOB_OK);
    assert_int_equal(inject.interrupted, 0);
}

static void test_a_response_until_close_needs_a_close_notify(void **state)
{
    (void)state;
    assert_int_equal(run_at(start_server(UNTIL_CLOSE), GENEROUS_MS), SEGJOB_OK);
    assert_int_equal(run_at(start_server(UNTIL_BARE_CLOSE), 0),
                     SEGJOB_CONNECTION_CLOSED);
    assert_int_equal(segjob_get_outcome(&client), SEGJOB_UNKNOWN);
    assert_non_null(strstr(posix.port.error.message, "close_notify"));
}

/* Run an operation in progress to its end, `ms` from now at the latest. */
static enum segjob_status finish_within(uint32_t ms)
{
    struct segjob_platform *p = posix.port.platform;

    client.times.deadline_ms = p->monotonic_ms(p) + ms;
    return run_once();
}

static void test_silence_is_a_time_out(void **state)
{
    (void)state;
    begin_at("localhost", start_server(SILENT_BEFORE_TLS));
    while (!posix.port.resolved) {
        step();
    }
    assert_int_equal(finish_within(300), SEGJOB_TIMEOUT);
    assert_int_equal(segjob_get_outcome(&client), SEGJOB_NOT_SENT);
    assert_non_null(strstr(posix.port.error.message, "connecting"));
    segjob_posix_free(&posix);
    begin_at("localhost", start_server(SILENT));
    step_until(SEGJOB_WANT_RECEIVE);
    assert_int_equal(finish_within(300), SEGJOB_TIMEOUT);
    assert_int_equal(segjob_get_outcome(&client), SEGJOB_UNKNOWN);
    assert_non_null(strstr(posix.port.error.message, "response"));
    segjob_posix_free(&posix);
}

static void test_a_peer_that_closes_at_once(void **state)
{
    (void)state;
    assert_int_equal(run_at(start_server(CLOSES_AT_ONCE), 0),
                     SEGJOB_CONNECTION_CLOSED);
    assert_int_equal(segjob_get_outcome(&client), SEGJOB_NOT_SENT);
}

/* As an application's event loop does it, with poll() on the descriptor. */
static void test_an_event_loop_can_own_the_descriptor(void **state)
{
    enum segjob_status status;
    unsigned rounds = 0;

    (void)state;
    begin_at("localhost", start_server(IN_ONE_SEGMENT));
    while ((status = segjob_step(&client, &posix.port)) == SEGJOB_PENDING) {
        const struct segjob_wants wants =
            segjob_get_wants(&client, &posix.port);
        struct pollfd one = {.fd = segjob_posix_descriptor(&posix)};

        assert_true(++rounds < 1000);
        if (wants.wake_ms == 0) {
            continue;
        }
        assert_true(one.fd >= 0 && (wants.readable || wants.writable));
        one.events = (short)((wants.readable ? POLLIN : 0) |
                             (wants.writable ? POLLOUT : 0));
        assert_int_equal(poll(&one, 1, (int)GENEROUS_MS), 1);
    }
    assert_int_equal(status, SEGJOB_OK);
    segjob_posix_free(&posix);
}

static enum segjob_status run_openssl(const char *version, const char *id,
                                      const char *response)
{
    int in, out;
    const uint16_t port = start_openssl(version, NULL, id, response, &in, &out);
    const enum segjob_status status = run_at(port, GENEROUS_MS);

    end_children();
    (void)close(in);
    (void)close(out);
    return status;
}

static void test_openssl_as_peer(void **state)
{
    (void)state;
    assert_int_equal(run_openssl("-tls1_2", "host", HEAD BODY), SEGJOB_OK);
#if defined(MBEDTLS_SSL_PROTO_TLS1_3)
    /* It sends two session tickets before the response. */
    assert_int_equal(run_openssl("-tls1_3", "host", HEAD BODY), SEGJOB_OK);
#else
    assert_int_equal(run_openssl("-tls1_3", "host", HEAD BODY), SEGJOB_TLS);
#endif
}

/* Read OpenSSL's output until it has shown a request. */
static void read_openssl_output(int out, char *output, size_t cap)
{
    size_t len = 0;

    output[0] = '\0';
    while (strstr(output, "role/r\"}") == NULL) {
        const ssize_t got = read(out, output + len, cap - 1 - len);

        assert_true(got > 0); /* openssl still runs */
        len += (size_t)got;
        output[len] = '\0';
    }
}

/*
 * Whether OpenSSL reports that it resumed a session. It does so before it shows
 * the request, if it has no response to send yet.
 */
static bool openssl_resumed(int out)
{
    char output[8192];

    read_openssl_output(out, output, sizeof(output));
    assert_non_null(strstr(output, "CIPHER is"));
    return strstr(output, "Reused session-id") != NULL;
}

/* Create a job over a new connection. Returns whether it was resumed. */
static bool run_resuming(int in, int out)
{
    const char response[] = HEAD BODY;
    const ssize_t len = sizeof(response) - 1;
    bool resumed;

    assert_int_equal(segjob_create(&client, &job), SEGJOB_PENDING);
    step_until(SEGJOB_WANT_RECEIVE);
    resumed = openssl_resumed(out);
    assert_int_equal(write(in, response, (size_t)len), len);
    assert_int_equal(run_once(), SEGJOB_OK);
    segjob_disconnect(&posix.port);
    return resumed;
}

/* Options of OpenSSL's server. */
static const struct {
    const char *version, *option;
} resuming[] = {
    {"-tls1_2", NULL}, /* by a ticket */
    {"-tls1_2", "-no_ticket"},
#if defined(MBEDTLS_SSL_PROTO_TLS1_3)
    {"-tls1_3", NULL},
    {"-tls1_3", "-no_ticket"}, /* a ticket that can be used once */
#endif
};

static void test_openssl_resumes_sessions(void **state)
{
    unsigned char saved[2048];
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(resuming) / sizeof(resuming[0]); i++) {
        int in, out;
        size_t n;

        init_at("localhost",
                start_openssl(resuming[i].version, resuming[i].option, "host",
                              "", &in, &out));
        assert_false(run_resuming(in, out));
        assert_true(run_resuming(in, out));
        n = segjob_tls_save_session(&posix.tls, saved, sizeof(saved));
        assert_true(n > 0 && n <= sizeof(saved));
        segjob_posix_free(&posix);
        init_posix();
        assert_true(segjob_tls_load_session(&posix.tls, saved, n));
        assert_true(run_resuming(in, out));
        segjob_posix_free(&posix);
        end_children();
        (void)close(in);
        (void)close(out);
    }
}

static void test_nothing_older_than_tls_1_2(void **state)
{
    (void)state;
    assert_int_equal(run_openssl("-tls1_1", "host", HEAD BODY), SEGJOB_TLS);
    assert_int_equal(run_openssl("-tls1", "host", HEAD BODY), SEGJOB_TLS);
}

static void test_a_certificate_for_clients_is_refused(void **state)
{
    (void)state;
    assert_int_equal(run_openssl("-tls1_2", "clients", HEAD BODY),
                     SEGJOB_CERTIFICATE);
    assert_non_null(
        strstr(posix.port.error.message, "not meant for a TLS server"));
    assert_int_equal(segjob_get_outcome(&client), SEGJOB_NOT_SENT);
}

#if defined(LINE_HAS_ADDRESSES)
static void test_an_address_as_host(void **state)
{
    static const unsigned char ip[] = {127, 0, 0, 1};
    struct peer_terms terms = peer_server_terms(NULL);
    struct peer_identity id;
    char output[8192];
    uint16_t port;
    int in, out;

    (void)state;
    terms.ip = ip;
    terms.ip_len = sizeof(ip);
    peer_make(&id, &terms, &ca, PEER_CA_NAME);
    write_file("ip.pem", id.pem);
    write_key("ip.key", &id);
    peer_free_identity(&id);
    port = start_openssl("-tls1_2", "-tlsextdebug", "ip", HEAD BODY, &in, &out);
    begin_at("127.0.0.1", port);
    assert_int_equal(segjob_run(&client, &posix.port, GENEROUS_MS), SEGJOB_OK);
    segjob_posix_free(&posix);
    read_openssl_output(out, output, sizeof(output));
    assert_non_null(strstr(output, "TLS client extension"));
    assert_null(strstr(output, "server name"));
    end_children();
    (void)close(in);
    (void)close(out);
    /* The server's certificate is for a name. */
    port = start_openssl("-tls1_2", NULL, "host", HEAD BODY, &in, &out);
    begin_at("127.0.0.1", port);
    assert_int_equal(segjob_run(&client, &posix.port, GENEROUS_MS),
                     SEGJOB_CERTIFICATE);
    segjob_posix_free(&posix);
    end_children();
    (void)close(in);
    (void)close(out);
}
#else
static void test_an_address_as_host_is_refused(void **state)
{
    (void)state;
    begin_at("127.0.0.1", start_server(SILENT));
    assert_int_equal(segjob_run(&client, &posix.port, GENEROUS_MS),
                     SEGJOB_CONFIG);
    assert_non_null(strstr(posix.port.error.message, "address"));
    segjob_posix_free(&posix);
}
#endif

/* ----------------------------------------- the device's identity, and pins */

static enum segjob_status identify(const char *cert, const char *key)
{
    char path[128];

    (void)snprintf(path, sizeof(path), "%s", path_of(cert));
    return segjob_posix_identify(&posix, path, path_of(key));
}

/* The device's certificate and key, if they do not come from files. */
static mbedtls_x509_crt own_crt;
static mbedtls_pk_context own_key;

/*
 * Create a job at OpenSSL's server, which demands a certificate. The device
 * presents that of these files or, without files, `own_crt` if it is set.
 */
static enum segjob_status run_as(const char *version, const char *cert,
                                 const char *key, const char *subject)
{
    char output[8192];
    enum segjob_status status;
    int in, out;

    demands = true;
    begin_at("localhost",
             start_openssl(version, NULL, "host", HEAD BODY, &in, &out));
    if (cert != NULL) {
        assert_int_equal(identify(cert, key), SEGJOB_OK);
    } else if (own_crt.raw.p != NULL) {
        assert_int_equal(segjob_tls_present(&posix.tls, &own_crt, &own_key),
                         SEGJOB_OK);
    }
    status = run_once();
    if (status == SEGJOB_OK) {
        read_openssl_output(out, output, sizeof(output));
        assert_non_null(strstr(output, subject));
    }
    segjob_posix_free(&posix);
    demands = false;
    end_children();
    (void)close(in);
    (void)close(out);
    return status;
}

static const char *const versions[] = {
    "-tls1_2",
#if defined(MBEDTLS_SSL_PROTO_TLS1_3)
    "-tls1_3",
#endif
};
#define VERSIONS (sizeof(versions) / sizeof(versions[0]))

static void test_openssl_accepts_the_device(void **state)
{
    static const char *const files[][3] = {
        {"ec.pem", "ec.key", "CN=ec"},
        {"ec.der", "ec-key.der", "CN=ec"},
        {"ec.pem", "ec-old.key", "CN=ec"},
        {"ec.der", "ec-old.der", "CN=ec"},
        {"rsa.pem", "rsa.key", "CN=rsa"},
        {"rsa.der", "rsa-key.der", "CN=rsa"},
        {"rsa.pem", "rsa-old.key", "CN=rsa"},
        {"rsa.der", "rsa-old.der", "CN=rsa"},
    };
    size_t i, k;

    (void)state;
    for (i = 0; i < VERSIONS; i++) {
        for (k = 0; k < sizeof(files) / sizeof(files[0]); k++) {
            assert_int_equal(
                run_as(versions[i], files[k][0], files[k][1], files[k][2]),
                SEGJOB_OK);
        }
    }
}

static void assert_device_refused(const char *version, const char *cert,
                                  const char *key, const char *why)
{
    assert_int_equal(run_as(version, cert, key, ""), SEGJOB_TLS);
#if !defined(LINE_HAS_ALERTS)
    why = cert != NULL ? "probably this device's certificate"
                       : "want of a certificate";
#endif
    if (strstr(posix.port.error.message, why) == NULL) {
        fail_msg("%s: %s", version, posix.port.error.message);
    }
}

static void test_openssl_refuses_the_device(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < VERSIONS; i++) {
        /* TLS 1.3 has an alert for it (RFC 8446, section 6.2). */
        assert_device_refused(versions[i], NULL, NULL,
                              strcmp(versions[i], "-tls1_3") == 0
                                  ? "wants a certificate"
                                  : "want of a certificate");
        assert_device_refused(versions[i], "self.pem", "self.key",
                              "device's certificate: its authority");
        assert_device_refused(versions[i], "expired.pem", "expired.key",
                              "device's certificate: it has expired");
    }
}

/* Bad files, and a part of the message. */
static const struct {
    int line;
    const char *cert, *key, *text;
    int code; /* errno; 0: of mbedTLS, not compared */
} bad_files[] = {
    {__LINE__, "missing", "ec.key", "certificate cannot be read", ENOENT},
    {__LINE__, "ec.pem", "missing", "key cannot be read", ENOENT},
    {__LINE__, ".", "ec.key", "certificate cannot be read", EISDIR},
    {__LINE__, "long", "ec.key", "certificate is too long", EFBIG},
    {__LINE__, "ec.pem", "long", "key is too long", EFBIG},
    {__LINE__, "full", "ec.key", "no certificate", 0},
    {__LINE__, "empty", "ec.key", "no certificate", 0},
    {__LINE__, "ec.key", "ec.key", "no certificate", 0},
    {__LINE__, "cut.der", "ec.key", "no certificate", 0},
    {__LINE__, "half.pem", "ec.key", "not all certificates", 0},
    {__LINE__, "ec.pem", "empty", "key cannot be read", 0},
    {__LINE__, "ec.pem", "ec.pem", "key cannot be read", 0},
    {__LINE__, "ec.pem", "ec-locked.key", "password", 0},
    {__LINE__, "ec.pem", "ec-old-locked.key", "password", 0},
    {__LINE__, "ec.pem", "rsa.key", "not the one of its certificate", 0},
    {__LINE__, "rsa.der", "ec.key", "not the one of its certificate", 0},
    {__LINE__, "ec.pem", "host.key", "not the one of its certificate", 0},
};

static void write_bad_files(void)
{
    static char text[SEGJOB_POSIX_CERT_CAP + 2];

    memset(text, '-', SEGJOB_POSIX_CERT_CAP + 1);
    write_file("long", text);
    text[SEGJOB_POSIX_CERT_CAP] = '\0';
    write_file("full", text);
    write_file("empty", "");
    run_script("head -c 200 $1.der >cut.der\n"
               "(cat $1.pem; head -n 3 $1.pem; tail -n 1 $1.pem) >half.pem\n",
               "ec", "");
}

static void test_files_without_an_identity_are_reported(void **state)
{
    const unsigned before_it = open_descriptors();
    size_t i;

    (void)state;
    write_bad_files();
    init_posix();
    for (i = 0; i < sizeof(bad_files) / sizeof(bad_files[0]); i++) {
        assert_int_equal(identify("ec.pem", "ec.key"), SEGJOB_OK);
        assert_int_equal(identify(bad_files[i].cert, bad_files[i].key),
                         SEGJOB_CONFIG);
        if (strstr(posix.port.error.message, bad_files[i].text) == NULL ||
            (bad_files[i].code != 0 &&
             posix.port.error.code != bad_files[i].code)) {
            fail_msg("line %d: %s, %d", bad_files[i].line,
                     posix.port.error.message, posix.port.error.code);
        }
        assert_int_equal(posix.port.error.status, SEGJOB_CONFIG);
        assert_null(posix.tls.chain); /* the previous one is dropped, too */
    }
    assert_int_equal(segjob_posix_identify(&posix, NULL, path_of("ec.key")),
                     SEGJOB_CONFIG);
    assert_int_equal(segjob_posix_identify(&posix, path_of("ec.pem"), NULL),
                     SEGJOB_CONFIG);
    assert_non_null(strstr(posix.port.error.message, "key cannot be read"));
    assert_int_equal(segjob_posix_identify(&posix, NULL, NULL), SEGJOB_OK);
    segjob_posix_free(&posix);
    assert_int_equal(open_descriptors(), before_it);
}

static void test_no_identity_in_a_connection(void **state)
{
    (void)state;
    begin_at("localhost", start_server(IN_ONE_SEGMENT));
    assert_int_equal(segjob_run(&client, &posix.port, GENEROUS_MS), SEGJOB_OK);
    assert_int_equal(identify("ec.pem", "ec.key"), SEGJOB_MISUSE);
    segjob_disconnect(&posix.port);
    assert_int_equal(identify("ec.pem", "ec.key"), SEGJOB_OK);
    segjob_posix_free(&posix);
}

#if defined(MBEDTLS_PK_RSA_ALT_SUPPORT)

static struct line_element element;

static void test_a_key_used_through_functions(void **state)
{
    (void)state;
    mbedtls_pk_init(&element.key);
    mbedtls_pk_init(&own_key);
    mbedtls_x509_crt_init(&own_crt);
    assert_int_equal(mbedtls_x509_crt_parse_file(&own_crt, path_of("rsa.pem")),
                     0);
    assert_int_equal(line_parse_keyfile(&element.key, path_of("rsa.key")), 0);
    assert_int_equal(line_setup_rsa_alt(&own_key, &element), 0);
    element.signatures = 0;
    assert_int_equal(run_as("-tls1_2", NULL, NULL, "CN=rsa"), SEGJOB_OK);
    assert_int_equal(element.signatures, 1);
    /* It cannot sign for TLS 1.3: a server with nothing else is an error. */
    assert_int_equal(run_as("-tls1_3", NULL, NULL, ""), SEGJOB_TLS);
    assert_int_equal(element.signatures, 1);
    /* With a server that has both, TLS 1.2 is used. */
    assert_int_equal(run_as("-no_tls1_1", NULL, NULL, "CN=rsa"), SEGJOB_OK);
    assert_int_equal(element.signatures, 2);
    mbedtls_x509_crt_free(&own_crt);
    mbedtls_pk_free(&own_key);
    mbedtls_pk_free(&element.key);
}

#endif

#if defined(LINE_HAS_OPAQUE_KEYS)

/* A key that cannot be exported from PSA, and may only sign hashes. */
static void test_a_key_that_stays_inside_psa(void **state)
{
    const struct peer_terms terms = peer_device_terms();
    psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
    struct peer_identity id;
    unsigned char out[128];
    psa_key_id_t key;
    size_t i, n;

    (void)state;
    memset(&id, 0, sizeof(id));
    psa_set_key_type(&attributes,
                     PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1));
    psa_set_key_bits(&attributes, 256);
    psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_SIGN_HASH);
    psa_set_key_algorithm(&attributes, PSA_ALG_ECDSA(PSA_ALG_ANY_HASH));
    assert_int_equal(psa_crypto_init(), PSA_SUCCESS);
    assert_int_equal(psa_generate_key(&attributes, &key), PSA_SUCCESS);
    assert_int_equal(psa_export_key(key, out, sizeof(out), &n),
                     PSA_ERROR_NOT_PERMITTED);
    mbedtls_pk_init(&id.key);
    assert_int_equal(line_wrap_key(&id.key, key), 0);
    peer_certify(&id, &terms, &ca, PEER_CA_NAME);
    own_crt = id.crt;
    own_key = id.key;
    for (i = 0; i < VERSIONS; i++) {
        assert_int_equal(run_as(versions[i], NULL, NULL, "CN=device"),
                         SEGJOB_OK);
    }
    memset(&own_crt, 0, sizeof(own_crt));
    memset(&own_key, 0, sizeof(own_key));
    peer_free_identity(&id);
    assert_int_equal(psa_destroy_key(key), PSA_SUCCESS);
}

#endif

/* The digest of a certificate's key, made by the command in the header. */
static void read_pin(const char *name, unsigned char *pin)
{
    FILE *file;

    run_script("openssl x509 -in $1.pem -noout -pubkey | openssl pkey -pubin "
               "-outform DER | openssl sha256 -binary >pin",
               name, "");
    file = fopen(path_of("pin"), "r");
    assert_non_null(file);
    assert_int_equal(fread(pin, 1, SEGJOB_TLS_DIGEST_LEN, file),
                     SEGJOB_TLS_DIGEST_LEN);
    assert_int_equal(fclose(file), 0);
}

static void test_openssls_pins_are_ours(void **state)
{
    static const struct {
        const char *name;
        enum segjob_status status;
    } pinned[] = {
        {"host", SEGJOB_OK}, {"ca", SEGJOB_OK}, {"rsa", SEGJOB_CERTIFICATE}};
    unsigned char pin[1][SEGJOB_TLS_DIGEST_LEN];
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(pinned) / sizeof(pinned[0]); i++) {
        begin_at("localhost", start_server(IN_ONE_SEGMENT));
        read_pin(pinned[i].name, pin[0]);
        assert_int_equal(
            segjob_tls_pin(&posix.tls,
                           (const unsigned char(*)[sizeof(pin[0])])pin, 1),
            SEGJOB_OK);
        assert_int_equal(run_once(), pinned[i].status);
        segjob_posix_free(&posix);
        end_children();
    }
    assert_non_null(strstr(posix.port.error.message, "pinned"));
}

/* ---------------------------------------------------------------- platform */

static struct segjob_sockets_tcp tcp;
static struct segjob_posix_platform platform;

static void begin_platform(void)
{
    segjob_sockets_tcp_init(&tcp, &platform.platform);
    segjob_posix_platform_init(&platform, &tcp);
}

static void test_clocks(void **state)
{
    struct segjob_platform *p = &platform.platform;
    const struct segjob_wants soon = {false, false, 1};
    struct segjob_wants later = {true, true, 0};
    int64_t begun, now;

    (void)state;
    begin_platform();
    begun = (int64_t)time(NULL);
    now = p->wall_clock(p);
    assert_in_range(now, begun, (int64_t)time(NULL) + 1); /* time() may lag */
    assert_true(p->monotonic_ms(p) > 0);
    p->wait(p, &soon); /* in the past */
    later.wake_ms = p->monotonic_ms(p) + 20;
    p->wait(p, &later); /* without a descriptor */
    assert_true(p->monotonic_ms(p) >= later.wake_ms);
    inject.clock_error = EINVAL;
    assert_true(p->wall_clock(p) < 0);
    assert_true(p->monotonic_ms(p) == 0);
}

static void test_random_bytes(void **state)
{
    struct segjob_platform *p = &platform.platform;
    unsigned char a[64] = {0}, b[64] = {0}, zeros[64] = {0};

    (void)state;
    begin_platform();
    inject.interrupted = 2;
    inject.most = 5;
    assert_true(p->random(p, a, sizeof(a)));
    assert_true(p->random(p, b, sizeof(b)));
    assert_memory_not_equal(a, b, sizeof(a));
    assert_memory_not_equal(a + 56, zeros, 8);
    assert_memory_not_equal(b + 56, zeros, 8);
    inject.random_error = ENOSYS;
    assert_false(p->random(p, a, sizeof(a)));
}

static void test_names_and_numbers_are_resolved(void **state)
{
    static const struct {
        const char *host;
        bool is_ipv6;
        uint8_t first, last;
    } rows[] = {
        {"127.0.0.9", false, 127, 9},
        {"::1", true, 0, 1},
        {"fe80::5%lo", true, 0xFE, 5},
    };
    struct segjob_platform *p = &platform.platform;
    struct segjob_address got[SEGJOB_ADDRESSES_CAP];
    size_t len = 0, i;

    (void)state;
    begin_platform();
    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(p->resolve(p, rows[i].host, got, 8, &len),
                         SEGJOB_IO_OK);
        assert_int_equal(len, 1);
        assert_int_equal(got[0].is_ipv6, rows[i].is_ipv6);
        assert_int_equal(got[0].bytes[0], rows[i].first);
        assert_int_equal(got[0].bytes[rows[i].is_ipv6 ? 15 : 3], rows[i].last);
        assert_int_equal(got[0].scope != 0, strchr(rows[i].host, '%') != NULL);
    }
}

static void test_families_take_turns(void **state)
{
    static const struct {
        const char *families; /* in the system's order */
        const char *taken;    /* each with its index */
        size_t cap;
    } rows[] = {
        {"4", "40", 8},          {"666", "606162", 8},
        {"4466", "40624163", 8}, {"644", "604142", 8},
        {"x64x", "6142", 8}, /* another address family */
        {"466", "40", 1},        {"666666664", "604861626364", 6},
    };
    struct segjob_platform *p = &platform.platform;
    size_t r;

    (void)state;
    begin_platform();
    for (r = 0; r < sizeof(rows) / sizeof(rows[0]); r++) {
        struct sockaddr_in6 in6[12] = {{.sin6_family = AF_INET6}};
        struct sockaddr_in in[12] = {{.sin_family = AF_INET}};
        struct addrinfo list[12];
        struct segjob_address got[SEGJOB_ADDRESSES_CAP];
        const size_t n = strlen(rows[r].families);
        size_t len = 0, i;

        memset(list, 0, sizeof(list));
        for (i = 0; i < n; i++) {
            const char family = rows[r].families[i];

            list[i].ai_family = family == '6'   ? AF_INET6
                                : family == '4' ? AF_INET
                                                : AF_UNIX;
            in6[i].sin6_addr.s6_addr[0] = (uint8_t)i;
            in[i].sin_addr.s_addr = htonl((uint32_t)i << 24);
            list[i].ai_addr = family == '4' ? (struct sockaddr *)&in[i]
                                            : (struct sockaddr *)&in6[i];
            list[i].ai_next = i + 1 < n ? &list[i + 1] : NULL;
        }
        inject.names = list;
        assert_int_equal(p->resolve(p, "any", got, rows[r].cap, &len),
                         SEGJOB_IO_OK);
        assert_null(inject.names); /* it was freed */
        assert_int_equal(len, strlen(rows[r].taken) / 2);
        for (i = 0; i < len; i++) {
            assert_int_equal(got[i].is_ipv6, rows[r].taken[2 * i] == '6');
            assert_int_equal(got[i].bytes[0], rows[r].taken[2 * i + 1] - '0');
        }
    }
}

static void test_a_name_that_is_not_there(void **state)
{
    struct segjob_platform *p = &platform.platform;
    struct segjob_address got[SEGJOB_ADDRESSES_CAP];
    size_t len = 0;

    (void)state;
    begin_platform();
    inject.name_error = EAI_NONAME;
    assert_int_equal(p->resolve(p, "any", got, 8, &len), SEGJOB_IO_FAILED);
    assert_int_equal(p->error.status, SEGJOB_RESOLVE);
    assert_int_equal(p->error.code, EAI_NONAME);
    assert_string_equal(p->error.message, gai_strerror(EAI_NONAME));
    inject.name_error = EAI_SYSTEM;
    assert_int_equal(p->resolve(p, "any", got, 8, &len), SEGJOB_IO_FAILED);
    assert_int_equal(p->error.status, SEGJOB_RESOLVE);
    assert_int_equal(p->error.code, ENOMEM);
    assert_string_equal(p->error.message, strerror(ENOMEM));
}

/* ------------------------------------------------------------- certificates */

static size_t count_chain(const mbedtls_x509_crt *crt)
{
    size_t count = 0;

    for (; crt != NULL; crt = crt->next) {
        count += crt->raw.p != NULL;
    }
    return count;
}

#if defined(MBEDTLS_X509_TRUSTED_CERTIFICATE_CALLBACK)

/* The roots with this subject, to be freed by free_found(). */
static mbedtls_x509_crt *find_roots(const mbedtls_x509_buf *subject)
{
    mbedtls_x509_crt child, *found = NULL;

    mbedtls_x509_crt_init(&child);
    child.issuer_raw = *subject;
    assert_int_equal(
        posix.tls.lookup.find(posix.tls.lookup.arg, &child, &found), 0);
    return found;
}

static void free_found(mbedtls_x509_crt *found)
{
    mbedtls_x509_crt_free(found);
    mbedtls_free(found);
}

/* How many roots have one of these tests' two subjects. None is kept in RAM. */
static size_t count_roots(void)
{
    mbedtls_x509_crt *cas = find_roots(&ca.crt.subject_raw);
    mbedtls_x509_crt *servers = find_roots(&host.crt.subject_raw);
    const size_t count = count_chain(cas) + count_chain(servers);

    assert_int_equal(count_chain(&posix.roots.chain), 0);
    free_found(cas);
    free_found(servers);
    return count;
}

#else

static size_t count_roots(void)
{
    return count_chain(&posix.roots.chain);
}

#endif

static void assert_no_roots(const char *path, const char *text, int code)
{
    assert_int_equal(segjob_posix_init(&posix, path, &credentials),
                     SEGJOB_CONFIG);
    assert_int_equal(posix.port.error.status, SEGJOB_CONFIG);
    assert_string_equal(posix.port.error.message, text);
    if (code != 0) {
        assert_int_equal(posix.port.error.code, code);
    }
}

static void test_files_without_certificates_are_refused(void **state)
{
    const char *none = "there is no certificate in it";

    (void)state;
    assert_no_roots(path_of("missing.pem"), strerror(ENOENT), ENOENT);
    assert_no_roots("", strerror(ENOENT), ENOENT);
    write_file("empty.pem", "");
    assert_no_roots(path_of("empty.pem"), none, 0);
    write_file("text.pem", "not a certificate\n");
    assert_no_roots(path_of("text.pem"), none, 0);
    assert_no_roots(path_of("host.key"), none, 0);
    assert_int_equal(mkdir(path_of("none"), 0700), 0);
    assert_no_roots(path_of("none"), none, 0);
}

/* How many certificates are read from a file with this text. */
static size_t roots_in(const char *text)
{
    size_t count;

    write_file("roots.pem", text);
    if (segjob_posix_init(&posix, path_of("roots.pem"), &credentials) !=
        SEGJOB_OK) {
        return 0;
    }
    count = count_roots();
    segjob_posix_free(&posix);
    return count;
}

static void test_readable_certificates_are_used(void **state)
{
    static char text[40000];
    char cut[2048];
    size_t i, len = 0;

    (void)state;
    (void)snprintf(text, sizeof(text),
                   "%s-----BEGIN CERTIFICATE-----\nAAAA\n"
                   "-----END CERTIFICATE-----\n# a comment\n%s",
                   host.pem, ca.pem);
    assert_int_equal(roots_in(text), 2);
    for (i = 0; ca.pem[i] != '\0'; i++) { /* CR LF, and no end of line */
        len += (size_t)sprintf(text + len, ca.pem[i] == '\n' ? "\r\n" : "%c",
                               ca.pem[i]);
    }
    text[len - 2] = '\0';
    assert_int_equal(roots_in(text), 1);
    (void)snprintf(text, sizeof(text), "x%s%s", host.pem, ca.pem);
    assert_int_equal(roots_in(text), 1); /* not at the start of a line */
    (void)snprintf(cut, sizeof(cut), "%s", ca.pem);
    *strstr(cut, "-----END") = '\0';
    assert_int_equal(roots_in(cut), 0);
    (void)snprintf(cut, sizeof(cut), "%s", ca.pem);
    cut[100] = '!';
    (void)snprintf(text, sizeof(text), "%s%s", cut, host.pem);
    assert_int_equal(roots_in(text), 1);
    len = (size_t)sprintf(text, "-----BEGIN CERTIFICATE-----\n");
    memset(text + len, 'A', 30000); /* longer than the reader's buffer */
    (void)strcpy(text + len + 30000, "\n-----END CERTIFICATE-----\n");
    (void)strcat(text, ca.pem);
    assert_int_equal(roots_in(text), 1);
}

/* Also across the end of each read of the file. */
static void test_a_certificate_at_every_offset(void **state)
{
    static char text[8192];
    size_t i;

    (void)state;
    for (i = 3400; i < 4200; i += i < 4050 ? 37 : 1) {
        memset(text, 'x', i);
        text[i - 1] = '\n';
        (void)strcpy(text + i, ca.pem);
        assert_int_equal(roots_in(text), 1);
    }
}

static size_t roots_in_bytes(const void *bytes, size_t n)
{
    size_t count;

    write_bytes("roots.der", bytes, n);
    if (segjob_posix_init(&posix, path_of("roots.der"), &credentials) !=
        SEGJOB_OK) {
        return 0;
    }
    count = count_roots();
    segjob_posix_free(&posix);
    return count;
}

static void test_a_file_of_der(void **state)
{
    static unsigned char bytes[20000];
    const size_t len = ca.crt.raw.len;
    char text[4096];
    size_t n;

    (void)state;
    memcpy(bytes, ca.crt.raw.p, len);
    assert_int_equal(roots_in_bytes(bytes, len), 1);
    for (n = 0; n < len; n += n < 8 || n > len - 8 ? 1 : 7) {
        assert_int_equal(roots_in_bytes(bytes, n), 0);
    }
    assert_int_equal(roots_in_bytes(bytes, sizeof(bytes)), 1);
    bytes[2] = 0x4E; /* the length of the whole file, which is too long */
    bytes[3] = 0x1C;
    assert_int_equal(roots_in_bytes(bytes, sizeof(bytes)), 0);
    (void)snprintf(text, sizeof(text), "0\n%s", ca.pem); /* '0' is 0x30 */
    assert_int_equal(roots_in(text), 1);
}

static void test_roots_in_memory(void **state)
{
    (void)state;
    begin_at("localhost", start_server(IN_ONE_SEGMENT));
    segjob_posix_free(&posix);
    assert_int_equal(segjob_posix_init_with(&posix, &ca.crt, &credentials),
                     SEGJOB_OK);
    assert_int_equal(run_once(), SEGJOB_OK);
    segjob_posix_free(&posix);
    begin_at("localhost", start_server(IN_ONE_SEGMENT));
    segjob_posix_free(&posix);
    assert_int_equal(
        segjob_posix_init_with(&posix, &for_clients.crt, &credentials),
        SEGJOB_OK);
    assert_int_equal(run_once(), SEGJOB_CERTIFICATE);
    segjob_posix_free(&posix);
}

/* A port with shared roots reads no file and parses no certificate. */
static void test_two_ports_share_roots(void **state)
{
    static struct segjob_posix other;
    struct segjob_posix_roots roots;
    struct segjob_port_error error = {0};
    unsigned before_it;

    (void)state;
    begin_at("localhost", start_server(IN_ONE_SEGMENT));
    segjob_posix_free(&posix);
    assert_int_equal(
        segjob_posix_load_roots(&roots, path_of("absent.pem"), &error),
        SEGJOB_CONFIG);
    assert_int_equal(error.code, ENOENT);
    write_file("shared.pem", ca.pem);
    assert_int_equal(
        segjob_posix_load_roots(&roots, path_of("shared.pem"), &error),
        SEGJOB_OK);
    before_it = open_descriptors();
    assert_int_equal(segjob_posix_init_shared(&other, &roots, &credentials),
                     SEGJOB_OK);
    assert_int_equal(segjob_posix_init_shared(&posix, &roots, &credentials),
                     SEGJOB_OK);
    assert_int_equal(open_descriptors(), before_it);
    assert_int_equal(count_chain(&posix.roots.chain), 0);
    assert_int_equal(count_chain(&other.roots.chain), 0);
    segjob_posix_free(&other);
    assert_int_equal(run_once(), SEGJOB_OK);
    segjob_posix_free(&posix);
    begin_at("localhost", start_server(IN_ONE_SEGMENT));
    segjob_posix_free(&posix);
    assert_int_equal(segjob_posix_init_shared(&posix, &roots, &credentials),
                     SEGJOB_OK);
    assert_int_equal(run_once(), SEGJOB_OK);
    segjob_posix_free(&posix);
    segjob_posix_free_roots(&roots);
}

static void test_a_folder_of_certificates(void **state)
{
    const unsigned before_it = open_descriptors();
    char path[128];

    (void)state;
    assert_int_equal(mkdir(path_of("folder"), 0700), 0);
    write_file("folder/a", "not a certificate\n");
    write_file("folder/b", ca.pem);
    assert_int_equal(mkdir(path_of("folder/inner"), 0700), 0);
    assert_int_equal(mkfifo(path_of("folder/fifo"), 0700), 0);
    (void)snprintf(path, sizeof(path), "%s", path_of("folder/dangling"));
    assert_int_equal(symlink("/nonexistent/segjob", path), 0);
    write_file("folder/c", host.pem);
    write_bytes("folder/d", for_clients.crt.raw.p, for_clients.crt.raw.len);
    assert_int_equal(segjob_posix_init(&posix, path_of("folder"), &credentials),
                     SEGJOB_OK);
    assert_int_equal(count_roots(), 3);
    segjob_posix_free(&posix);
    assert_int_equal(open_descriptors(), before_it);
}

/* If two CAs have the same name, the right one is found. */
static void test_two_roots_of_one_name(void **state)
{
    const struct peer_terms terms = peer_ca_terms();
    struct peer_identity other;
    char text[8192];
    size_t i;

    (void)state;
    peer_make(&other, &terms, NULL, NULL);
    for (i = 0; i < 2; i++) {
        (void)snprintf(text, sizeof(text), "%s%s%s", host.pem,
                       i == 0 ? other.pem : ca.pem,
                       i == 0 ? ca.pem : other.pem);
        write_file("roots.pem", text);
        begin_at("localhost", start_server(IN_ONE_SEGMENT));
        segjob_posix_free(&posix);
        assert_int_equal(
            segjob_posix_init(&posix, path_of("roots.pem"), &credentials),
            SEGJOB_OK);
        assert_int_equal(run_once(), SEGJOB_OK);
        segjob_posix_free(&posix);
    }
    peer_free_identity(&other);
}

#if defined(MBEDTLS_X509_TRUSTED_CERTIFICATE_CALLBACK)

/* Each of the system's roots is found by its name. */
static void compare_roots(const mbedtls_x509_crt *theirs)
{
    assert_true(count_chain(theirs) > 10);
    for (; theirs != NULL; theirs = theirs->next) {
        mbedtls_x509_crt *found = find_roots(&theirs->subject_raw);
        const mbedtls_x509_crt *ours = found;

        while (ours != NULL &&
               (ours->raw.len != theirs->raw.len ||
                memcmp(ours->raw.p, theirs->raw.p, ours->raw.len) != 0)) {
            ours = ours->next;
        }
        assert_non_null(ours);
        free_found(found);
    }
}

static void test_lookup_failures_are_reported(void **state)
{
    mbedtls_x509_crt *found = NULL;
    int none = -1;

    (void)state;
    init_posix();
    assert_int_equal(posix.tls.lookup.find(&none, &host.crt, &found),
                     MBEDTLS_ERR_X509_FILE_IO_ERROR);
    assert_null(found);
    inject.has_no_memory = true;
    assert_int_equal(
        posix.tls.lookup.find(posix.tls.lookup.arg, &host.crt, &found),
        MBEDTLS_ERR_X509_ALLOC_FAILED);
    inject.has_no_memory = false;
    assert_null(found);
    ca.crt.subject_raw.p[ca.crt.subject_raw.len - 1] ^= 1; /* another name */
    assert_null(find_roots(&ca.crt.subject_raw));
    ca.crt.subject_raw.p[ca.crt.subject_raw.len - 1] ^= 1;
    segjob_posix_free(&posix);
}

/* A session is valid for the same roots, in memory or in a file. */
static void test_a_session_of_other_files_is_refused(void **state)
{
    unsigned char saved[4096];
    char text[8192];
    int in, out;
    size_t n;

    (void)state;
    begin_at("localhost",
             start_openssl("-tls1_2", NULL, "host", HEAD BODY, &in, &out));
    assert_int_equal(run_once(), SEGJOB_OK);
    segjob_disconnect(&posix.port);
    n = segjob_tls_save_session(&posix.tls, saved, sizeof(saved));
    segjob_posix_free(&posix);
    (void)close(in);
    (void)close(out);
    assert_true(n > 0 && n <= sizeof(saved));
    assert_int_equal(segjob_posix_init_with(&posix, &ca.crt, &credentials),
                     SEGJOB_OK);
    assert_true(segjob_tls_load_session(&posix.tls, saved, n));
    segjob_posix_free(&posix);
    (void)snprintf(text, sizeof(text), "%s%s", ca.pem, host.pem);
    write_file("roots.pem", text);
    assert_int_equal(
        segjob_posix_init(&posix, path_of("roots.pem"), &credentials),
        SEGJOB_OK);
    assert_false(segjob_tls_load_session(&posix.tls, saved, n));
    write_file("roots.pem", ca.pem); /* the file is read again */
    assert_true(segjob_tls_load_session(&posix.tls, saved, n));
    segjob_posix_free(&posix);
}

#else

/* In the same order. */
static void compare_roots(const mbedtls_x509_crt *theirs)
{
    const mbedtls_x509_crt *ours = &posix.roots.chain;

    assert_true(count_roots() > 10);
    for (; theirs != NULL; theirs = theirs->next) {
        assert_non_null(ours);
        assert_int_equal(ours->raw.len, theirs->raw.len);
        assert_memory_equal(ours->raw.p, theirs->raw.p, theirs->raw.len);
        ours = ours->next;
    }
    assert_null(ours);
}

#endif

/* The same certificates as mbedTLS's own reader reads. */
static void test_the_systems_certificates(void **state)
{
    static const char bundle[] = "/etc/ssl/certs/ca-certificates.crt";
    mbedtls_x509_crt chain;

    (void)state;
    mbedtls_x509_crt_init(&chain);
    if (mbedtls_x509_crt_parse_file(&chain, bundle) < 0) {
        print_message("no %s here\n", bundle);
        skip();
    }
    assert_int_equal(segjob_posix_init(&posix, NULL, &credentials), SEGJOB_OK);
    compare_roots(&chain);
    mbedtls_x509_crt_free(&chain);
    segjob_posix_free(&posix);
}

static void test_an_unfit_ca_is_reported(void **state)
{
    (void)state;
    begin_at("localhost", start_server(SILENT));
    segjob_posix_free(&posix);
    assert_int_equal(
        segjob_posix_init(&posix, path_of("clients.pem"), &credentials),
        SEGJOB_OK);
    assert_int_equal(segjob_run(&client, &posix.port, GENEROUS_MS),
                     SEGJOB_CERTIFICATE);
    assert_non_null(strstr(posix.port.error.message, "trusted authority"));
    assert_int_equal(segjob_get_outcome(&client), SEGJOB_NOT_SENT);
    segjob_posix_free(&posix);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, before, after)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_two_records_in_one_segment_then_silence),
        TEST(test_localhost_needs_no_resolver),
        TEST(test_jobs_over_one_connection),
        TEST(test_a_byte_at_a_time_with_interruptions),
        TEST(test_a_response_until_close_needs_a_close_notify),
        TEST(test_silence_is_a_time_out),
        TEST(test_a_peer_that_closes_at_once),
        TEST(test_an_event_loop_can_own_the_descriptor),
        TEST(test_openssl_as_peer),
        TEST(test_openssl_resumes_sessions),
        TEST(test_nothing_older_than_tls_1_2),
        TEST(test_a_certificate_for_clients_is_refused),
#if defined(LINE_HAS_ADDRESSES)
        TEST(test_an_address_as_host),
#else
        TEST(test_an_address_as_host_is_refused),
#endif
        TEST(test_openssl_accepts_the_device),
        TEST(test_openssl_refuses_the_device),
        TEST(test_files_without_an_identity_are_reported),
        TEST(test_no_identity_in_a_connection),
#if defined(MBEDTLS_PK_RSA_ALT_SUPPORT)
        TEST(test_a_key_used_through_functions),
#endif
#if defined(LINE_HAS_OPAQUE_KEYS)
        TEST(test_a_key_that_stays_inside_psa),
#endif
        TEST(test_openssls_pins_are_ours),
        TEST(test_clocks),
        TEST(test_random_bytes),
        TEST(test_names_and_numbers_are_resolved),
        TEST(test_families_take_turns),
        TEST(test_a_name_that_is_not_there),
        TEST(test_files_without_certificates_are_refused),
        TEST(test_readable_certificates_are_used),
        TEST(test_a_certificate_at_every_offset),
        TEST(test_a_file_of_der),
        TEST(test_roots_in_memory),
        TEST(test_two_ports_share_roots),
        TEST(test_a_folder_of_certificates),
        TEST(test_two_roots_of_one_name),
#if defined(MBEDTLS_X509_TRUSTED_CERTIFICATE_CALLBACK)
        TEST(test_lookup_failures_are_reported),
        TEST(test_a_session_of_other_files_is_refused),
#endif
        TEST(test_the_systems_certificates),
        TEST(test_an_unfit_ca_is_reported),
    };

    return cmocka_run_group_tests(tests, make_all, free_all);
}
