// Patient records: what a line of a hospital's file becomes.
#ifndef RECORDS_H
#define RECORDS_H

enum { MAX_RECORDS = 5000, MAX_HOSPITALS = 8, FEATURES = 23 };

// One patient. A feature that the hospital did not record is NAN.
struct record {
    double feature[FEATURES];
    int ill;       // 1 if an artery is narrowed by more than half (num > 0), else 0
    int hospital;  // index of the file that it came from
};

struct feature {
    const char *name;  // in model.json
    const char *label; // in report.txt
    int binary;        // 1: takes 0 or 1 only
};

extern const struct feature features[FEATURES];

// Appends the records of /in/<name> to `records` and returns the new count.
// Ends the program with a message if the file is not what it should be. The message names
// the file and the line, never a value from it.
int read_hospital(const char *name, int hospital, struct record *records, int count);

#endif
