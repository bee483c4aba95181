#include <stdio.h>
#include <string.h>

#include "create.h"
#include "help.h"
#include "options.h"
#include "output.h"
#include "segjob.h"
#include "watch.h"

static int print(const char *text)
{
    print_bytes(text, strlen(text));
    return output_end() ? EXIT_DONE
                        : fail(EXIT_OTHER, "cannot write to standard output");
}

static int print_version(void)
{
    char line[40];

    snprintf(line, sizeof(line), "segjob %d.%d.%d\n", SEGJOB_VERSION_MAJOR,
             SEGJOB_VERSION_MINOR, SEGJOB_VERSION_PATCH);
    return print(line);
}

int main(int argc, char *argv[])
{
    static struct options options;
    int code;

    if (!output_begin()) {
        return fail(EXIT_OTHER, "standard output is closed");
    }
    watch_signals();
    code = options_read(argc, argv, &options);
    if (code) {
        return code;
    }
    if (options.value[OPTION_HELP]) {
        return print(help_text(options.create));
    }
    if (options.value[OPTION_VERSION]) {
        return print_version();
    }
    if (!options.create) {
        return fail(EXIT_PARAMETER,
                    "usage: segjob create [options]; see segjob --help");
    }
    if (options.value[OPTION_DEBUG]) {
        debug_begin();
    }
    return create(&options);
}
