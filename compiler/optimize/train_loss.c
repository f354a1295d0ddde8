/* SPDX-License-Identifier: Apache-2.0 */
/* Losses and their derivatives, in double from float logits. */
#include <math.h>

#include "compiler/optimize/train_engine.h"

/* log(sum(exp(x * by))) */
static double log_sum(const float *x, size_t n, double by) {
  double most = x[0], sum = 0;
  for (size_t i = 1; i < n; i++)
    most = x[i] > most ? x[i] : most;
  for (size_t i = 0; i < n; i++)
    sum += exp((x[i] - most) * by);
  return most * by + log(sum);
}

static double cross_entropy(const float *x, size_t n, int32_t label, double weight, float scale,
                            float *grad) {
  const double all = log_sum(x, n, 1);
  for (size_t i = 0; i < n; i++) {
    const double p = exp(x[i] - all), y = i == (size_t)label ? 1 : 0;
    grad[i] += (float)(weight * (p - y)) * scale;
  }
  return weight * (all - x[label]);
}

/* weight * T^2 * KL(softmax(teacher / T), softmax(x / T)) */
static double soft_targets(const float *x, const float *teacher, size_t n, double t,
                           double weight, float scale, float *grad) {
  const double all = log_sum(x, n, 1 / t), all_t = log_sum(teacher, n, 1 / t);
  double kl = 0;
  for (size_t i = 0; i < n; i++) {
    const double lp = x[i] / t - all, lq = teacher[i] / t - all_t, q = exp(lq);
    kl += q * (lq - lp);
    grad[i] += (float)(weight * t * (exp(lp) - q)) * scale;
  }
  return weight * t * t * kl;
}

static double sigmoid(double x) { return 1 / (1 + exp(-x)); }
/* log(1 + exp(x)) */
static double softplus(double x) { return (x > 0 ? x : 0) + log1p(exp(-fabs(x))); }

static double binary(float x, int32_t label, double weight, float scale, float *grad) {
  const double y = label != 0;
  *grad += (float)(weight * (sigmoid(x) - y)) * scale;
  return weight * (softplus(x) - y * x);
}

static double soft_binary(float x, float teacher, double t, double weight, float scale,
                          float *grad) {
  const double q = sigmoid(teacher / t), p = sigmoid(x / t);
  const double kl = softplus(x / t) - q * x / t - (softplus(teacher / t) - q * teacher / t);
  *grad += (float)(weight * t * (p - q)) * scale;
  return weight * t * t * kl;
}

static double squared(const float *x, const float *y, size_t n, double weight, float scale,
                      float *grad) {
  double sum = 0;
  for (size_t i = 0; i < n; i++) {
    const double e = (double)x[i] - y[i];
    sum += e * e;
    grad[i] += (float)(weight * 2 * e / (double)n) * scale;
  }
  return weight * sum / (double)n;
}

double train_loss(opt_loss loss, const train_target *t, const float *logits, size_t n,
                  size_t n_elems, float scale, float *grad) {
  const double hard = t->teacher ? t->alpha : 1, soft = 1 - hard;
  double sum = 0;
  for (size_t i = 0; i < n * n_elems; i++)
    grad[i] = 0;
  for (size_t i = 0; i < n; i++) {
    const float *x = logits + i * n_elems;
    const float *q = t->teacher ? t->teacher + i * n_elems : NULL;
    float *g = grad + i * n_elems;
    if (loss == OPT_SQUARED) {
      sum += hard > 0 ? squared(x, t->value + i * n_elems, n_elems, hard, scale, g) : 0;
      sum += q ? squared(x, q, n_elems, soft, scale, g) : 0;
    } else if (loss == OPT_BINARY_CROSS_ENTROPY) {
      sum += hard > 0 ? binary(x[0], t->label[i], hard, scale, g) : 0;
      sum += q ? soft_binary(x[0], q[0], t->temperature, soft, scale, g) : 0;
    } else {
      sum += hard > 0 ? cross_entropy(x, n_elems, t->label[i], hard, scale, g) : 0;
      sum += q ? soft_targets(x, q, n_elems, t->temperature, soft, scale, g) : 0;
    }
  }
  return sum;
}

static size_t greatest(const float *x, size_t n) {
  size_t at = 0;
  for (size_t i = 1; i < n; i++)
    at = x[i] > x[at] ? i : at;
  return at;
}

double train_metric(opt_loss loss, const train_target *t, const float *logits, size_t n,
                    size_t n_elems) {
  double sum = 0;
  for (size_t i = 0; i < n; i++) {
    const float *x = logits + i * n_elems;
    if (loss == OPT_BINARY_CROSS_ENTROPY)
      sum += (x[0] > 0) == (t->label[i] != 0);
    else if (loss == OPT_CROSS_ENTROPY)
      sum += greatest(x, n_elems) == (size_t)t->label[i];
    else {
      double e2 = 0;
      for (size_t c = 0; c < n_elems; c++) {
        const double e = (double)x[c] - t->value[i * n_elems + c];
        e2 += e * e;
      }
      sum += e2 / (double)n_elems;
    }
  }
  return sum;
}
