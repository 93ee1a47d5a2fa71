// Holds its inputs in memory and works on them until it is killed: what a memory dump is aimed at.
//
//   hold NAME...     reads each /in/NAME whole, then sums their bytes for ever
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv) {
    size_t length = 0, room = 1 << 20;
    char *data = malloc(room);
    for (int i = 1; i < argc && data; i++) {
        char path[80] = "/in/";
        if (strlen(argv[i]) > 64) return 1;
        FILE *file = fopen(strcat(path, argv[i]), "rb");
        if (!file) return 1;
        for (size_t got; (got = fread(data + length, 1, room - length, file)) > 0;) {
            length += got;
            if (length == room && !(data = realloc(data, room *= 2))) return 1;
        }
        fclose(file);
    }
    volatile unsigned long sum = 0;
    for (;;)
        for (size_t i = 0; i < length; i++) sum += (unsigned char)data[i];
}
