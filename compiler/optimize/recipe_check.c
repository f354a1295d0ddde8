/* SPDX-License-Identifier: Apache-2.0 */
/* What a recipe means for one network and its data, before anything is trained. */
#include "compiler/optimize/recipe.h"

#include <regex.h>
#include <string.h>

bool opt_name_matches(const char *pattern, const char *name) {
  regex_t re;
  regmatch_t m;
  if (regcomp(&re, pattern, REG_EXTENDED) != 0)
    return false;
  const bool whole = regexec(&re, name, 1, &m, 0) == 0 && m.rm_so == 0 &&
                     (size_t)m.rm_eo == strlen(name);
  regfree(&re);
  return whole;
}

static bool matches(const opt_rule *r, const char *name) { return opt_name_matches(r->pattern, name); }

bool opt_recipe_takes(const opt_recipe *r, opt_stage_kind k, const opt_layer *l) {
  if (!l->weights)
    return false;
  for (size_t i = 0; i < r->n_rules; i++)
    if ((r->rules[i].skip >> k & 1) && matches(&r->rules[i], l->name))
      return false;
  return true;
}

void opt_recipe_mark(const opt_recipe *r, opt_net *net) {
  for (int l = 0; l < net->n_layers; l++) {
    opt_weights *w = net->layers[l].weights;
    for (size_t i = 0; w && i < r->n_rules; i++) {
      const opt_rule *rule = &r->rules[i];
      if (!matches(rule, net->layers[l].name))
        continue;
      w->bits = rule->bits ? rule->bits : w->bits;
      w->per_tensor |= rule->per_tensor;
      w->exclude |= rule->exclude;
      w->frozen |= rule->frozen;
    }
  }
}

static weft_status check_pattern(weft_diag *d, const char *pattern, const char *where, const opt_net *net) {
  const char *names = "";
  bool any = false;
  for (int l = 0; l < net->n_layers; l++) {
    if (!net->layers[l].weights)
      continue;
    any |= opt_name_matches(pattern, net->layers[l].name);
    names = weft_diag_text(d, "%s%s%.80s", names, names[0] ? ", " : "", net->layers[l].name);
  }
  return any ? WEFT_OK : weft_fail(d, WEFT_E_CONFIG, where, "no layer of that name",
                                   weft_diag_text(d, "layers with weights: %.1500s", names),
                                   "the whole name must match; '.*' stands for any text");
}

static weft_status check_rules(weft_diag *d, const opt_recipe *r, const opt_net *net) {
  weft_status s = WEFT_OK, one;
  for (size_t i = 0; i < r->n_rules; i++)
    if ((one = check_pattern(d, r->rules[i].pattern, r->rules[i].where, net)) != WEFT_OK)
      s = one;
  for (size_t i = 0; i < r->n_stages; i++)
    if (r->stages[i].layers && (one = check_pattern(d, r->stages[i].layers, r->stages[i].where, net)) != WEFT_OK)
      s = one;
  return s;
}

static int64_t steps_of(const opt_train_options *o, const opt_data *data) {
  size_t n = data->splits[OPT_TRAIN].n;
  if (o->max_samples && o->max_samples < n)
    n = o->max_samples;
  return ((int64_t)n + o->batch - 1) / o->batch * o->epochs;
}

/* The last mask is set half way, so that the other half recovers; masks are set at
 * least ten times. */
static weft_status fit_schedule(weft_diag *d, opt_stage *s, int64_t steps) {
  opt_schedule *c = &s->train.prune_schedule;
  if (!s->has_frequency && c->frequency > steps / 20)
    c->frequency = steps / 20 > 0 ? steps / 20 : 1;
  if (!s->has_end && c->kind == OPT_POLYNOMIAL_DECAY)
    c->end = steps / 2 > c->begin ? steps / 2 : c->begin + 1;
  return opt_schedule_check(d, s->where, c, steps);
}

static weft_status check_stage(weft_diag *d, opt_stage *s, const opt_net *net, const opt_data *data) {
  const bool trains = s->kind != OPT_STAGE_PTQ && s->train.epochs > 0;
  const bool needs_data = trains || opt_stage_is_integer(s->kind) || s->surgeon;
  if (needs_data && !data)
    return weft_fail(d, WEFT_E_CONFIG, s->where, "no data", "a stage with samples needs --data FILE",
                     "see 'weft help data'");
  if (trains && data->splits[OPT_TRAIN].n == 0)
    return weft_fail(d, WEFT_E_CONFIG, s->where, weft_diag_text(d, "no train split in %s", data->path),
                     "samples to train on", "splits: {train: ...}");
  if (trains && data->metric != OPT_MSE)
    WEFT_TRY(opt_train_check_labels(d, net, data, &s->train));
  if (trains && s->kind == OPT_STAGE_PRUNE && !s->surgeon)
    return fit_schedule(d, s, steps_of(&s->train, data));
  return WEFT_OK;
}

weft_status opt_recipe_check(weft_diag *d, opt_recipe *r, const opt_net *net, const opt_data *data) {
  weft_status worst = check_rules(d, r, net);
  for (size_t i = 0; i < r->n_stages; i++) {
    r->stages[i].train.seed = r->seed + i;
    r->stages[i].cluster.seed = r->seed + i;
    const weft_status s = check_stage(d, &r->stages[i], net, data);
    worst = s == WEFT_OK ? worst : s;
  }
  if (r->has_target && (!data || data->splits[OPT_TEST].n == 0))
    worst = weft_fail(d, WEFT_E_CONFIG, r->path, "a target without a test split",
                      "splits: {test: ...} in the data's YAML", NULL);
  return worst;
}
