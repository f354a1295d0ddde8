/* SPDX-License-Identifier: Apache-2.0 */
/* weft_graph to opt_net. QUANTIZE and DEQUANTIZE are no layers: their two ends
 * are one value, which has the quantization of the integer end. */
#include "compiler/optimize/import.h"

#include <string.h>

#define REMEDY_REPLACE "replace this layer, or optimize the network without it"

bool opt_refuse(opt_importer *im, int i, weft_status code, const char *found,
                const char *allowed, const char *remedy) {
  const weft_op *op = &im->graph->ops[i];
  const char *name = op->n_outputs > 0 ? im->graph->tensors[op->outputs[0]].name : "";
  weft_fail(im->diag, code,
            weft_diag_text(im->diag, "%s: operator %d %s '%s'", im->graph->path, i, op->name, name),
            found, allowed, remedy);
  if (im->first == WEFT_OK)
    im->first = code;
  return false;
}

static void refuse_tensor(opt_importer *im, int t, const char *found, const char *allowed) {
  weft_fail(im->diag, WEFT_E_UNSUPPORTED,
            weft_diag_text(im->diag, "%s: tensor %d '%s'", im->graph->path, t,
                           im->graph->tensors[t].name),
            found, allowed, "convert the network again with batch 1 and plain tensors");
  if (im->first == WEFT_OK)
    im->first = WEFT_E_UNSUPPORTED;
}

/* ---- values ---------------------------------------------------------------- */
static void set_quant(opt_value *v, const weft_tensor *t) {
  int shift = t->type == WEFT_UINT8 ? 128 : 0;
  int low = t->type == WEFT_INT16 ? INT16_MIN : INT8_MIN;
  int high = t->type == WEFT_INT16 ? INT16_MAX : INT8_MAX;
  v->has_quant = v->has_range = true;
  v->type = t->type == WEFT_INT16 ? WEFT_INT16 : WEFT_INT8;
  v->scale = t->scale[0];
  v->zero_point = t->zero_point[0] - shift;
  v->min = v->scale * (float)(low - v->zero_point);
  v->max = v->scale * (float)(high - v->zero_point);
}

static bool is_integer(const weft_tensor *t) {
  return t->type == WEFT_INT8 || t->type == WEFT_UINT8 || t->type == WEFT_INT16;
}

static bool check_activation(opt_importer *im, int tensor) {
  const weft_tensor *t = &im->graph->tensors[tensor];
  if (t->unsupported)
    refuse_tensor(im, tensor, t->unsupported, "a static, dense tensor");
  else if (t->rank < 1 || t->shape[0] != 1)
    refuse_tensor(im, tensor,
                  weft_diag_text(im->diag, "shape %s", opt_shape_text(im->diag, t->shape, t->rank)),
                  "activations whose first dimension is a batch of 1");
  else if (t->type != WEFT_FLOAT32 && !(is_integer(t) && t->n_scales == 1))
    refuse_tensor(im, tensor,
                  weft_diag_text(im->diag, "%s, %d scales", weft_type_name(t->type), t->n_scales),
                  "activations of float32, or of int8, uint8 or int16 with one scale");
  else
    return true;
  return false;
}

static int add_value(opt_importer *im, int tensor) {
  const weft_tensor *t = &im->graph->tensors[tensor];
  opt_value *v = &im->net->values[im->net->n_values];
  v->name = weft_arena_printf(im->arena, "%s", t->name);
  v->rank = t->rank;
  memcpy(v->shape, t->shape, sizeof v->shape);
  v->n_elems = check_activation(im, tensor) ? t->n_elems : 0;
  v->producer = -1;
  v->type = WEFT_FLOAT32;
  if (is_integer(t) && t->n_scales == 1)
    set_quant(v, t);
  return im->value_of[tensor] = im->net->n_values++;
}

static bool computed_input(opt_importer *im, int i, int j, int *value) {
  int t = im->graph->ops[i].inputs[j];
  *value = t < 0 ? -1 : im->value_of[t];
  if (*value >= 0)
    return im->net->values[*value].n_elems > 0;
  return opt_refuse(im, i, WEFT_E_UNSUPPORTED,
                    weft_diag_text(im->diag, "input %d is constant, absent or a variable", j),
                    "inputs that another layer computes", REMEDY_REPLACE);
}

/* ---- layers ---------------------------------------------------------------- */
static bool kind_of(weft_op_kind op, opt_kind *kind) {
  static const struct { weft_op_kind op; opt_kind kind; } rows[] = {
#define OPT(name, tflite, has_weights, text) {WEFT_OP_##tflite, OPT_##name},
#include "net_ops.def"
#undef OPT
  };
  for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++)
    if (rows[k].op == op) {
      *kind = rows[k].kind;
      return true;
    }
  return false;
}

static bool check_act(opt_importer *im, int i) {
  weft_act act = im->graph->ops[i].act;
  if (act == WEFT_ACT_NONE || act == WEFT_ACT_RELU || act == WEFT_ACT_RELU6)
    return true;
  return opt_refuse(im, i, WEFT_E_UNSUPPORTED, "another fused activation",
                    "fused activation NONE, RELU or RELU6", REMEDY_REPLACE);
}

static bool read_pad(opt_importer *im, int i, opt_layer *l) {
  const weft_op *op = &im->graph->ops[i];
  int32_t pads[8];
  int n = opt_constant_ints(im->graph, op->inputs[1], pads, 8);
  if (n != 8 || op->n_inputs > 2 || pads[0] || pads[1] || pads[6] || pads[7])
    return opt_refuse(im, i, WEFT_E_UNSUPPORTED, "another padding",
                      "constant int32 zero padding of height and width", REMEDY_REPLACE);
  for (int k = 0; k < 8; k++)
    l->pad[k] = pads[k];
  return true;
}

static bool read_mean(opt_importer *im, int i) {
  const weft_op *op = &im->graph->ops[i];
  const weft_tensor *in = &im->graph->tensors[op->inputs[0]];
  int32_t axes[2];
  int n = opt_constant_ints(im->graph, op->inputs[1], axes, 2);
  for (int k = 0; k < n; k++)
    axes[k] += axes[k] < 0 ? in->rank : 0;
  if (n == 2 && in->rank == 4 && axes[0] + axes[1] == 3 && axes[0] * axes[1] == 2)
    return true;
  return opt_refuse(im, i, WEFT_E_UNSUPPORTED, "a mean over other axes",
                    "constant axes 1 and 2 of rank 4", REMEDY_REPLACE);
}

static bool read_concat(opt_importer *im, int i) {
  const weft_op *op = &im->graph->ops[i];
  const weft_tensor *out = &im->graph->tensors[op->outputs[0]];
  if (op->axis == out->rank - 1 || op->axis == -1)
    return check_act(im, i);
  return opt_refuse(im, i, WEFT_E_UNSUPPORTED, weft_diag_text(im->diag, "axis %d", op->axis),
                    "concatenation along the last axis", REMEDY_REPLACE);
}

static bool read_dense(opt_importer *im, int i, opt_layer *l) {
  const opt_value *in = &im->net->values[l->inputs[0]];
  opt_value *out = &im->net->values[l->output];
  if (!opt_import_weights(im, i, l))
    return false;
  if ((size_t)l->weights->shape[1] != in->n_elems)
    return opt_refuse(im, i, WEFT_E_UNSUPPORTED, "several rows of inputs",
                      "one row: as many inputs as the weights have columns", REMEDY_REPLACE);
  if (!im->graph->ops[i].keep_dims) {
    out->rank = 2;
    memset(out->shape, 0, sizeof out->shape);
    out->shape[0] = 1;
    out->shape[1] = l->weights->shape[0];
  }
  return true;
}

static bool read_conv(opt_importer *im, int i, opt_layer *l) {
  const weft_op *op = &im->graph->ops[i];
  if (op->kind == WEFT_OP_CONV_2D && op->n_groups != 1)
    return opt_refuse(im, i, WEFT_E_UNSUPPORTED, "groups", "a convolution of one group",
                      REMEDY_REPLACE);
  return opt_import_weights(im, i, l);
}

/* What the kind needs beyond options that are simply copied. */
static bool read_form(opt_importer *im, int i, opt_layer *l) {
  switch (l->kind) {
  case OPT_CONV:
  case OPT_DEPTHWISE:
    return check_act(im, i) && read_conv(im, i, l);
  case OPT_DENSE:
    return check_act(im, i) && read_dense(im, i, l);
  case OPT_PAD:
    return read_pad(im, i, l);
  case OPT_MEAN:
    return read_mean(im, i);
  case OPT_CONCAT:
    return read_concat(im, i);
  default:
    return check_act(im, i);
  }
}

static int n_layer_inputs(const weft_op *op, opt_kind kind) {
  return kind == OPT_ADD || kind == OPT_CONCAT ? op->n_inputs : 1;
}

static bool check_shape(opt_importer *im, int i, const opt_layer *l) {
  const opt_value *out = &im->net->values[l->output];
  int32_t shape[WEFT_MAX_RANK] = {0};
  int rank = 0;
  const char *why = opt_infer(im->net, l, shape, &rank);
  if (why)
    return opt_refuse(im, i, WEFT_E_UNSUPPORTED, "shapes that do not go together", why,
                      REMEDY_REPLACE);
  if (rank == out->rank && memcmp(shape, out->shape, (size_t)rank * sizeof *shape) == 0)
    return true;
  return opt_refuse(im, i, WEFT_E_MODEL,
                    weft_diag_text(im->diag, "output shape %s",
                                   opt_shape_text(im->diag, out->shape, out->rank)),
                    opt_shape_text(im->diag, shape, rank), "the file is damaged; convert it again");
}

static bool read_layer(opt_importer *im, int i, opt_kind kind, opt_layer *l) {
  const weft_op *op = &im->graph->ops[i];
  l->kind = kind;
  l->name = im->net->values[l->output].name;
  if (im->net->values[l->output].n_elems == 0)
    return false;
  l->n_inputs = n_layer_inputs(op, kind);
  l->inputs = WEFT_NEW(im->arena, int, l->n_inputs + 1);
  for (int j = 0; j < l->n_inputs; j++)
    if (!computed_input(im, i, j, &l->inputs[j]))
      return false;
  l->act = op->act;
  l->padding = op->padding;
  l->stride_h = op->stride_h;
  l->stride_w = op->stride_w;
  l->dilation_h = op->dilation_h;
  l->dilation_w = op->dilation_w;
  l->filter_h = op->filter_h;
  l->filter_w = op->filter_w;
  l->depth_multiplier = op->depth_multiplier;
  l->beta = op->beta;
  return l->n_inputs > 0 && read_form(im, i, l) && check_shape(im, i, l);
}

/* A float layer before a QUANTIZE: the integer end names both. */
static void rename_layer(opt_importer *im, int value, const char *name) {
  int i = im->net->values[value].producer;
  if (i >= 0)
    im->net->layers[i].name = im->net->values[value].name =
        weft_arena_printf(im->arena, "%s", name);
}

/* Both ends are one value. */
static void join_ends(opt_importer *im, int i) {
  const weft_op *op = &im->graph->ops[i];
  const weft_tensor *out = &im->graph->tensors[op->outputs[0]];
  int in = op->inputs[0], value;
  if (im->graph->tensors[in].data.data) {
    im->constant_of[op->outputs[0]] = in;
    return;
  }
  if (!computed_input(im, i, 0, &value))
    return;
  opt_value *v = &im->net->values[value];
  bool wide_edge = im->graph->tensors[in].type == WEFT_UINT8;
  if (is_integer(out) && out->n_scales == 1 && (!v->has_quant || wide_edge)) {
    if (!v->has_quant)
      rename_layer(im, value, out->name);
    set_quant(v, out);
  }
  im->value_of[op->outputs[0]] = value;
}

static bool has_operands(opt_importer *im, int i) {
  const weft_op *op = &im->graph->ops[i];
  if (op->unsupported)
    return opt_refuse(im, i, WEFT_E_UNSUPPORTED, op->unsupported, "an operator that weft reads",
                      REMEDY_REPLACE);
  if (op->n_outputs == 1 && op->n_inputs >= 1)
    return true;
  return opt_refuse(im, i, WEFT_E_UNSUPPORTED,
                    weft_diag_text(im->diag, "%d inputs, %d outputs", op->n_inputs, op->n_outputs),
                    "at least one input, one output", REMEDY_REPLACE);
}

static void read_operator(opt_importer *im, int i) {
  const weft_op *op = &im->graph->ops[i];
  opt_kind kind;
  if (!op->folded && has_operands(im, i)) {
    if (op->kind == WEFT_OP_QUANTIZE || op->kind == WEFT_OP_DEQUANTIZE) {
      join_ends(im, i);
    } else if (!kind_of(op->kind, &kind)) {
      opt_refuse(im, i, WEFT_E_UNSUPPORTED_OP,
                 weft_diag_text(im->diag, "not supported yet: %s", op->name),
                 "the layers of compiler/optimize/net_ops.def", REMEDY_REPLACE);
    } else {
      opt_layer *l = &im->net->layers[im->net->n_layers];
      l->output = add_value(im, op->outputs[0]);
      if (read_layer(im, i, kind, l))
        im->net->values[l->output].producer = im->net->n_layers++;
    }
  }
  for (int j = 0; !op->folded && j < op->n_outputs; j++)
    if (im->value_of[op->outputs[j]] < 0 && im->constant_of[op->outputs[j]] < 0)
      add_value(im, op->outputs[j]);
}

/* ---- the whole ---------------------------------------------------------------- */
static void read_inputs(opt_importer *im) {
  const weft_graph *g = im->graph;
  for (int k = 0; k < g->n_inputs; k++)
    if (im->value_of[g->inputs[k]] < 0)
      im->net->inputs[im->net->n_inputs++] = add_value(im, g->inputs[k]);
}

static void read_outputs(opt_importer *im) {
  const weft_graph *g = im->graph;
  for (int k = 0; k < g->n_outputs; k++) {
    int v = im->value_of[g->outputs[k]];
    if (v < 0)
      refuse_tensor(im, g->outputs[k], "an output that no layer computes", "a computed output");
    else
      im->net->outputs[im->net->n_outputs++] = v;
  }
  if (im->first != WEFT_OK || (g->n_inputs == 1 && g->n_outputs == 1 && im->net->n_layers > 0))
    return;
  im->first = weft_fail(im->diag, WEFT_E_UNSUPPORTED, g->path,
                        weft_diag_text(im->diag, "%d inputs, %d outputs, %d layers", g->n_inputs,
                                       g->n_outputs, im->net->n_layers),
                        "one input, one output, and a layer between them",
                        "split the network into such ones");
}

/* ---- activations --------------------------------------------------------------- */
static int *count_readers(weft_arena *arena, const opt_net *net) {
  int *n = WEFT_NEW(arena, int, net->n_values);
  for (int k = 0; k < net->n_outputs; k++)
    n[net->outputs[k]]++;
  for (int i = 0; i < net->n_layers; i++)
    for (int j = 0; j < net->layers[i].n_inputs; j++)
      n[net->layers[i].inputs[j]]++;
  return n;
}

static bool may_take(const opt_net *net, const int *readers, const opt_layer *l,
                     const opt_layer *act) {
  bool kind = l->kind == OPT_CONV || l->kind == OPT_DEPTHWISE || l->kind == OPT_DENSE ||
              l->kind == OPT_ADD;
  return kind && l->act == WEFT_ACT_NONE && readers[l->output] == 1 &&
         !net->values[l->output].has_quant && !net->values[act->output].has_quant;
}

/* A stand-alone RELU or RELU6 of a float layer that nothing else reads becomes its
 * fused activation, under the activation's name. */
static void fuse_activations(opt_net *net) {
  const int *readers = count_readers(net->arena, net);
  int n = 0;
  for (int i = 0; i < net->n_layers; i++) {
    const opt_layer act = net->layers[i];
    bool is_act = act.kind == OPT_RELU || act.kind == OPT_RELU6;
    int from = is_act ? net->values[act.inputs[0]].producer : -1;
    if (from >= 0 && may_take(net, readers, &net->layers[from], &act)) {
      net->values[act.inputs[0]].producer = -1;
      net->layers[from].act = act.kind == OPT_RELU ? WEFT_ACT_RELU : WEFT_ACT_RELU6;
      net->layers[from].name = act.name;
      net->layers[from].output = act.output;
      net->values[act.output].producer = from;
    } else {
      net->layers[n] = act;
      net->values[act.output].producer = n++;
    }
  }
  net->n_layers = n;
}

/* ---- integers beside floats ------------------------------------------------------ */
static bool is_copy(opt_kind k) {
  return k == OPT_RESHAPE || k == OPT_MAX_POOL || k == OPT_AVERAGE_POOL || k == OPT_PAD;
}

/* A QUANTIZE behind what copies might as well stand before it. */
static void move_quantize_up(opt_net *net) {
  for (int i = net->n_layers - 1; i >= 0; i--) {
    const opt_layer *l = &net->layers[i];
    opt_value *in = &net->values[l->inputs[0]];
    const opt_value *out = &net->values[l->output];
    if (!is_copy(l->kind) || !out->has_quant || in->has_quant)
      continue;
    in->has_quant = in->has_range = true;
    in->type = out->type;
    in->scale = out->scale;
    in->zero_point = out->zero_point;
    in->min = out->min;
    in->max = out->max;
  }
}

static bool is_whole(const opt_net *net, const opt_layer *l) {
  const opt_value *out = &net->values[l->output];
  bool integer = l->weights ? l->weights->q != NULL : out->has_quant;
  for (int j = 0; j < l->n_inputs && integer; j++) {
    const opt_value *in = &net->values[l->inputs[j]];
    if (!in->has_quant || !out->has_quant || in->type != out->type)
      return false;
  }
  return true;
}

/* Float weights between integer activations stay as they are; an integer layer has
 * integers of one width on all sides. */
static weft_status find_islands(opt_importer *im) {
  opt_net *net = im->net;
  move_quantize_up(net);
  for (int i = 0; i < net->n_layers; i++) {
    const opt_layer *l = &net->layers[i];
    if (l->weights && !l->weights->q)
      l->weights->exclude = net->values[l->inputs[0]].has_quant || net->values[l->output].has_quant;
    if (!is_whole(net, l))
      return weft_fail(im->diag, WEFT_E_UNSUPPORTED, opt_layer_place(im->diag, net, i),
                       "an integer layer between other types",
                       "activations of one type around it, or QUANTIZE and DEQUANTIZE",
                       "convert the network again");
  }
  return WEFT_OK;
}

weft_status opt_import(weft_arena *arena, weft_diag *d, const weft_graph *g, opt_net **out) {
  opt_importer im = {.arena = arena, .diag = d ? d : weft_diag_new(arena), .graph = g};
  size_t n = (size_t)g->n_tensors + 1;
  opt_net *net = im.net = WEFT_NEW(arena, opt_net, 1);
  net->arena = arena;
  net->name = weft_arena_printf(arena, "%s", g->path);
  net->values = WEFT_NEW(arena, opt_value, n);
  net->layers = WEFT_NEW(arena, opt_layer, g->n_ops + 1);
  net->inputs = WEFT_NEW(arena, int, g->n_inputs + 1);
  net->outputs = WEFT_NEW(arena, int, g->n_outputs + 1);
  im.value_of = WEFT_NEW(arena, int, n);
  im.constant_of = WEFT_NEW(arena, int, n);
  memset(im.value_of, 0xff, n * sizeof *im.value_of);
  memset(im.constant_of, 0xff, n * sizeof *im.constant_of);
  if (g->unsupported)
    im.first = weft_fail(im.diag, WEFT_E_UNSUPPORTED, g->path, g->unsupported, "plain tensors",
                         "use the file from before it was compressed");
  read_inputs(&im);
  for (int i = 0; i < g->n_ops; i++)
    read_operator(&im, i);
  read_outputs(&im);
  WEFT_TRY(im.first);
  WEFT_TRY(opt_shapes(im.diag, net));
  fuse_activations(net);
  WEFT_TRY(find_islands(&im));
  *out = net;
  return WEFT_OK;
}
