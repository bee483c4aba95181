/*
 * Run a fuzz target over files, and over all files of folders:
 *
 *     replay FILE|FOLDER...
 *
 * A missing folder counts as empty. If a run ends the program, the name of its
 * file is printed.
 */
#define _POSIX_C_SOURCE 200809L
#define _FILE_OFFSET_BITS 64 /* 32-bit systems have files with longer inodes */

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz.h"

static char current[4096];
static unsigned long inputs;

static void die(const char *name)
{
    fprintf(stderr, "%s: %s\n", name, strerror(errno));
    exit(2);
}

static void print_current(int number)
{
    static const char text[] = "the input is ";
    ssize_t ignored = write(2, text, sizeof(text) - 1);

    ignored = write(2, current, strlen(current));
    ignored = write(2, "\n", 1);
    (void)ignored;
    signal(number, SIG_DFL);
    raise(number);
}

static void replay_file(const char *name, size_t size)
{
    uint8_t *bytes = malloc(size + (size == 0)); /* not a byte too many */
    FILE *file = fopen(name, "rb");

    if (bytes == NULL || file == NULL) {
        die(name);
    }
    if (fread(bytes, 1, size, file) != size) {
        die(name);
    }
    fclose(file);
    LLVMFuzzerTestOneInput(bytes, size);
    inputs++;
    free(bytes);
}

static void replay(const char *name)
{
    struct stat about;

    if (stat(name, &about) != 0 || !S_ISREG(about.st_mode)) {
        die(name);
    }
    snprintf(current, sizeof(current), "%s", name);
    replay_file(name, (size_t)about.st_size);
}

static void replay_folder(const char *name, DIR *folder)
{
    char path[sizeof(current)];
    struct dirent *entry;

    errno = 0;
    while ((entry = readdir(folder)) != NULL) {
        if (entry->d_name[0] != '.') {
            snprintf(path, sizeof(path), "%s/%s", name, entry->d_name);
            replay(path);
        }
        errno = 0;
    }
    if (errno != 0) {
        die(name);
    }
    closedir(folder);
}

int main(int argc, char **argv)
{
    signal(SIGABRT, print_current);
    for (int i = 1; i < argc; i++) {
        DIR *folder = opendir(argv[i]);

        if (folder != NULL) {
            replay_folder(argv[i], folder);
        } else if (errno == ENOTDIR) {
            replay(argv[i]);
        } else if (errno != ENOENT) {
            die(argv[i]);
        }
    }
    printf("%lu inputs\n", inputs);
    return inputs > 0 ? 0 : 1;
}
