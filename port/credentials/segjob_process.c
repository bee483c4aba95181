#define _XOPEN_SOURCE 700

#include "segjob_process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "segjob_text.h"
#include "sj_message.h"
#include "sj_words.h"

extern char **environ;

/* The words of a command, for the time of one call. */
struct command {
    char room[SEGJOB_PROCESS_COMMAND];
    char *words[SEGJOB_PROCESS_WORDS];
};

static const char *split(struct command *command, const char *text)
{
    return sj_words_split(text, command->room, sizeof(command->room),
                          command->words, SEGJOB_PROCESS_WORDS);
}

static struct segjob_process *as_process(struct segjob_source *s)
{
    return (struct segjob_process *)s; /* its first member */
}

/* "the program cannot be started: No such file or directory" */
static enum segjob_io fail(struct segjob_process *p, const char *what,
                           const char *why)
{
    p->error[0] = '\0';
    sj_message_add(p->error, sizeof(p->error), what);
    sj_message_add(p->error, sizeof(p->error), why);
    p->source.error = p->error;
    return SEGJOB_IO_FAILED;
}

static enum segjob_io fail_by(struct segjob_process *p, const char *what,
                              int number)
{
    (void)fail(p, what, "");
    sj_message_add_number(p->error, sizeof(p->error), (unsigned)number);
    return SEGJOB_IO_FAILED;
}

/* ------------------------------------------------------------------- start */

/* No end leaks into programs that are started later. One that another thread
 * starts meanwhile may get both, and delay the end of the output. */
static bool open_pipe(int ends[2])
{
    if (pipe(ends) != 0) {
        return false;
    }
    (void)fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    (void)fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    (void)fcntl(ends[0], F_SETFL, O_NONBLOCK);
    return true;
}

/* What the program has as standard input and output. Returns 0, or an errno. */
static int set_files(posix_spawn_file_actions_t *files, int output)
{
    const int code =
        posix_spawn_file_actions_addopen(files, 0, "/dev/null", O_RDONLY, 0);

    return code != 0 ? code
                     : posix_spawn_file_actions_adddup2(files, output, 1);
}

/* Returns 0, or an errno. */
static int spawn(struct segjob_process *p, char **words, int output)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t signals;
    int code = posix_spawn_file_actions_init(&files);

    if (code != 0) {
        return code;
    }
    code = posix_spawnattr_init(&attributes);
    if (code == 0) {
        (void)sigemptyset(&signals);
        (void)posix_spawnattr_setsigmask(&attributes, &signals);
        (void)sigaddset(&signals, SIGPIPE); /* which callers often ignore */
        (void)sigaddset(&signals, SIGXFSZ);
        (void)posix_spawnattr_setsigdefault(&attributes, &signals);
        (void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF |
                                                        POSIX_SPAWN_SETSIGMASK);
        code = set_files(&files, output);
        if (code == 0) {
            code = posix_spawnp(&p->pid, words[0], &files, &attributes, words,
                                environ);
        }
        (void)posix_spawnattr_destroy(&attributes);
    }
    (void)posix_spawn_file_actions_destroy(&files);
    return code;
}

static enum segjob_io begin(struct segjob_source *s, struct segjob_port *port)
{
    struct segjob_process *p = as_process(s);
    struct command command;
    int ends[2], code;

    p->pid = 0;
    p->len = 0;
    p->deadline_ms = port->platform->monotonic_ms(port->platform) +
                     SEGJOB_PROCESS_TIMEOUT_MS;
    (void)split(&command, p->command); /* which init has tried */
    code = open_pipe(ends) ? 0 : errno;
    if (code == 0) {
        p->output = ends[0];
        code = spawn(p, command.words, ends[1]);
        (void)close(ends[1]);
    }
    segjob_wipe_bytes(&command, sizeof(command)); /* it may have a password */
    if (code != 0) {
        p->pid = 0;
        return fail(p, "the program cannot be started: ", strerror(code));
    }
    return SEGJOB_IO_WOULD_BLOCK;
}

/* ------------------------------------------------------------------ output */

static enum segjob_io wait_longer(struct segjob_process *p,
                                  struct segjob_port *port)
{
    return port->platform->monotonic_ms(port->platform) < p->deadline_ms
               ? SEGJOB_IO_WOULD_BLOCK
               : fail(p, "the program took too long", "");
}

/* What was printed is read only if the program says that it succeeded. */
static enum segjob_io read_printed(struct segjob_process *p, int status)
{
    enum segjob_io io;

    if (WIFSIGNALED(status)) {
        return fail_by(p, "the program was ended by signal ", WTERMSIG(status));
    }
    if (WEXITSTATUS(status) != 0) {
        return fail_by(p, "the program exited with status ",
                       WEXITSTATUS(status));
    }
    io = segjob_source_read(&p->source, p->len);
    return io == SEGJOB_IO_FAILED &&
                   segjob_get_status(&p->source.client) == SEGJOB_PROTOCOL &&
                   segjob_get_error(&p->source.client)->rule == SEGJOB_RULE_NONE
               ? fail(p, "the program did not print JSON with Version 1", "")
               : io;
}

/* After the end of its output the program may take time to exit. */
static enum segjob_io reap(struct segjob_process *p, struct segjob_port *port)
{
    int status = 0;
    const pid_t pid = waitpid(p->pid, &status, WNOHANG);

    if (pid == 0 || (pid < 0 && errno == EINTR)) {
        return wait_longer(p, port);
    }
    p->pid = 0;
    return pid > 0 ? read_printed(p, status)
                   : fail(p, "the program's exit status is not known: ",
                          strerror(errno));
}

static enum segjob_io resume(struct segjob_source *s, struct segjob_port *port)
{
    struct segjob_process *p = as_process(s);
    size_t cap;
    char *room = segjob_source_room(s, &cap);
    ssize_t n;

    while (p->len < cap) {
        n = read(p->output, room + p->len, cap - p->len);
        if (n == 0) {
            return reap(p, port);
        }
        if (n < 0) {
            return errno == EAGAIN || errno == EINTR
                       ? wait_longer(p, port)
                       : fail(p, "reading what the program prints: ",
                              strerror(errno));
        }
        p->len += (size_t)n;
    }
    return fail(p, "the program printed too much", "");
}

static void end(struct segjob_source *s)
{
    struct segjob_process *p = as_process(s);

    if (p->output >= 0) {
        (void)close(p->output);
    }
    p->output = -1;
    /* A program of another user cannot be killed, and is not waited for. */
    if (p->pid > 0 && kill(p->pid, SIGKILL) == 0) {
        while (waitpid(p->pid, NULL, 0) < 0 && errno == EINTR) {
        }
    }
    p->pid = 0;
}

static const struct segjob_source_way way = {begin, resume, end};
static const struct segjob_source_kind kind = {
    .name = "credential_process",
    .format = SEGJOB_FORMAT_PROCESS,
    .way = &way,
};

enum segjob_status segjob_process_init(struct segjob_process *process,
                                       const char *command, void *buf,
                                       size_t cap)
{
    /* The client needs a configuration; it connects to nothing. */
    const struct segjob_config nowhere = {.host = SEGJOB_STR("localhost")};
    struct command words;
    const char *flaw = split(&words, command);

    segjob_wipe_bytes(&words, sizeof(words));
    segjob_source_init(&process->source, &kind, &nowhere, buf, cap);
    process->command = command;
    process->output = -1;
    process->pid = 0;
    if (flaw != NULL) {
        char why[64] = "the command ";

        sj_message_add(why, sizeof(why), flaw);
        return segjob_source_refuse(&process->source, why);
    }
    return segjob_source_check(&process->source);
}
