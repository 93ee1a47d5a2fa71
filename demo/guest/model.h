// Logistic regression: the chance of illness as a weighted sum of features.
#ifndef MODEL_H
#define MODEL_H

#include "records.h"

// Strength of the L2 penalty on the weights of the standardised features (not on the bias).
// 1 is the usual default; it was not tuned on these data.
#define PENALTY 1.0

struct model {
    double mean[FEATURES];   // of the known training values; stands in for unknown ones
    double scale[FEATURES];  // standard deviation of the training values
    double weight[FEATURES]; // of the standardised feature
    double error[FEATURES];  // standard error of the weight
    double bias;
};

// Fits a model to the records whose `use` is not 0, and to nothing else: mean and scale also
// come from them alone, so that a test record never touches its own model.
void fit(struct model *model, const struct record *records, const char *use, int count);

// The chance that this patient is ill, between 0 and 1.
double predict(const struct model *model, const struct record *record);

#endif
