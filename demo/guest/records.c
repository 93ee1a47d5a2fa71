// Reads /in/<hospital>: CSV with the header below, `?` for a value that is not known.
#include "records.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { AGE, SEX, CP, TRESTBPS, CHOL, FBS, RESTECG, THALACH, EXANG, OLDPEAK, SLOPE, CA, THAL, NUM, COLUMNS };

static const char HEADER[] = "age,sex,cp,trestbps,chol,fbs,restecg,thalach,exang,oldpeak,slope,ca,thal,num";

// What a column may hold. Anything else is a mistake in the file, and a mistake ends the run.
static const struct { double low, high; int whole, required; } RANGE[COLUMNS] = {
    [AGE] = {1, 120, 1, 1},     [SEX] = {0, 1, 1, 1},      [CP] = {1, 4, 1, 1},
    [TRESTBPS] = {0, 300, 0, 0}, [CHOL] = {0, 1000, 0, 0}, [FBS] = {0, 1, 1, 0},
    [RESTECG] = {0, 2, 1, 0},   [THALACH] = {30, 250, 0, 0}, [EXANG] = {0, 1, 1, 0},
    [OLDPEAK] = {-10, 10, 0, 0}, [SLOPE] = {1, 3, 1, 0},   [CA] = {0, 3, 1, 0},
    [THAL] = {3, 7, 1, 0},      [NUM] = {0, 4, 1, 1},
};

const struct feature features[FEATURES] = {
    {"age", "age", 0},
    {"male", "male", 1},
    {"chest_pain_atypical", "chest pain: atypical angina", 1},
    {"chest_pain_other", "chest pain: not angina", 1},
    {"chest_pain_none", "chest pain: none", 1},
    {"blood_pressure", "blood pressure at rest", 0},
    {"cholesterol", "cholesterol", 0},
    {"fasting_sugar_high", "fasting sugar over 120 mg/dl", 1},
    {"ecg_st_t", "ECG at rest: ST-T abnormal", 1},
    {"ecg_hypertrophy", "ECG at rest: hypertrophy", 1},
    {"max_heart_rate", "highest heart rate", 0},
    {"exercise_angina", "angina under exercise", 1},
    {"st_depression", "ST depression under exercise", 0},
    {"st_slope_flat", "ST slope: flat", 1},
    {"st_slope_down", "ST slope: falling", 1},
    {"vessels", "major vessels coloured (0-3)", 0},
    {"thallium_fixed", "thallium scan: fixed defect", 1},
    {"thallium_reversible", "thallium scan: reversible", 1},
    {"cholesterol_missing", "(cholesterol not known)", 1},
    {"exercise_missing", "(no exercise test)", 1},
    {"slope_missing", "(ST slope not known)", 1},
    {"vessels_missing", "(vessels not known)", 1},
    {"thallium_missing", "(no thallium scan)", 1},
};

static void malformed(const char *name, int line, const char *what) {
    fprintf(stderr, "%s, line %d: %s\n", name, line, what);
    exit(2);
}

// 1 or 0 for "the column has this value", NAN if the column is not known.
static double is(double column, double value) {
    return isnan(column) ? NAN : column == value;
}

static void set_features(double *f, const double *c) {
    int i = 0;
    f[i++] = c[AGE];
    f[i++] = c[SEX];
    f[i++] = is(c[CP], 2);
    f[i++] = is(c[CP], 3);
    f[i++] = is(c[CP], 4);
    f[i++] = c[TRESTBPS];
    f[i++] = c[CHOL];
    f[i++] = c[FBS];
    f[i++] = is(c[RESTECG], 1);
    f[i++] = is(c[RESTECG], 2);
    f[i++] = c[THALACH];
    f[i++] = c[EXANG];
    f[i++] = c[OLDPEAK];
    f[i++] = is(c[SLOPE], 2);
    f[i++] = is(c[SLOPE], 3);
    f[i++] = c[CA];
    f[i++] = is(c[THAL], 6);
    f[i++] = is(c[THAL], 7);
    f[i++] = isnan(c[CHOL]);
    f[i++] = isnan(c[THALACH]);
    f[i++] = isnan(c[SLOPE]);
    f[i++] = isnan(c[CA]);
    f[i++] = isnan(c[THAL]);
}

// Splits one line at its commas. Fewer or more than 14 fields, text that is no number, and
// numbers out of range are all refused.
static void parse_line(const char *name, int line, char *text, double *column) {
    for (int c = 0; c < COLUMNS; c++) {
        char *end = text + strcspn(text, ",");
        if ((*end == ',') != (c < COLUMNS - 1)) malformed(name, line, "not 14 fields");
        *end = 0;
        if (strcmp(text, "?") == 0) {
            if (RANGE[c].required) malformed(name, line, "age, sex, cp and num must be known");
            column[c] = NAN;
        } else {
            char *rest;
            double value = strtod(text, &rest);
            if (rest == text || *rest) malformed(name, line, "a field is neither a number nor `?`");
            if (!(value >= RANGE[c].low && value <= RANGE[c].high) || (RANGE[c].whole && value != floor(value)))
                malformed(name, line, "a value is out of its range");
            if (c == THAL && (value == 4 || value == 5)) malformed(name, line, "thal is 3, 6 or 7");
            column[c] = value;
        }
        text = end + 1;
    }
    // No living patient has a blood pressure or cholesterol of 0: these hospitals wrote 0 for "not measured".
    if (column[TRESTBPS] == 0) column[TRESTBPS] = NAN;
    if (column[CHOL] == 0) column[CHOL] = NAN;
}

int read_hospital(const char *name, int hospital, struct record *records, int count) {
    char path[80], text[256];
    int line = 0;
    if (snprintf(path, sizeof path, "/in/%s", name) >= (int)sizeof path) malformed(name, 0, "the name is too long");
    FILE *file = fopen(path, "r");
    if (!file) malformed(name, 0, "cannot be opened");
    while (fgets(text, sizeof text, file)) {
        line++;
        size_t length = strcspn(text, "\r\n");
        if (length == sizeof text - 1) malformed(name, line, "the line is too long");
        text[length] = 0;
        if (line == 1) {
            if (strcmp(text, HEADER) != 0) malformed(name, line, "the header is not the expected one");
            continue;
        }
        if (count == MAX_RECORDS) malformed(name, line, "too many records");
        double column[COLUMNS];
        parse_line(name, line, text, column);
        set_features(records[count].feature, column);
        records[count].ill = column[NUM] > 0;
        records[count].hospital = hospital;
        count++;
    }
    if (ferror(file)) malformed(name, line, "cannot be read");
    fclose(file);
    return count;
}
