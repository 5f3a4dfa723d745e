#include <algorithm>
#include <optional>

#include "backends/cpu/dnn/conv_problem.h"
#include "backends/cpu/dnn/packed_weights.h"
#include "backends/cpu/parallel.h"
#include "base/divide.h"
#include "lineshaft/device/counters.h"

namespace lineshaft::cpu {
namespace {

using Desc = dnnl::memory::desc;

struct ConvPlan {
  dnnl::primitive primitive;
  std::array<Desc, 3> given, wanted;  // of the arrays
  std::array<std::optional<dnnl::reorder>, 3> reorders;
  Desc scratchpad;
  uint64_t number = 0;  // tells apart the layouts of packed weights
  bool usable = false;
};

struct ConvPlans {
  uint64_t made = 0;
  LruCache<ConvPlan> cache{512};
};

// The array's sizes. Grouped weights get the groups as an axis of their own.
dnnl::memory::dims sizes_of(const ConvProblem& p, int array) {
  dnnl::memory::dims sizes(p.shape(array).begin(), p.shape(array).end());
  if (array == kWeight && p.geometry.groups > 1) {
    sizes[0] /= p.geometry.groups;
    sizes.insert(sizes.begin(), p.geometry.groups);
  }
  return sizes;
}

// The array's descriptor.
Desc describe(const ConvProblem& p, int array) {
  const Strided& memory = p.arrays[array];
  dnnl::memory::dims sizes = sizes_of(p, array);
  std::vector<int64_t> strides(memory.strides.begin(), memory.strides.begin() + p.rank());
  if (sizes.size() > strides.size()) strides.insert(strides.begin(), sizes[1] * strides[0]);
  return onednn_desc(memory.dtype, sizes, strides);
}

// A descriptor of it whose layout oneDNN chooses.
Desc any_of(const ConvProblem& p, int array) {
  return Desc(sizes_of(p, array), onednn_type(p.arrays[array].dtype), dnnl::memory::format_tag::any);
}

// A dense descriptor of an activation with the channels after the batch, or last.
Desc activation(const ConvProblem& p, int array, bool last) {
  TensorView view = contiguous_view({}, p.arrays[array].dtype, p.shape(array));
  if (last) {
    int64_t stride = view.sizes[1];
    view.strides[1] = 1;
    for (int i = p.rank() - 1; i >= 2; --i) {
      view.strides[i] = stride;
      stride *= view.sizes[i];
    }
  }
  return onednn_desc(view.dtype, view.shape(), {view.strides.data(), view.rank});
}

enum class Format { kFirst, kLast, kAny };

// Which layout of the activations oneDNN is given. Measured with oneDNN 2.6 on AVX-512, reorders included.
Format choose_format(const ConvProblem& p, const std::array<Desc, 3>& given) {
  int64_t channels = p.sizes[kInput][1], kernel = 1, area = 1;
  if (p.pass == ConvPass::kGradInput && channels < 16) return Format::kFirst;
  for (int i : {kInput, kOutput})
    if (given[i] == activation(p, i, true) && given[i] != activation(p, i, false)) return Format::kLast;
  for (int i = 2; i < p.rank(); ++i) {
    kernel *= p.sizes[kWeight][i];
    area *= p.sizes[kOutput][i];
  }
  if (p.pass == ConvPass::kGradInput) return Format::kLast;
  if (channels < 16) return Format::kAny;  // reads channels-first images as they are
  if (p.pass == ConvPass::kGradWeight) return Format::kLast;
  return kernel == 1 || area < 100 || area > 2000 ? Format::kAny : Format::kLast;
}

template <class Primitive, class PrimitiveDesc>
void adopt(ConvPlan& plan, const PrimitiveDesc& pd, const Desc& input, const Desc& weight, const Desc& output) {
  if (!pd || std::string_view(pd.impl_info_str()).starts_with("ref")) return;
  plan.primitive = Primitive(pd);
  plan.wanted = {input, weight, output};
  plan.scratchpad = pd.scratchpad_desc();
  plan.usable = true;
}

std::array<Desc, 3> ask(const ConvProblem& p, Format format) {
  std::array<Desc, 3> asked;
  for (int i : {kInput, kOutput})
    asked[i] = format == Format::kAny ? any_of(p, i) : activation(p, i, format == Format::kLast);
  asked[kWeight] = any_of(p, kWeight);
  return asked;
}

void make_primitive(ConvPlan& plan, const ConvProblem& p, Format format) {
  std::array<Desc, 3> d = ask(p, format);
  ConvProblem alike = p;  // the forward pass that a gradient names has one type throughout
  if (p.pass != ConvPass::kForward)
    alike.arrays[p.result()].dtype = p.arrays[p.result() == kInput ? kOutput : kInput].dtype;
  std::array<Desc, 3> f = ask(alike, format);
  dnnl::memory::dims stride, dilation, begin, end;
  for (int i = 0; i < p.spatial; ++i) {
    stride.push_back(p.geometry.stride[i]);
    dilation.push_back(p.geometry.dilation[i] - 1);
    begin.push_back(p.geometry.padding_begin[i]);
    end.push_back(p.geometry.padding_end[i]);
  }
  constexpr auto direct = dnnl::algorithm::convolution_direct;
  auto forward = onednn_primitive<dnnl::convolution_forward>(
      p.pass == ConvPass::kForward ? dnnl::prop_kind::forward_inference : dnnl::prop_kind::forward_training, direct,
      f[kInput], f[kWeight], f[kOutput], stride, dilation, begin, end);
  if (!forward) return;
  if (p.pass == ConvPass::kForward) {
    adopt<dnnl::convolution_forward>(plan, forward, forward.src_desc(), forward.weights_desc(), forward.dst_desc());
  } else if (p.pass == ConvPass::kGradInput) {
    auto pd = onednn_gradient<dnnl::convolution_backward_data>(forward, direct, d[kInput], d[kWeight], d[kOutput],
                                                               stride, dilation, begin, end);
    if (pd) adopt<dnnl::convolution_backward_data>(plan, pd, pd.diff_src_desc(), pd.weights_desc(), pd.diff_dst_desc());
  } else {
    auto pd = onednn_gradient<dnnl::convolution_backward_weights>(forward, direct, d[kInput], d[kWeight], d[kOutput],
                                                                  stride, dilation, begin, end);
    if (pd)
      adopt<dnnl::convolution_backward_weights>(plan, pd, pd.src_desc(), pd.diff_weights_desc(), pd.diff_dst_desc());
  }
}

void make_reorders(ConvPlan& plan, int result) {
  for (int i = 0; i < 3; ++i) {
    if (plan.wanted[i] == plan.given[i]) continue;
    const Desc& from = i == result ? plan.wanted[i] : plan.given[i];
    const Desc& to = i == result ? plan.given[i] : plan.wanted[i];
    plan.reorders[i].emplace(dnnl::reorder::primitive_desc(onednn_engine(), from, onednn_engine(), to));
  }
}

ConvPlan make_plan(const ConvProblem& p, uint64_t number) {
  ConvPlan plan;
  plan.number = number;
  for (int i = 0; i < 3; ++i) plan.given[i] = describe(p, i);
  make_primitive(plan, p, choose_format(p, plan.given));
  if (plan.usable) make_reorders(plan, p.result());
  count_compilation();
  return plan;
}

std::string_view conv_key(const ConvProblem& p, KeyBytes& key) {
  key.add(p.pass).add(p.spatial).add(p.geometry.groups);
  for (const Spatial* values :
       {&p.geometry.stride, &p.geometry.dilation, &p.geometry.padding_begin, &p.geometry.padding_end})
    key.add(*values);
  for (int i = 0; i < 3; ++i)
    key.add(p.arrays[i].dtype).add(p.sizes[i].data(), p.rank()).add(p.arrays[i].strides.data(), p.rank());
  return key.view();
}

int argument_of(ConvPass pass, int array) {
  switch (array) {
    case kInput:
      return pass == ConvPass::kGradInput ? DNNL_ARG_DIFF_SRC : DNNL_ARG_SRC;
    case kWeight:
      return pass == ConvPass::kGradWeight ? DNNL_ARG_DIFF_WEIGHTS : DNNL_ARG_WEIGHTS;
    default:
      return pass == ConvPass::kForward ? DNNL_ARG_DST : DNNL_ARG_DIFF_DST;
  }
}

void reorder(dnnl::stream& stream, const dnnl::reorder& primitive, const dnnl::memory& from, const dnnl::memory& to) {
  primitive.execute(stream, {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}});
}

const ConvPlan& plan_for(Context& context, const ConvProblem& p) {
  ConvPlans& plans = context.kept<ConvPlans>();
  KeyBytes bytes;
  return plans.cache.get(conv_key(p, bytes), [&] { return make_plan(p, ++plans.made); });
}

// The problem of images begin..begin+count.
ConvProblem slice(const ConvProblem& problem, int64_t begin, int64_t count) {
  ConvProblem p = problem;
  for (int i : {kInput, kOutput}) {
    p.sizes[i][0] = count;
    p.arrays[i].data =
        static_cast<std::byte*>(p.arrays[i].data) + begin * p.arrays[i].strides[0] * size_of(p.arrays[i].dtype);
  }
  return p;
}

// How many images are taken at once where they are reordered, so that they and what the epilogue reads are still in
// cache, and scratch stays small. Weights are read anew each time: few large images gain, many small ones stay
// together. An epilogue has no say: with and without it the plan, and so every bit, is the same.
int64_t images_at_once(const ConvProblem& p, const ConvPlan& plan) {
  int64_t images = p.sizes[kInput][0];
  if (p.pass == ConvPass::kGradWeight || !(plan.reorders[kInput] || plan.reorders[kOutput])) return images;
  constexpr int64_t kBytes = 3 << 19;  // of a thread: within the L2 cache of most
  int64_t bytes = (p.numel(kInput) + p.numel(kOutput)) * size_of(p.arrays[kInput].dtype) / images;
  int64_t weights = p.numel(kWeight) * size_of(p.arrays[kWeight].dtype);
  int64_t wanted = std::max(std::max<int64_t>(1, kBytes / bytes) * thread_count(), 4 * weights / bytes);
  int64_t rounds = divide_up(images, wanted);
  return divide_up(images, rounds);
}

// One plan's memory, which every slice of the images uses again.
class Execution {
 public:
  Execution(Context& context, const ConvProblem& p, const ConvPlan& plan)
      : plan_(plan),
        stream_(onednn_stream(context)),
        result_(p.result()),
        scratchpad_(onednn_memory(plan.scratchpad, context.scratch(plan.scratchpad.get_size()))) {
    for (int i = 0; i < 3; ++i)
      if (plan.reorders[i] && !(i == kWeight && i != result_))
        wanted_[i] = onednn_memory(plan.wanted[i], context.scratch(plan.wanted[i].get_size()));
    if (plan.reorders[kWeight] && result_ != kWeight) wanted_[kWeight] = packed_weights(context, p);
  }

  void run(const ConvProblem& p) {
    std::unordered_map<int, dnnl::memory> arguments{{DNNL_ARG_SCRATCHPAD, scratchpad_}};
    for (int i = 0; i < 3; ++i) {
      dnnl::memory given = onednn_memory(plan_.given[i], p.arrays[i].data);
      if (plan_.reorders[i] && i != result_ && i != kWeight) reorder(stream_, *plan_.reorders[i], given, wanted_[i]);
      arguments[argument_of(p.pass, i)] = plan_.reorders[i] ? wanted_[i] : given;
    }
    plan_.primitive.execute(stream_, arguments);
    if (plan_.reorders[result_])
      reorder(stream_, *plan_.reorders[result_], wanted_[result_],
              onednn_memory(plan_.given[result_], p.arrays[result_].data));
  }

 private:
  dnnl::memory packed_weights(Context& context, const ConvProblem& p) {
    auto pack = [&](const dnnl::memory& to) {
      reorder(stream_, *plan_.reorders[kWeight], onednn_memory(plan_.given[kWeight], p.arrays[kWeight].data), to);
    };
    if (p.weight_view)
      return context.kept<PackedWeights>().get(context, *p.weight_view, plan_.number, plan_.wanted[kWeight], pack);
    dnnl::memory packed = onednn_memory(plan_.wanted[kWeight], context.scratch(plan_.wanted[kWeight].get_size()));
    pack(packed);
    return packed;
  }

  const ConvPlan& plan_;
  dnnl::stream& stream_;
  int result_;
  dnnl::memory scratchpad_;
  std::array<dnnl::memory, 3> wanted_;
};

}  // namespace

bool convolve_onednn(Context& context, const ConvProblem& problem, const ConvDone& done) {
  ConvProblem p = problem;
  for (int i = 0; i < 3; ++i)
    if (!is_describable(p.shape(i), p.arrays[i].strides)) p = with_copy(context, p, i, p.arrays[i].dtype, true);
  const ConvPlan& whole = plan_for(context, p);
  if (!whole.usable) return false;
  int64_t images = p.sizes[kInput][0], step = images_at_once(p, whole), rest = images % step;
  bool copied = p.arrays[p.result()].data != problem.arrays[p.result()].data;
  const ConvPlan& plan = step == images ? whole : plan_for(context, slice(p, 0, step));
  const ConvPlan& last = rest == 0 ? plan : plan_for(context, slice(p, 0, rest));
  if (!plan.usable || !last.usable) return false;
  auto run_all = [&](const ConvPlan& used, int64_t begin, int64_t end, int64_t count) {
    if (begin == end) return;
    Execution execution(context, p, used);
    for (int64_t n = begin; n < end; n += count) {
      execution.run(slice(p, n, count));
      if (!copied) done(n, n + count);
    }
  };
  run_all(plan, 0, images - rest, step);
  run_all(last, images - rest, images, rest);
  if (!copied) return true;
  convert_array(p.arrays[p.result()], problem.arrays[p.result()], p.shape(p.result()));
  done(0, images);
  return true;
}

}  // namespace lineshaft::cpu
