// Three hospitals, one model: who has coronary heart disease?
//
//   heart HOSPITAL...      reads /in/HOSPITAL of each, writes /out/report.txt and /out/model.json
//
// What leaves this program: one model fitted to all records, and figures about whole hospitals
// and about bands of at least SMALLEST_GROUP patients. No record and no prediction for a patient.
// It reads no clock and no random numbers, so the same inputs give the same bytes everywhere.
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "model.h"
#include "records.h"

enum { FOLDS = 10, SMALLEST_GROUP = 10, BANDS = 5 };

static struct record records[MAX_RECORDS];
static int count, hospitals;
static char **names;

// ---- Evaluation: every patient is judged by models that never saw that patient ----

static unsigned char fold[MAX_RECORDS];

// Deals the patients into FOLDS parts of equal make-up: each hospital's ill and healthy
// patients are shuffled (splitmix64 from a fixed seed) and dealt out in turn.
static void deal_folds(void) {
    uint64_t state = 1988;
    int next = 0;
    for (int group = 0; group < 2 * hospitals; group++) {
        static int member[MAX_RECORDS];
        int size = 0;
        for (int i = 0; i < count; i++)
            if (records[i].hospital == group / 2 && records[i].ill == group % 2) member[size++] = i;
        if (size < FOLDS) {
            fprintf(stderr, "%s: at least %d ill and %d healthy patients are needed\n", names[group / 2], FOLDS, FOLDS);
            exit(2);
        }
        for (int i = size - 1; i > 0; i--) {
            uint64_t z = state += 0x9e3779b97f4a7c15;
            z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
            z = (z ^ z >> 27) * 0x94d049bb133111eb;
            int j = (int)((z ^ z >> 31) % (uint64_t)(i + 1)), swap = member[i];
            member[i] = member[j];
            member[j] = swap;
        }
        for (int i = 0; i < size; i++) fold[member[i]] = (unsigned char)(next++ % FOLDS);
    }
}

// Whose records a model learns from when it judges hospital h.
enum teacher { ALL, OTHERS, OWN };

// Fills chance[i] for the patients of hospital h. ALL and OWN leave out the patient's fold;
// OTHERS leaves out the whole hospital.
static void judge(int h, enum teacher teacher, double *chance) {
    static char use[MAX_RECORDS];
    for (int part = 0; part < (teacher == OTHERS ? 1 : FOLDS); part++) {
        struct model model;
        for (int i = 0; i < count; i++) {
            int own = records[i].hospital == h;
            use[i] = teacher == OTHERS ? !own : fold[i] != part && (own || teacher == ALL);
        }
        fit(&model, records, use, count);
        for (int i = 0; i < count; i++)
            if (records[i].hospital == h && (teacher == OTHERS || fold[i] == part)) chance[i] = predict(&model, &records[i]);
    }
}

struct score { int patients, ill; double accuracy, auc, auc_error, brier, expected; };

// Scores the predictions for hospital h, or for all hospitals if h is -1.
static struct score score(int h, const double *chance) {
    struct score s = {0};
    double wins = 0;
    for (int i = 0; i < count; i++) {
        if (h >= 0 && records[i].hospital != h) continue;
        s.patients++;
        s.ill += records[i].ill;
        s.accuracy += (chance[i] >= 0.5) == records[i].ill;
        s.brier += (chance[i] - records[i].ill) * (chance[i] - records[i].ill);
        s.expected += chance[i];
        for (int j = 0; records[i].ill && j < count; j++) // AUC: is an ill patient ranked above a healthy one?
            if (!records[j].ill && (h < 0 || records[j].hospital == h))
                wins += chance[i] > chance[j] ? 1 : chance[i] == chance[j] ? 0.5 : 0;
    }
    double healthy = s.patients - s.ill, a = wins / (s.ill * healthy);
    double q1 = a / (2 - a) - a * a, q2 = 2 * a * a / (1 + a) - a * a; // Hanley and McNeil 1982
    s.auc = a;
    s.auc_error = sqrt((a * (1 - a) + (s.ill - 1) * q1 + (healthy - 1) * q2) / (s.ill * healthy));
    s.accuracy /= s.patients;
    s.brier /= s.patients;
    s.expected /= s.patients;
    return s;
}

// ---- Report ----

static void write_scores(FILE *out, double (*chance)[MAX_RECORDS]) {
    fputs("1. Does it tell ill from healthy?\n\n"
          "AUC (0.5 = coin toss, 1 = always right) +- standard error, and the share judged rightly.\n"
          "\"guess\" is the share that is right without looking, by always naming the commoner answer.\n\n"
          "                                taught by all       taught by others    taught by itself\n"
          "tested on     patients  guess   AUC         right   AUC         right   AUC         right\n", out);
    for (int h = 0; h < hospitals; h++) {
        struct score s[3];
        for (int t = ALL; t <= OWN; t++) s[t] = score(h, chance[t]);
        fprintf(out, "%-14.14s %6d  %5.3f ", names[h], s[0].patients, fmax(s[0].ill, s[0].patients - s[0].ill) / s[0].patients);
        for (int t = ALL; t <= OWN; t++) fprintf(out, "  %.3f+-%.3f %.3f", s[t].auc, s[t].auc_error, s[t].accuracy);
        fputs("\n", out);
    }
    fputs("\nall:    10-fold cross-validation over the joint records, each fold mixed alike from every hospital\n"
          "others: the tested hospital gave no record at all to its model\n"
          "itself: the same folds, but only the tested hospital's own records\n\n", out);
}

static void write_calibration(FILE *out, const double *chance) {
    fputs("2. Can its percentages be believed? (taught by all)\n\n"
          "predicted chance   patients   mean predicted   really ill\n", out);
    for (int band = 0; band < BANDS; band++) {
        int patients = 0, ill = 0;
        double sum = 0;
        for (int i = 0; i < count; i++) {
            if ((int)fmin(chance[i] * BANDS, BANDS - 1) != band) continue;
            patients++;
            ill += records[i].ill;
            sum += chance[i];
        }
        fprintf(out, "  %3d%% to %3d%%  ", band * 100 / BANDS, (band + 1) * 100 / BANDS);
        if (patients < SMALLEST_GROUP) fprintf(out, "  fewer than %d: not shown\n", SMALLEST_GROUP);
        else fprintf(out, "%11d %13.1f%% %13.1f%%\n", patients, 100 * sum / patients, 100.0 * ill / patients);
    }
    struct score s = score(-1, chance);
    fprintf(out, "all            %11d %13.1f%% %13.1f%%   Brier score %.3f (0 is perfect)\n\n", s.patients, 100 * s.expected,
            100.0 * s.ill / s.patients, s.brier);
}

static void write_odds(FILE *out, const struct model *m) {
    fputs("3. What speaks for illness? (one model, all records)\n\n"
          "Odds ratio: how the odds of illness change for \"yes\", or for one standard deviation more,\n"
          "with everything else equal. Intervals are approximate: the penalty draws weights toward 0.\n\n"
          "                                  odds ratio   95% interval      for\n", out);
    for (int f = 0; f < FEATURES; f++) {
        double unit = features[f].binary ? m->scale[f] : 1, w = m->weight[f] / unit, e = 1.96 * m->error[f] / unit;
        fprintf(out, "%-32s %9.2f     %5.2f to %6.2f   ", features[f].label, exp(w), exp(w - e), exp(w + e));
        if (features[f].binary) fputs("yes\n", out);
        else fprintf(out, "+%.1f\n", m->scale[f]);
    }
}

static void write_report(const struct model *m, double (*chance)[MAX_RECORDS]) {
    FILE *out = fopen("/out/report.txt", "w");
    if (!out) { fputs("report.txt cannot be written\n", stderr); exit(4); }
    fprintf(out, "CORONARY HEART DISEASE: ONE MODEL FROM %d HOSPITALS\n\n%d patients. ", hospitals, count);
    fprintf(out, "Logistic regression, %d features, L2 penalty %.1f. Research only: not for use on patients.\n\n", FEATURES, PENALTY);
    write_scores(out, chance);
    write_calibration(out, chance[ALL]);
    write_odds(out, m);
    if (fclose(out)) { fputs("report.txt cannot be written\n", stderr); exit(4); }
}

// ---- Model file ----

static void write_model(const struct model *m, double (*chance)[MAX_RECORDS]) {
    static const char *const TEACHER[] = {"all", "others", "itself"};
    FILE *out = fopen("/out/model.json", "w");
    if (!out) { fputs("model.json cannot be written\n", stderr); exit(4); }
    fprintf(out, "{\n  \"model\": \"logistic-regression\",\n  \"patients\": %d,\n  \"penalty\": %.1f,\n  \"bias\": %.9g,\n  \"features\": [\n",
            count, PENALTY, m->bias);
    for (int f = 0; f < FEATURES; f++)
        fprintf(out, "    {\"name\": \"%s\", \"mean\": %.9g, \"scale\": %.9g, \"weight\": %.9g, \"error\": %.9g}%s\n", features[f].name,
                m->mean[f], m->scale[f], m->weight[f], m->error[f], f < FEATURES - 1 ? "," : "");
    fputs("  ],\n  \"evaluation\": [\n", out);
    for (int h = 0; h < hospitals; h++)
        for (int t = ALL; t <= OWN; t++) {
            struct score s = score(h, chance[t]);
            fprintf(out, "    {\"tested_on\": \"%s\", \"taught_by\": \"%s\", \"patients\": %d, \"accuracy\": %.6f, \"auc\": %.6f, \"auc_error\": %.6f, \"brier\": %.6f}%s\n",
                    names[h], TEACHER[t], s.patients, s.accuracy, s.auc, s.auc_error, s.brier, h < hospitals - 1 || t < OWN ? "," : "");
        }
    fputs("  ]\n}\n", out);
    if (fclose(out)) { fputs("model.json cannot be written\n", stderr); exit(4); }
}

int main(int argc, char **argv) {
    static double chance[3][MAX_RECORDS];
    static char use[MAX_RECORDS];
    struct model model;
    hospitals = argc - 1;
    names = argv + 1;
    if (hospitals < 2 || hospitals > MAX_HOSPITALS) {
        fprintf(stderr, "give the names of 2 to %d inputs, one for each hospital\n", MAX_HOSPITALS);
        return 1;
    }
    for (int h = 0; h < hospitals; h++) count = read_hospital(names[h], h, records, count);
    deal_folds();
    for (int t = ALL; t <= OWN; t++)
        for (int h = 0; h < hospitals; h++) judge(h, t, chance[t]);
    for (int i = 0; i < count; i++) use[i] = 1;
    fit(&model, records, use, count);
    write_report(&model, chance);
    write_model(&model, chance);
    return 0;
}
