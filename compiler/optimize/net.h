/* SPDX-License-Identifier: Apache-2.0 */
/* A network while it is being optimized: layers in execution order, float
 * weights with what must stay true of them (masks, clusters), activations with
 * their quantization. Float and integer .tflite files are made from it and read
 * into it; training, pruning, clustering and decomposition change it in place.
 *
 * Ownership: everything lives in the arena given at import or clone. Shapes
 * exclude nothing: dimension 0 is the batch and is 1; arrays of a batch of n
 * samples are n times n_elems, sample after sample, NHWC. */
#ifndef WEFT_COMPILER_OPTIMIZE_NET_H
#define WEFT_COMPILER_OPTIMIZE_NET_H

#include "graph/graph.h"

typedef enum opt_kind {
#define OPT(name, tflite, has_weights, text) OPT_##name,
#include "net_ops.def"
#undef OPT
  OPT_N_KINDS
} opt_kind;

/* An activation. Quantized: real = scale * (q - zero_point). */
typedef struct opt_value {
  const char *name;
  int rank;
  int32_t shape[WEFT_MAX_RANK];
  size_t n_elems;               /* of one sample                             */
  int producer;                 /* layer index; -1: a network input          */
  bool has_range;               /* calibrated or learned                     */
  float min, max;               /* real range, 0 included                    */
  bool has_quant;
  weft_type type;               /* INT8 or INT16 when quantized, else FLOAT32 */
  float scale;
  int32_t zero_point;
} opt_value;

/* What must hold of a layer's weights from the stage that made it so to the
 * final file; re-measured after every stage (invariants.h). */
typedef struct opt_keep {
  bool zeros;                   /* mask[i] == 0 stays zero                   */
  int m, n;                     /* m of every n consecutive input channels may be
                                   non-zero (2 of 4: m 2, n 4); 0: none      */
  int n_clusters;               /* at most so many distinct values (0: none) */
  bool per_channel;             /* of n_clusters: an output channel at a time */
} opt_keep;

typedef struct opt_weights {
  int rank;
  int32_t shape[4];             /* CONV OHWI, DEPTHWISE 1HWC, DENSE OI       */
  size_t n_elems, n_out;        /* n_out: output channels = bias elements    */
  int channel_axis;             /* 0; 3 for DEPTHWISE                        */
  float *w;                     /* [n_elems]                                 */
  float *bias;                  /* [n_out], never NULL (zeros if absent)     */
  uint8_t *mask;                /* [n_elems] 0 or 1, NULL: dense             */
  uint16_t *cluster;            /* [n_elems] index into centroid, NULL: none */
  float *centroid;              /* [n_clusters], or [n_out * n_clusters]     */
  opt_keep keep;
  int bits;                     /* of a quantized weight: 8 or 4             */
  bool per_tensor;              /* one scale for the layer                   */
  bool frozen;                  /* not trained                               */
  bool exclude;                 /* stays float when the network is quantized */
  /* after quantization: */
  float *scale;                 /* [n_out], or [1] if per_tensor; NULL before */
  int8_t *q;                    /* [n_elems], in [-127, 127] or [-7, 7]      */
  int64_t *q_bias;              /* [n_out] at scale in * w                   */
} opt_weights;

typedef struct opt_layer {
  opt_kind kind;
  const char *name;             /* name of its output tensor: recipes match it */
  int n_inputs;
  int *inputs;                  /* value indices                             */
  int output;                   /* value index                               */
  weft_act act;                 /* fused: NONE, RELU, RELU6                  */
  weft_pad padding;
  int stride_h, stride_w, dilation_h, dilation_w;
  int filter_h, filter_w, depth_multiplier;
  int pad[8];                   /* PAD: before, after of N, H, W, C          */
  float beta;                   /* SOFTMAX                                   */
  opt_weights *weights;         /* NULL: none                                */
} opt_layer;

typedef struct opt_net {
  weft_arena *arena;
  const char *name;             /* file that it came from                    */
  int n_values, n_layers, n_inputs, n_outputs;
  opt_value *values;
  opt_layer *layers;
  int *inputs, *outputs;        /* value indices, model order                */
} opt_net;

/* A float network, or an int8 one whose weights are dequantized (keeping its
 * scales and zero points in has_quant). E_UNSUPPORTED_OP / E_UNSUPPORTED with
 * every reason. NaN or infinite weights: E_MODEL naming tensor and index. */
weft_status opt_import(weft_arena *arena, weft_diag *d, const weft_graph *g, opt_net **out);
opt_net *opt_clone(weft_arena *arena, const opt_net *net);
/* Recomputes shapes after a change of channels or layers; E_INTERNAL if they
 * contradict each other. */
weft_status opt_shapes(weft_diag *d, opt_net *net);
uint64_t opt_macs(const opt_net *net);
const char *opt_kind_name(opt_kind k);

/* Plain float forward, the specification of the training engine's: loops, no
 * library, one thread, sums in index order in float. in: n samples of the only
 * input; sink gets every layer's output of the n samples (may be NULL). */
typedef void (*opt_sink)(void *user, int layer, const float *data, size_t n_elems);
weft_status opt_forward(weft_diag *d, const opt_net *net, const float *in, size_t n,
                        float *out, opt_sink sink, void *user);

#endif
