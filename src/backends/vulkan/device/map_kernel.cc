#include "backends/vulkan/device/map_kernel.h"

#include <algorithm>
#include <bit>

#include "backends/vulkan/device/context.h"
#include "backends/vulkan/program/program_kernel.h"
#include "base/divide.h"
#include "tensor/merge_axes.h"

namespace lineshaft::vulkan {
namespace {

constexpr int64_t kMaxElements = int64_t{1} << 30;  // of one dispatch
constexpr int64_t kWideFrom =
    16384;  // elements from which four-wide kernels pay for being compiled beside the narrow ones

// A part of the iteration space: a run of the recorded order.
struct Part {
  std::vector<int64_t> sizes;
  std::vector<int64_t> bases;     // by axis: the first coordinate
  int64_t linear = 0;             // the first element's number
  std::vector<TensorView> views;  // inputs, then outputs, of these sizes
};

struct Axis {
  int64_t size = 1;
  std::vector<int64_t> strides;  // by view
};

struct Magic {
  uint32_t multiplier = 0, shift = 0;
};

// n / d == (mulhi(n, multiplier) + n) >> shift for n < 2^31.
Magic magic_of(int64_t divisor) {
  auto d = static_cast<uint64_t>(divisor);
  auto shift = static_cast<uint32_t>(d <= 1 ? 0 : std::bit_width(d - 1));
  return {static_cast<uint32_t>(((uint64_t{1} << 32) * ((uint64_t{1} << shift) - d)) / d + 1), shift};
}

int64_t length_of(const TensorView& view) {
  ByteRange range = byte_range(view);
  return range.end - range.begin;
}

class MapRun {
 public:
  MapRun(Context& context, ProgramRef program, List<Scalar> args)
      : context_(context), program_(*program), args_(args) {}
  void run(Part part);

 private:
  bool fits(const Part& part) const;
  bool stays_whole(const Part& part) const;
  size_t axis_to_split(const Part& part) const;
  void launch(const Part& part);
  void launch(const Part& part, const std::vector<Axis>& axes, const KernelShape& shape, int64_t start, int64_t count);
  std::vector<Axis> axes_of(const Part& part) const;
  void bind(const Part& part);
  KernelShape shape_of(const Part& part, const std::vector<Axis>& axes, bool wide) const;
  bool contiguous(const std::vector<Axis>& axes, size_t view) const;
  bool as_texels(size_t view) const;
  std::vector<uint32_t> params(const Part& part, const std::vector<Axis>& axes, const KernelShape& shape, int64_t start,
                               int64_t count) const;

  Context& context_;
  const Program& program_;
  List<Scalar> args_;
  std::vector<Range> ranges_;
  std::vector<uint32_t> bases_;  // by view: element (0, 0, ...) within the range
};

bool MapRun::fits(const Part& part) const {
  int64_t limit = context_.features().limits.maxStorageBufferRange - 512, count = 1;
  for (int64_t size : part.sizes) count *= size;
  if (count > kMaxElements) return false;
  return std::ranges::all_of(part.views, [&](const TensorView& view) { return length_of(view) <= limit; });
}

// Whether a program that asks for its position reaches over more than is bound at once whichever run of the recorded
// order it takes, as over a transposed matrix: then its views are far operands.
bool MapRun::stays_whole(const Part& part) const {
  int64_t count = 1;
  for (int64_t size : part.sizes) count *= size;
  if (!program_.uses_index || !context_.features().bda || count > kMaxElements || part.views.size() > 64) return false;
  const TensorView& longest = *std::ranges::max_element(part.views, {}, length_of);
  size_t axis = axis_to_split(part);
  int64_t saved = part.sizes[axis] / 2 * std::abs(longest.strides[axis]) * size_of(longest.dtype);
  return length_of(longest) / size_of(longest.dtype) < INT32_MAX - 512 && saved < length_of(longest) / 4;
}

// The axis along which the longest view reaches furthest. Programs that ask for their position run in the recorded
// order, so these go by the outermost one.
size_t MapRun::axis_to_split(const Part& part) const {
  size_t outermost = 0;
  while (outermost + 1 < part.sizes.size() && part.sizes[outermost] == 1) ++outermost;
  if (program_.uses_index) return outermost;
  const TensorView& longest = *std::ranges::max_element(part.views, {}, length_of);
  auto reach = [&](size_t axis) { return (part.sizes[axis] - 1) * std::abs(longest.strides[axis]); };
  size_t best = outermost;
  for (size_t axis = outermost; axis < part.sizes.size(); ++axis)
    if (reach(axis) > reach(best)) best = axis;
  return best;
}

void MapRun::run(Part part) {
  if (fits(part) || stays_whole(part)) return launch(part);
  size_t axis = axis_to_split(part);
  int64_t inner = 1;
  for (size_t i = axis + 1; i < part.sizes.size(); ++i) inner *= part.sizes[i];
  int64_t half = part.sizes[axis] / 2;
  Part second = part;
  part.sizes[axis] = half;
  second.sizes[axis] -= half;
  second.bases[axis] += half;
  second.linear += half * inner;
  for (size_t k = 0; k < part.views.size(); ++k) {
    part.views[k].sizes[axis] = half;
    second.views[k].sizes[axis] -= half;
    second.views[k].offset += half * second.views[k].strides[axis] * size_of(second.views[k].dtype);
  }
  run(std::move(part));
  run(std::move(second));
}

// Axes innermost first, without those of size 1, merged where every view allows it. Programs that do not ask for their
// position run in the order of the first output's memory.
std::vector<Axis> MapRun::axes_of(const Part& part) const {
  std::vector<Axis> axes;
  for (size_t i = part.sizes.size(); i-- > 0;) {
    if (part.sizes[i] == 1) continue;
    Axis axis{part.sizes[i], {}};
    for (const TensorView& view : part.views) axis.strides.push_back(view.strides[i]);
    axes.push_back(std::move(axis));
  }
  size_t order = program_.inputs.size();
  if (!program_.uses_index) std::ranges::stable_sort(axes, {}, [&](const Axis& axis) { return axis.strides[order]; });
  auto number = [&](int axis) { return axes.size() - 1 - static_cast<size_t>(axis); };  // from the outermost
  int left = merge_axes(
      static_cast<int>(axes.size()), static_cast<int>(part.views.size()),
      [&](int axis) -> int64_t& { return axes[number(axis)].size; },
      [&](int view, int axis) -> int64_t& { return axes[number(axis)].strides[view]; });
  axes.erase(axes.begin(), axes.end() - left);
  return axes;
}

void MapRun::bind(const Part& part) {
  auto alignment =
      static_cast<int64_t>(std::max<VkDeviceSize>(context_.features().limits.minStorageBufferOffsetAlignment, 64));
  ranges_.clear();
  bases_.clear();
  for (size_t k = 0; k < part.views.size(); ++k) {
    const TensorView& view = part.views[k];
    Place place = context_.memory().place(view.buffer);
    ByteRange bytes = byte_range(view);
    int64_t begin = bytes.begin / alignment * alignment;
    int64_t end = std::min(round_up(bytes.end, 16), place.size);
    ranges_.push_back({place, place.offset + begin, end - begin, k >= program_.inputs.size()});
    bases_.push_back(static_cast<uint32_t>((view.offset - begin) / size_of(view.dtype)));
  }
}

bool MapRun::contiguous(const std::vector<Axis>& axes, size_t view) const {
  int64_t expected = 1;
  for (const Axis& axis : axes) {
    if (axis.strides[view] != expected) return false;
    expected *= axis.size;
  }
  return true;
}

// Whether the input is bound as texels, which a processor fetches as whole vectors: not where the kernel writes it too,
// as a driver may put off such reads.
bool MapRun::as_texels(size_t view) const {
  const Range& range = ranges_[view];
  int64_t texels = range.size / (4 * vector_words(program_.inputs[view]));
  if (!context_.features().tuning().processor || texels > context_.features().limits.maxTexelBufferElements)
    return false;
  return std::none_of(
      ranges_.begin() + static_cast<ptrdiff_t>(program_.inputs.size()), ranges_.end(), [&](const Range& written) {
        return written.place.segment == range.place.segment && written.offset < range.offset + range.size &&
               range.offset < written.offset + written.size;
      });
}

KernelShape MapRun::shape_of(const Part& part, const std::vector<Axis>& axes, bool wide) const {
  KernelShape shape;
  for (size_t k = 0; k < part.views.size(); ++k) {
    bool output = k >= program_.inputs.size();
    bool uniform = std::ranges::all_of(axes, [&](const Axis& axis) { return axis.strides[k] == 0; });
    bool vector = wide && bases_[k] % 4 == 0 && contiguous(axes, k);
    shape.access.push_back(uniform && !output                  ? Access::kUniform
                           : vector && !output && as_texels(k) ? Access::kTexel
                           : vector                            ? Access::kVector
                                                               : Access::kStrided);
  }
  if (!wide) return shape;
  bool vector_outputs = std::all_of(shape.access.begin() + static_cast<ptrdiff_t>(program_.inputs.size()),
                                    shape.access.end(), [](Access access) { return access == Access::kVector; });
  bool strided_inputs = std::ranges::count(shape.access, Access::kStrided) > 0;
  if (!vector_outputs || (strided_inputs && axes[0].size % 4 != 0)) return shape_of(part, axes, false);
  shape.width = 4;
  return shape;
}

std::vector<uint32_t> MapRun::params(const Part& part, const std::vector<Axis>& axes, const KernelShape& shape,
                                     int64_t start, int64_t count) const {
  ParamLayout layout(program_, shape);
  std::vector<uint32_t> words(layout.total * 4);
  auto put64 = [&](size_t at, uint64_t value) {
    words[at] = static_cast<uint32_t>(value);
    words[at + 1] = static_cast<uint32_t>(value >> 32);
  };
  words[0] = static_cast<uint32_t>(count / shape.width);
  put64(1, static_cast<uint64_t>(part.linear));
  words[3] = static_cast<uint32_t>(axes.size());
  std::ranges::copy(bases_, words.begin() + layout.bases * 4);
  words[layout.bases * 4 + bases_.size()] = static_cast<uint32_t>(start);
  for (size_t i = 0; i < program_.args.size(); ++i) {
    size_t at = layout.args * 4 + layout.arg_word[i];
    Scalar value = args_[i];
    switch (program_.args[i]) {
      case DType::kF32:
        words[at] = std::bit_cast<uint32_t>(static_cast<float>(value.as_double()));
        break;
      case DType::kI32:
        words[at] = static_cast<uint32_t>(value.bits);
        break;
      case DType::kBool:
        words[at] = value.bits != 0;
        break;
      default:
        put64(at, value.bits);
    }
  }
  for (size_t i = 0; i < layout.index_axes.size(); ++i) {
    auto axis = static_cast<size_t>(layout.index_axes[i]);
    size_t at = (layout.indices + 2 * i) * 4;
    int64_t inner = 1, size = axis < part.sizes.size() ? part.sizes[axis] : 1;
    for (size_t k = axis + 1; k < part.sizes.size(); ++k) inner *= part.sizes[k];
    Magic by_inner = magic_of(inner), by_size = magic_of(size);
    std::ranges::copy(std::array{static_cast<uint32_t>(inner), by_inner.multiplier, by_inner.shift,
                                 static_cast<uint32_t>(size), by_size.multiplier, by_size.shift},
                      words.begin() + static_cast<ptrdiff_t>(at));
    put64(at + 6, static_cast<uint64_t>(axis < part.sizes.size() ? part.bases[axis] : 0));
  }
  for (size_t d = 0; layout.axis_groups && d < axes.size(); ++d) {
    size_t at = (layout.axes + d * layout.axis_groups) * 4;
    Magic magic = magic_of(axes[d].size);
    words[at] = static_cast<uint32_t>(axes[d].size);
    words[at + 1] = magic.multiplier;
    words[at + 2] = magic.shift;
    at += 4;
    for (size_t k = 0; k < shape.access.size(); ++k)
      if (shape.access[k] == Access::kStrided) words[at++] = static_cast<uint32_t>(axes[d].strides[k]);
  }
  return words;
}

void MapRun::launch(const Part& part, const std::vector<Axis>& axes, const KernelShape& shape, int64_t start,
                    int64_t count) {
  uint64_t seed = static_cast<uint64_t>(shape.width);
  Hash128 modes = hash_bytes(shape.access.data(), shape.access.size(), seed);
  Hash128 key{program_.hash.low ^ modes.high, program_.hash.high ^ modes.low};
  std::vector<Range> storage;
  std::vector<TexelRange> texels;
  for (size_t k = 0; k < ranges_.size(); ++k) {
    if (shape.access[k] == Access::kTexel)
      texels.push_back({ranges_[k], vector_words(program_.inputs[k])});
    else
      storage.push_back(ranges_[k]);
  }
  LayoutShape layout = layout_of(context_.features(), storage, texels.size(), false);
  const Pipeline& pipeline =
      context_.pipelines().get(key, layout, [&] { return compile_map(program_, shape, context_.features()); });
  std::vector<uint32_t> words = params(part, axes, shape, start, count);
  context_.recorder().dispatch({.kernel = "map",
                                .pipeline = &pipeline,
                                .turns = turns_of(program_, shape.width, context_.features()),
                                .storage = storage,
                                .texels = texels,
                                .params = std::as_bytes(std::span(words)),
                                .push = {},
                                .groups = context_.groups_for(count / shape.width, kMapGroup)});
}

void MapRun::launch(const Part& part) {
  bind(part);
  std::vector<Axis> axes = axes_of(part);
  int64_t count = 1;
  for (const Axis& axis : axes) count *= axis.size;
  bool wide = count >= kWideFrom && turns_of(program_, 4, context_.features()) <= context_.turns();
  KernelShape shape = shape_of(part, axes, wide);
  int64_t whole = count / shape.width * shape.width;
  launch(part, axes, shape, 0, whole);
  if (whole < count) launch(part, axes, shape_of(part, axes, false), whole, count - whole);
}

}  // namespace

void run_map(Context& context, ProgramRef program, List<TensorView> inputs, List<TensorView> outputs,
             List<Scalar> args) {
  Part part;
  part.views.assign(inputs.begin(), inputs.end());
  part.views.insert(part.views.end(), outputs.begin(), outputs.end());
  auto shape = outputs[0].shape();
  part.sizes.assign(shape.begin(), shape.end());
  part.bases.assign(part.sizes.size(), 0);
  if (outputs[0].numel() == 0) return;
  MapRun(context, program, args).run(std::move(part));
}

}  // namespace lineshaft::vulkan
