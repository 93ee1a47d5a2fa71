// Penalised logistic regression by Newton's method (iteratively reweighted least squares).
#include "model.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIZE = FEATURES + 1 }; // the weights and the bias

static double standardised(const struct model *m, const struct record *r, int f) {
    double value = isnan(r->feature[f]) ? m->mean[f] : r->feature[f];
    return (value - m->mean[f]) / m->scale[f];
}

static void set_means_and_scales(struct model *m, const struct record *records, const char *use, int count) {
    for (int f = 0; f < FEATURES; f++) {
        double sum = 0, squares = 0;
        int known = 0, used = 0;
        for (int i = 0; i < count; i++) {
            used += use[i] != 0;
            if (!use[i] || isnan(records[i].feature[f])) continue;
            sum += records[i].feature[f];
            known++;
        }
        m->mean[f] = known ? sum / known : 0;
        for (int i = 0; i < count; i++) {
            if (!use[i] || isnan(records[i].feature[f])) continue;
            double d = records[i].feature[f] - m->mean[f];
            squares += d * d; // an unknown value stands at the mean and adds nothing
        }
        m->scale[f] = squares > 0 ? sqrt(squares / used) : 1; // a constant feature gets weight 0
    }
}

// Factors the symmetric matrix `a` into L * L^T, in place (Cholesky).
static void factor(double a[SIZE][SIZE]) {
    for (int i = 0; i < SIZE; i++)
        for (int j = 0; j <= i; j++) {
            double sum = a[i][j];
            for (int k = 0; k < j; k++) sum -= a[i][k] * a[j][k];
            if (i == j && !(sum > 0)) {
                fputs("the model cannot be fitted: the training records do not determine it\n", stderr);
                exit(3);
            }
            a[i][j] = i == j ? sqrt(sum) : sum / a[j][j];
        }
}

// Solves L * L^T * x = b, in place.
static void solve(double l[SIZE][SIZE], double *b) {
    for (int i = 0; i < SIZE; i++) {
        for (int k = 0; k < i; k++) b[i] -= l[i][k] * b[k];
        b[i] /= l[i][i];
    }
    for (int i = SIZE - 1; i >= 0; i--) {
        for (int k = i + 1; k < SIZE; k++) b[i] -= l[k][i] * b[k];
        b[i] /= l[i][i];
    }
}

// The gradient and the matrix of second derivatives of the penalised log loss.
static void derivatives(const struct model *m, const struct record *records, const char *use, int count,
                        double *gradient, double hessian[SIZE][SIZE]) {
    memset(gradient, 0, SIZE * sizeof *gradient);
    memset(hessian, 0, SIZE * sizeof *hessian);
    for (int i = 0; i < count; i++) {
        if (!use[i]) continue;
        double x[SIZE], p = predict(m, &records[i]);
        for (int f = 0; f < FEATURES; f++) x[f] = standardised(m, &records[i], f);
        x[FEATURES] = 1;
        for (int j = 0; j < SIZE; j++) {
            gradient[j] += (p - records[i].ill) * x[j];
            for (int k = 0; k <= j; k++) hessian[j][k] += p * (1 - p) * x[j] * x[k];
        }
    }
    for (int f = 0; f < FEATURES; f++) {
        gradient[f] += PENALTY * m->weight[f];
        hessian[f][f] += PENALTY;
    }
}

void fit(struct model *m, const struct record *records, const char *use, int count) {
    static double hessian[SIZE][SIZE];
    double step[SIZE], largest = 1;
    memset(m, 0, sizeof *m);
    set_means_and_scales(m, records, use, count);
    for (int round = 0; round < 50 && largest > 1e-10; round++) {
        derivatives(m, records, use, count, step, hessian);
        factor(hessian);
        solve(hessian, step);
        largest = 0;
        for (int f = 0; f < SIZE; f++) {
            *(f < FEATURES ? &m->weight[f] : &m->bias) -= step[f];
            largest = fmax(largest, fabs(step[f]));
        }
    }
    if (!(largest <= 1e-10)) {
        fputs("the model cannot be fitted: Newton's method does not settle\n", stderr);
        exit(3);
    }
    for (int f = 0; f < FEATURES; f++) { // the diagonal of the inverse
        double column[SIZE] = {0};
        column[f] = 1;
        solve(hessian, column);
        m->error[f] = sqrt(column[f]);
    }
}

double predict(const struct model *m, const struct record *r) {
    double sum = m->bias;
    for (int f = 0; f < FEATURES; f++) sum += m->weight[f] * standardised(m, r, f);
    return 1 / (1 + exp(-sum));
}
