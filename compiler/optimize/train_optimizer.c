/* SPDX-License-Identifier: Apache-2.0 */
/* SGD, momentum and Adam as Keras defines them; learning rates. */
#include <math.h>

#include "compiler/optimize/train_inside.h"

double train_rate(const opt_train_options *o, int64_t step, int64_t n_steps) {
  const double part = (double)step / (double)n_steps;
  if (o->lr_schedule == OPT_LR_COSINE)
    return o->lr * 0.5 * (1 + cos(3.14159265358979323846 * part));
  if (o->lr_schedule == OPT_LR_STEP)
    return o->lr * (part < 0.5 ? 1 : part < 0.75 ? 0.1 : 0.01);
  return o->lr;
}

static void decay(float *restrict p, size_t n, float by) {
  for (size_t i = 0; i < n; i++)
    p[i] -= p[i] * by;
}

static void sgd(float *restrict p, const float *restrict g, size_t n, float lr) {
  for (size_t i = 0; i < n; i++)
    p[i] -= lr * g[i];
}

static void momentum(float *restrict p, const float *restrict g, float *restrict m, size_t n,
                     float lr, float beta) {
  for (size_t i = 0; i < n; i++) {
    m[i] = beta * m[i] - lr * g[i];
    p[i] += m[i];
  }
}

typedef struct adam_step { float alpha, beta1, beta2, epsilon; } adam_step;

static void adam(float *restrict p, const float *restrict g, float *restrict m,
                 float *restrict v, size_t n, adam_step a) {
  for (size_t i = 0; i < n; i++) {
    m[i] += (g[i] - m[i]) * (1 - a.beta1);
    v[i] += (g[i] * g[i] - v[i]) * (1 - a.beta2);
    p[i] -= m[i] * a.alpha / (sqrtf(v[i]) + a.epsilon);
  }
}

static void update_param(void *user, size_t k, int worker) {
  const train_run *r = user;
  const opt_train_options *o = r->o;
  const train_param *p = &r->param[k];
  const float *g = r->sum + p->at;
  const double lr = train_rate(o, r->step, r->n_steps) * p->scale;
  (void)worker;
  if (o->weight_decay > 0)
    decay(p->p, p->n, (float)(o->weight_decay * lr / p->scale));
  if (o->optimizer == OPT_SGD) {
    sgd(p->p, g, p->n, (float)lr);
    return;
  }
  if (o->optimizer == OPT_MOMENTUM) {
    momentum(p->p, g, r->m + p->at, p->n, (float)lr, (float)o->momentum);
    return;
  }
  const double t = (double)(r->step + 1);
  const double alpha = lr * sqrt(1 - pow(o->beta2, t)) / (1 - pow(o->beta1, t));
  adam(p->p, g, r->m + p->at, r->v + p->at, p->n,
       (adam_step){(float)alpha, (float)o->beta1, (float)o->beta2, (float)o->epsilon});
}

void train_update(train_run *r) { train_pool_run(r->pool, r->n_param, update_param, r); }
