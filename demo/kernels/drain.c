// Reads an input to its end and keeps nothing, for measuring what streaming one costs.
//
//   drain NAME
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static char buffer[1 << 16];

int main(int argc, char **argv) {
    char path[80] = "/in/";
    if (argc < 2 || strlen(argv[1]) > 64) return 1;
    int file = open(strcat(path, argv[1]), O_RDONLY);
    if (file < 0) return 1;
    ssize_t found;
    while ((found = read(file, buffer, sizeof buffer)) > 0) {}
    return found != 0;
}
