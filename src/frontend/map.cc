#include "lineshaft/frontend/map.h"

#include <algorithm>
#include <new>
#include <numeric>

#include "lineshaft/base/error.h"
#include "tensor/merge_axes.h"

namespace lineshaft::frontend {
namespace {

// Room for the views of one map, which its user constructs: a few without a call of the allocator.
class Views {
 public:
  Views(size_t inputs, size_t outputs) : inputs_(inputs) {
    if (inputs + outputs <= kFew) return;
    many_.resize(inputs + outputs);
    first_ = many_.data();
  }
  Views(const Views&) = delete;
  Views& operator=(const Views&) = delete;
  TensorView& input(size_t i) { return first_[i]; }
  TensorView& output(size_t i) { return first_[inputs_ + i]; }

 private:
  static constexpr size_t kFew = 6;
  size_t inputs_;
  std::vector<TensorView> many_;
  alignas(TensorView) std::byte few_[kFew * sizeof(TensorView)];
  TensorView* first_ = reinterpret_cast<TensorView*>(few_);
};

struct Operands {
  Stream& stream;
  ProgramRef program;
  List<TensorRef> outputs, inputs;
  List<Scalar> args;
};

// Buffers of this call alone.
class Copies {
 public:
  explicit Copies(Stream& stream) : stream_(stream) {}
  ~Copies() {
    for (BufferId buffer : buffers_) stream_.release(buffer);
  }
  Copies(const Copies&) = delete;
  Copies& operator=(const Copies&) = delete;

  // A dense copy of the elements, recorded here.
  TensorView copy(const TensorView& view) {
    int64_t bytes = saturating_product(view.numel(), size_of(view.dtype));
    TensorView result = contiguous_view(stream_.create(bytes), view.dtype, view.shape());
    buffers_.push_back(result.buffer);
    TensorView sources[] = {view}, targets[] = {result};
    stream_.record(Map{identity_program(view.dtype), sources, targets, {}});
    return result;
  }

 private:
  Stream& stream_;
  std::vector<BufferId> buffers_;
};

void record_views(const Operands& map, Views& views) {
  Copies copies(map.stream);
  for (size_t i = 0; i < map.inputs.size(); ++i)
    for (size_t k = 0; k < map.outputs.size(); ++k) {
      TensorView& input = views.input(i);
      if (input.buffer == views.output(k).buffer && overlap(input, views.output(k)) == Overlap::kPartial) [[unlikely]]
        input = copies.copy(input);
    }
  map.stream.record(Map{map.program, List<TensorView>(&views.input(0), map.inputs.size()),
                        List<TensorView>(&views.output(0), map.outputs.size()), map.args});
}

// More than kMaxRank axes: those that step evenly in every operand merge; if too many are left, the outermost are
// looped over.
class HighRank {
 public:
  explicit HighRank(const Operands& map) : map_(map), sizes_(map.outputs[0].sizes.begin(), map.outputs[0].sizes.end()) {
    LS_REQUIRE(!map.program->uses_index, "this lineshaft operator takes at most ", kMaxRank, " axes; got sizes ",
               shape_text(sizes_));
    for (const TensorRef& tensor : map.inputs) add(tensor);
    for (const TensorRef& tensor : map.outputs) {
      LS_REQUIRE(std::ranges::equal(tensor.sizes, sizes_), "outputs have sizes ", shape_text(sizes_), " and ",
                 shape_text(tensor.sizes), "; they must be alike");
      add(tensor);
    }
    merge();
  }

  void record() { loop(0); }

 private:
  void add(const TensorRef& tensor) {
    bool fits = tensor.sizes.size() <= sizes_.size();
    size_t shift = fits ? sizes_.size() - tensor.sizes.size() : 0;
    std::vector<int64_t> strides(sizes_.size(), 0);
    for (size_t i = shift; fits && i < sizes_.size(); ++i) {
      bool same = tensor.sizes[i - shift] == sizes_[i];
      fits = same || tensor.sizes[i - shift] == 1;
      if (same) strides[i] = tensor.strides[i - shift];
    }
    LS_REQUIRE(fits, "a tensor of sizes ", shape_text(tensor.sizes), " does not broadcast to ", shape_text(sizes_));
    strides_.push_back(std::move(strides));
    offsets_.push_back(0);
  }

  void merge() {
    int kept = merge_axes(
        static_cast<int>(sizes_.size()), static_cast<int>(strides_.size()),
        [&](int axis) -> int64_t& { return sizes_[axis]; },
        [&](int operand, int axis) -> int64_t& { return strides_[operand][axis]; });
    sizes_.resize(kept);
  }

  void loop(size_t axis) {
    if (sizes_.size() - axis <= kMaxRank) return record_slice(axis);
    for (int64_t i = 0; i < sizes_[axis]; ++i) {
      loop(axis + 1);
      for (size_t k = 0; k < strides_.size(); ++k) offsets_[k] += strides_[k][axis];
    }
    for (size_t k = 0; k < strides_.size(); ++k) offsets_[k] -= sizes_[axis] * strides_[k][axis];
  }

  TensorView slice(const TensorRef& tensor, size_t number, size_t axis) {
    TensorView view{tensor.buffer, tensor.offset + offsets_[number] * size_of(tensor.dtype), tensor.dtype};
    view.rank = static_cast<uint8_t>(sizes_.size() - axis);
    for (size_t i = axis; i < sizes_.size(); ++i) {
      view.sizes[i - axis] = sizes_[i];
      view.strides[i - axis] = strides_[number][i];
    }
    return view;
  }

  void record_slice(size_t axis) {
    Views views(map_.inputs.size(), map_.outputs.size());
    size_t number = 0;
    for (size_t i = 0; i < map_.inputs.size(); ++i)
      new (&views.input(i)) TensorView(slice(map_.inputs[i], number++, axis));
    for (size_t i = 0; i < map_.outputs.size(); ++i)
      new (&views.output(i)) TensorView(slice(map_.outputs[i], number++, axis));
    record_views(map_, views);
  }

  const Operands& map_;
  std::vector<int64_t> sizes_;
  std::vector<std::vector<int64_t>> strides_;  // of the inputs, then of the outputs
  std::vector<int64_t> offsets_;
};

// Whether axis `a` should lie inside axis `b`: -1 yes, 1 no, 0 no input says.
int compare_axes(int a, int b, std::span<const int64_t> sizes, List<TensorRef> inputs) {
  for (const TensorRef& input : inputs) {
    auto shift = static_cast<int>(sizes.size() - input.sizes.size());
    auto stride = [&](int axis) {
      return axis < shift || input.sizes[axis - shift] != sizes[axis] ? 0 : input.strides[axis - shift];
    };
    int64_t sa = stride(a), sb = stride(b);
    if (sa == 0 || sb == 0) continue;
    if (sa != sb) return sa < sb ? -1 : 1;
    if (sizes[a] > sizes[b]) return 1;
  }
  return 0;
}

int64_t wrapped(int64_t number, DType type) {
  switch (type) {
    case DType::kI32:
      return static_cast<int32_t>(number);
    case DType::kI16:
      return static_cast<int16_t>(number);
    case DType::kI8:
      return static_cast<int8_t>(number);
    case DType::kU8:
      return static_cast<uint8_t>(number);
    default:
      return number;
  }
}

}  // namespace

void record_map(Stream& stream, ProgramRef program, List<TensorRef> outputs, List<TensorRef> inputs,
                List<Scalar> args) {
  LS_REQUIRE(program && !outputs.empty(), "an elementwise operator takes a program and one output at least");
  const TensorRef& first = outputs[0];
  if (first.numel() == 0) return;
  Operands map{stream, program, outputs, inputs, args};
  if (first.sizes.size() > kMaxRank) [[unlikely]]
    return HighRank(map).record();
  Views views(inputs.size(), outputs.size());
  for (size_t i = 0; i < inputs.size(); ++i) new (&views.input(i)) TensorView(view_of(inputs[i], first.sizes));
  for (size_t i = 0; i < outputs.size(); ++i) new (&views.output(i)) TensorView(view_of(outputs[i]));
  record_views(map, views);
}

Scalar argument(double value, DType type) {
  if (is_float(type)) return Scalar::of(value);
  if (type == DType::kBool) return Scalar::of(int64_t{value != 0});
  bool fits = value >= -0x1p63 && value < 0x1p63;
  return argument(fits ? static_cast<int64_t>(value) : INT64_MIN, type);
}

Scalar argument(int64_t value, DType type) {
  if (is_float(type)) return Scalar::of(static_cast<double>(value));
  return Scalar::of(type == DType::kBool ? int64_t{value != 0} : wrapped(value, type));
}

std::vector<int64_t> result_strides(std::span<const int64_t> sizes, List<TensorRef> inputs) {
  int rank = static_cast<int>(sizes.size());
  std::vector<int64_t> strides(rank);
  std::vector<int> order(rank);
  std::iota(order.rbegin(), order.rend(), 0);  // innermost first
  for (int i = 1; i < rank; ++i) {
    int moved = i;
    for (int before = i - 1; before >= 0; --before) {
      int comparison = compare_axes(order[before], order[moved], sizes, inputs);
      if (comparison > 0) {
        std::swap(order[before], order[moved]);
        moved = before;
      } else if (comparison < 0) {
        break;
      }
    }
  }
  int64_t stride = 1;
  for (int axis : order) {
    strides[axis] = stride;
    stride = saturating_product(stride, std::max<int64_t>(sizes[axis], 1));
  }
  return strides;
}

}  // namespace lineshaft::frontend
