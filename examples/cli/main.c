#include "create.h"
#include "follow.h"
#include "help.h"
#include "list.h"
#include "options.h"
#include "output.h"
#include "segjob.h"
#include "skeleton.h"
#include "text.h"
#include "watch.h"

static int print_help(enum command command)
{
    help_print(command);
    return output_end("");
}

static int print_version(void)
{
    char text[48];
    const size_t n = text_format(text, sizeof(text), "segjob %d.%d.%d\n",
                                 SEGJOB_VERSION_MAJOR, SEGJOB_VERSION_MINOR,
                                 SEGJOB_VERSION_PATCH);

    print_bytes(text, n);
    return output_end("");
}

static int run(struct session *s, const struct options *options)
{
    if (options->value[OPTION_SKELETON] && !options_want_sample(options)) {
        return skeleton_print_input(options->command);
    }
    if (options->command & (CREATE | API_CREATE)) {
        return create(s, options);
    }
    return options->command & (LIST | API_LIST) ? list(s, options)
                                                : follow(s, options);
}

int main(int argc, char *argv[])
{
    static struct options options;
    struct session *session = session_new();
    int code = output_begin();

    watch_signals();
    code = code ? code : options_read(argc, argv, &options);
    if (code) {
        return code;
    }
    if (options.value[OPTION_HELP]) {
        return print_help(options.command);
    }
    if (options.value[OPTION_VERSION]) {
        return print_version();
    }
    if (options.command == NO_COMMAND) {
        return fail(EXIT_PARAMETER, "usage: segjob COMMAND [options]; `segjob "
                                    "help` lists the commands");
    }
    if (options.value[OPTION_DEBUG]) {
        debug_begin();
    }
    code = run(session, &options);
    return session_end(session, code);
}
