#include "backends/cpu/program/reduction.h"

#include <algorithm>
#include <cstring>

#include "backends/cpu/parallel.h"
#include "backends/cpu/program/index_sources.h"
#include "base/divide.h"
#include "tensor/merge_axes.h"

namespace lineshaft::cpu {
namespace {

constexpr int64_t kReductionGrain = 32768;
constexpr int64_t kMostColumns = 512;
constexpr int64_t kLaneBytes = 128 << 10;  // lanes of all columns: inside L2
constexpr int64_t kShort = 32;             // sequences so short are taken side by side

int64_t product(const auto& axes) {
  int64_t count = 1;
  for (const auto& axis : axes) count *= axis.size;
  return count;
}

}  // namespace

Reduction::Reduction(Context& context, ProgramRef program, List<TensorView> inputs, List<Scalar> args, uint8_t axes,
                     std::vector<ReducedValue> values)
    : context_(context), program_(widened(context, program)), args_(args) {
  for (size_t k = 0; k < values.size(); ++k) {
    DType type = program_->outputs[k];
    Value value{.to = values[k], .kernels = &reduce_kernels(values[k].kind, type), .element = size_of(type)};
    value.out_bytes = size_of(reduced_type(values[k].kind, type));
    value.second_bytes = values[k].kind == ReduceKind::kMeanVar ? size_of(type) : 8;
    values_.push_back(value);
  }
  for (const TensorView& view : inputs) {
    addresses_.push_back(context.data(view));
    element_sizes_.push_back(size_of(view.dtype));
  }
  direct_ = is_identity(program_) && reads_in_place(inputs[0].dtype);
  split_axes(inputs, axes);
  choose_layout();
  make_plan(inputs);
}

void Reduction::split_axes(List<TensorView> inputs, uint8_t axes) {
  std::span<const int64_t> sizes = inputs[0].shape();
  std::vector<Strides> strides;
  for (const TensorView& view : inputs) strides.push_back(view.strides);
  for (int source : index_sources(*program_)) {
    strides.push_back(source_strides(source, sizes));
    addresses_.push_back(nullptr);
    element_sizes_.push_back(1);
  }
  for (size_t i = 0; i < sizes.size(); ++i) {
    if (sizes[i] == 1) continue;
    Axis axis{.size = sizes[i]};
    for (const Strides& each : strides) axis.strides.push_back(each[i]);
    (axes >> i & 1 ? reduced_ : kept_).push_back(std::move(axis));
  }
  outputs_ = product(kept_);
  length_ = product(reduced_);
  blocks_ = divide_up(length_, kReduceBlock);
  int64_t stride = 1;
  for (size_t i = kept_.size(); i-- > 0; stride *= kept_[i].size) kept_[i].result_stride = stride;
  merge(reduced_);
  merge(kept_);
}

// The result steps evenly over its axes as they are: it is one operand more.
void Reduction::merge(std::vector<Axis>& axes) {
  int operands = static_cast<int>(element_sizes_.size());
  int count = merge_axes(
      static_cast<int>(axes.size()), operands + 1, [&](int axis) -> int64_t& { return axes[axis].size; },
      [&](int operand, int axis) -> int64_t& {
        return operand < operands ? axes[axis].strides[operand] : axes[axis].result_stride;
      });
  axes.resize(count);
  if (axes.empty()) axes.push_back({.result_stride = 1, .strides = std::vector<int64_t>(element_sizes_.size())});
}

void Reduction::choose_layout() {
  size_t inputs = program_->inputs.size();
  // Inputs that are broadcast cost little however they are read.
  std::vector<bool> whole(inputs, true);
  for (const auto* axes : {&kept_, &reduced_})
    for (const Axis& axis : *axes)
      for (size_t k = 0; k < inputs; ++k)
        if (axis.size > 1 && axis.strides[k] == 0) whole[k] = false;
  bool any = std::find(whole.begin(), whole.end(), true) != whole.end();
  auto runs = [&](const Axis& axis) {
    int count = 0;
    for (size_t k = 0; k < inputs; ++k) count += (whole[k] || !any) && axis.strides[k] == 1 && axis.size > 1;
    return count;
  };
  int best = -1;
  for (size_t i = 0; i < kept_.size(); ++i) {
    int count = runs(kept_[i]);
    if (count < best || (count == best && kept_[i].size < kept_[column_axis_].size)) continue;
    best = count;
    column_axis_ = i;
  }
  int64_t columns = kept_[column_axis_].size;
  side_by_side_ = columns > 1 && (best > runs(reduced_.back()) || length_ == 1 || (length_ < kShort && columns >= 16));
  if (!side_by_side_) return;
  int64_t lanes = 1;
  for (const Value& value : values_) lanes = std::max(lanes, value.kernels->lane_bytes);
  int64_t most = std::min(kMostColumns, std::max<int64_t>(64, kLaneBytes / lanes));
  if (blocks_ <= 1) {
    int64_t others = outputs_ / columns;
    int64_t wanted = std::max<int64_t>(1, 2 * thread_count() / std::max<int64_t>(others, 1));
    most = std::clamp<int64_t>(divide_up(columns, wanted), 64, most);
  }
  columns_ = std::min(columns, most);
}

// The tile: side by side, some elements of every sequence by `columns_` outputs; else some outputs by their whole
// sequences, or part of one.
void Reduction::make_plan(List<TensorView> inputs) {
  const Axis& across = side_by_side_ ? kept_[column_axis_] : reduced_.back();
  constexpr int64_t kShortSegment = 256;
  segmented_ = !side_by_side_ && reduced_.size() > 1 && reduced_.back().size <= kShortSegment;
  const Axis& down = side_by_side_ ? reduced_.back() : segmented_ ? reduced_[reduced_.size() - 2] : kept_.back();
  bool transposed = false;
  for (size_t k = 0; k < inputs.size(); ++k)
    transposed |= down.strides[k] == 1 && across.strides[k] != 1 && across.strides[k] != 0;
  if (side_by_side_ && transposed && length_ >= kShort) columns_ = std::min<int64_t>(columns_, 64);
  int64_t capacity = 2048;
  std::vector<InputMode> modes(inputs.size());
  std::vector<OutputMode> outputs(values_.size(), OutputMode::kDirect);
  std::vector<uint64_t> aliases(values_.size());
  for (;;) {
    whole_ = !side_by_side_ && reduced_.size() == 1 && length_ <= std::min(kReduceBlock / 2, capacity);
    if (side_by_side_) columns_ = std::min(columns_, capacity);
    segmented_ &= across.size <= capacity;
    int64_t cols = side_by_side_ ? columns_ : whole_ ? length_ : segmented_ ? across.size : capacity;
    cols = std::min(cols, capacity);
    bool long_rows = side_by_side_ ? columns_ >= 256 && !transposed : !whole_ && !segmented_;
    rows_ = long_rows ? 1 : std::max<int64_t>(1, capacity / std::max<int64_t>(cols, 1));
    for (size_t k = 0; k < inputs.size(); ++k) {
      int64_t col_stride = across.strides[k], row_stride = down.strides[k];
      bool dense = col_stride == 1 && (rows_ == 1 || row_stride == cols) && (rows_ == 1 || across.size == cols);
      bool still = col_stride == 0 && (rows_ == 1 || row_stride == 0);
      modes[k] = still                                      ? InputMode::kSplat
                 : dense && reads_in_place(inputs[k].dtype) ? InputMode::kDirect
                                                            : InputMode::kLoaded;
    }
    plan_ = &plan_for(context_, program_, modes, outputs, aliases);
    if (plan_->capacity >= std::min(capacity, rows_ * cols)) break;
    capacity = plan_->capacity;
  }
}

// One thread's tiles and running results.
class Reduction::Worker {
 public:
  explicit Worker(const Reduction& reduction)
      : r_(reduction), runner_(*reduction.plan_, reduction.args_), offsets_(reduction.element_sizes_.size()) {
    int64_t tile = std::max<int64_t>(r_.plan_->capacity, kReduceBlock), bytes = 0;
    auto take = [&](int64_t size) {
      int64_t at = bytes;
      bytes += (size + 127) & ~int64_t{63};
      return at;
    };
    std::vector<std::array<int64_t, 4>> layout;
    for (const Value& value : r_.values_)
      layout.push_back({take(tile * value.element), take(r_.columns_ * value.kernels->lane_bytes),
                        take(r_.columns_ * value.kernels->block_bytes),
                        take(r_.columns_ * value.kernels->total_bytes)});
    memory_ = AlignedMemory(bytes);
    for (const auto& at : layout)
      state_.push_back({memory_.get() + at[0], memory_.get() + at[1], memory_.get() + at[2], memory_.get() + at[3]});
  }

  // Sets the operands' offsets to those of output `output`, counted row-major over the kept axes but `skipped`. Returns
  // its place in the results.
  int64_t seek(int64_t output, size_t skipped) {
    std::fill(offsets_.begin(), offsets_.end(), 0);
    int64_t place = 0;
    for (size_t i = r_.kept_.size(); i-- > 0;) {
      if (i == skipped) continue;
      const Axis& axis = r_.kept_[i];
      int64_t at = output % axis.size;
      output /= axis.size;
      advance(axis, at);
      place += at * axis.result_stride;
    }
    return place;
  }
  void advance(const Axis& axis, int64_t by) {
    for (size_t k = 0; k < offsets_.size(); ++k) offsets_[k] += by * axis.strides[k];
  }

  // Block `block` of the sequence at the operands' offsets.
  void run_block(int64_t block) {
    int64_t first = block * kReduceBlock, n = std::min(kReduceBlock, r_.length_ - first);
    for (int64_t done = 0; done < n;) {
      auto [offset, rest] = locate(first + done);
      int64_t count = std::min(rest, n - done);
      if (r_.direct_ && count == n && r_.reduced_.back().strides[0] == 1) {
        const std::byte* v = r_.addresses_[0] + (offsets_[0] + offset[0]) * r_.element_sizes_[0];
        return r_.values_[0].kernels->run(v, n, first, state_[0].block);
      }
      int64_t length = r_.reduced_.back().size, rows = 1;
      if (r_.segmented_ && rest == length && n - done >= length)
        rows = std::min({(n - done) / length, r_.rows_, rows_left_});
      count = std::min(count, r_.plan_->capacity);
      for (size_t k = 0; k < r_.values_.size(); ++k)
        runner_.outputs()[k] = {state_[k].tile + done * r_.values_[k].element, 0, 1};
      evaluate(offset, rows, count, rows > 1 ? &r_.reduced_[r_.reduced_.size() - 2] : nullptr, r_.reduced_.back());
      count *= rows;
      done += count;
    }
    for (size_t k = 0; k < r_.values_.size(); ++k)
      r_.values_[k].kernels->run(state_[k].tile, n, first, state_[k].block);
  }

  // Short sequences of several outputs that follow each other along the last kept axis; results from `place` on.
  void run_whole(int64_t count, int64_t place) {
    const Axis &down = r_.kept_.back(), &across = r_.reduced_.back();
    std::vector<int64_t> none(offsets_.size());
    for (int64_t done = 0; done < count;) {
      int64_t rows = std::min(count - done, r_.rows_);
      for (size_t k = 0; k < r_.values_.size(); ++k) runner_.outputs()[k] = {state_[k].tile, r_.length_, 1};
      bool in_place = r_.direct_ && across.strides[0] == 1;
      if (!in_place) evaluate(none, rows, r_.length_, &down, across);
      for (size_t k = 0; k < r_.values_.size(); ++k) {
        const Value& value = r_.values_[k];
        for (int64_t row = 0; row < rows; ++row) {
          const std::byte* v = in_place
                                   ? r_.addresses_[0] + (offsets_[0] + row * down.strides[0]) * r_.element_sizes_[0]
                                   : state_[k].tile + row * r_.length_ * value.element;
          value.kernels->clear(state_[k].total, 1);
          value.kernels->run(v, r_.length_, 0, state_[k].block);
          value.kernels->merge(state_[k].total, state_[k].block, 1);
          r_.finish(value, state_[k].total, 1, place + (done + row) * down.result_stride, 1);
        }
      }
      advance(down, rows);
      done += rows;
    }
  }

  // Block `block` of `columns` sequences side by side.
  void run_columns(int64_t block, int64_t columns) {
    int64_t first = block * kReduceBlock, n = std::min(kReduceBlock, r_.length_ - first);
    const Axis &across = r_.kept_[r_.column_axis_], &down = r_.reduced_.back();
    bool in_place = r_.direct_ && across.strides[0] == 1;
    for (size_t k = 0; k < r_.values_.size(); ++k) r_.values_[k].kernels->begin(state_[k].lanes, columns);
    for (int64_t row = 0; row < n;) {
      auto [offset, rest] = locate(first + row);
      int64_t rows = std::min(rest, n - row);
      if (in_place) {
        const std::byte* v = r_.addresses_[0] + (offsets_[0] + offset[0]) * r_.element_sizes_[0];
        r_.values_[0].kernels->rows(v, rows, columns, down.strides[0], row, state_[0].lanes);
      } else {
        rows = std::min(rows, r_.rows_);
        for (size_t k = 0; k < r_.values_.size(); ++k) runner_.outputs()[k] = {state_[k].tile, columns, 1};
        evaluate(offset, rows, columns, &down, across);
        for (size_t k = 0; k < r_.values_.size(); ++k)
          r_.values_[k].kernels->rows(state_[k].tile, rows, columns, columns, row, state_[k].lanes);
      }
      row += rows;
    }
    for (size_t k = 0; k < r_.values_.size(); ++k)
      r_.values_[k].kernels->fold(state_[k].lanes, columns, n, first, state_[k].block);
  }

  void clear(int64_t count) {
    for (size_t k = 0; k < r_.values_.size(); ++k) r_.values_[k].kernels->clear(state_[k].total, count);
  }
  void merge(int64_t count) {
    for (size_t k = 0; k < r_.values_.size(); ++k)
      r_.values_[k].kernels->merge(state_[k].total, state_[k].block, count);
  }
  void finish(int64_t count, int64_t place, int64_t stride) {
    for (size_t k = 0; k < r_.values_.size(); ++k) r_.finish(r_.values_[k], state_[k].total, count, place, stride);
  }
  // Keeps the block's results at position `at` of the partial results.
  void keep(int64_t at, int64_t count) {
    for (size_t k = 0; k < r_.values_.size(); ++k) {
      int64_t bytes = r_.values_[k].kernels->block_bytes;
      std::memcpy(r_.values_[k].partial + at * bytes, state_[k].block, count * bytes);
    }
  }
  std::byte* total(size_t k) { return state_[k].total; }

 private:
  struct State {
    std::byte *tile, *lanes, *block, *total;
  };

  // Where element `at` of a sequence lies, and how many follow along the last reduced axis, itself included.
  std::pair<std::vector<int64_t>&, int64_t> locate(int64_t at) {
    position_.assign(offsets_.size(), 0);
    int64_t rest = 0;
    for (size_t i = r_.reduced_.size(); i-- > 0;) {
      const Axis& axis = r_.reduced_[i];
      int64_t coordinate = at % axis.size;
      at /= axis.size;
      if (i + 1 == r_.reduced_.size()) rest = axis.size - coordinate;
      if (i + 2 == r_.reduced_.size()) rows_left_ = axis.size - coordinate;
      for (size_t k = 0; k < position_.size(); ++k) position_[k] += coordinate * axis.strides[k];
    }
    return {position_, rest};
  }

  void evaluate(const std::vector<int64_t>& offset, int64_t rows, int64_t cols, const Axis* down, const Axis& across) {
    size_t inputs = r_.program_->inputs.size();
    for (size_t k = 0; k < offsets_.size(); ++k) {
      int64_t bytes = (offsets_[k] + offset[k]) * r_.element_sizes_[k];
      // An index source's address is its value.
      std::byte* data = k < inputs ? r_.addresses_[k] + bytes : reinterpret_cast<std::byte*>(bytes);
      TileOperand operand{data, down ? down->strides[k] : 0, across.strides[k]};
      (k < inputs ? runner_.inputs()[k] : runner_.indices()[k - inputs]) = operand;
    }
    runner_.run(rows, cols);
  }

  const Reduction& r_;
  TileRunner runner_;
  std::vector<int64_t> offsets_, position_;
  int64_t rows_left_ = 1;  // of the last reduced axis but one, after locate
  AlignedMemory memory_;
  std::vector<State> state_;
};

void Reduction::finish(const Value& value, const std::byte* totals, int64_t count, int64_t first,
                       int64_t stride) const {
  double rest = static_cast<double>(length_) - value.to.correction, divisor = rest > 0 ? rest : 0;
  auto* out = static_cast<std::byte*>(value.to.out) + first * value.out_bytes;
  auto* second = static_cast<std::byte*>(value.to.second);
  if (second) second += first * value.second_bytes;
  if (stride == 1) return value.kernels->finish(totals, count, divisor, out, second);
  for (int64_t i = 0; i < count; ++i)
    value.kernels->finish(totals + i * value.kernels->total_bytes, 1, divisor, out + i * stride * value.out_bytes,
                          second ? second + i * stride * value.second_bytes : nullptr);
}

void Reduction::run_one_by_one() {
  int64_t cost = std::max<int64_t>(1, length_ * plan_->weight);
  if (whole_) {
    int64_t last = kept_.back().size;
    return parallel_for(outputs_, std::max<int64_t>(1, kReductionGrain / cost), [&](int64_t begin, int64_t end) {
      Worker worker(*this);
      while (begin < end) {
        int64_t count = std::min(end - begin, last - begin % last);
        int64_t place = worker.seek(begin, kept_.size());
        worker.run_whole(count, place);
        begin += count;
      }
    });
  }
  bool shared = outputs_ < 4 * thread_count() && blocks_ > 1 && thread_count() > 1 && outputs_ * cost > kReductionGrain;
  if (!shared) {
    return parallel_for(outputs_, std::max<int64_t>(1, kReductionGrain / cost), [&](int64_t begin, int64_t end) {
      Worker worker(*this);
      for (int64_t output = begin; output < end; ++output) {
        int64_t place = worker.seek(output, kept_.size());
        worker.clear(1);
        for (int64_t block = 0; block < blocks_; ++block) worker.run_block(block), worker.merge(1);
        worker.finish(1, place, 1);
      }
    });
  }
  for (Value& value : values_)
    value.partial = context_.scratch<std::byte>(outputs_ * blocks_ * value.kernels->block_bytes);
  parallel_for(outputs_ * blocks_, std::max<int64_t>(1, kReductionGrain / (kReduceBlock * plan_->weight)),
               [&](int64_t begin, int64_t end) {
                 Worker worker(*this);
                 int64_t output = -1;
                 for (int64_t i = begin; i < end; ++i) {
                   if (i / blocks_ != output) worker.seek(output = i / blocks_, kept_.size());
                   worker.run_block(i % blocks_);
                   worker.keep(i, 1);
                 }
               });
  Worker worker(*this);
  for (int64_t output = 0; output < outputs_; ++output) {
    int64_t place = worker.seek(output, kept_.size());
    worker.clear(1);
    for (size_t k = 0; k < values_.size(); ++k) {
      const ReduceKernels& kernels = *values_[k].kernels;
      for (int64_t block = 0; block < blocks_; ++block)
        kernels.merge(worker.total(k), values_[k].partial + (output * blocks_ + block) * kernels.block_bytes, 1);
    }
    worker.finish(1, place, 1);
  }
}

void Reduction::run_side_by_side() {
  const Axis& across = kept_[column_axis_];
  int64_t strips = divide_up(across.size, columns_), tasks = outputs_ / across.size * strips;
  int64_t cost = std::max<int64_t>(1, columns_ * plan_->weight);
  auto place_at = [&](Worker& worker, int64_t task) {
    int64_t column = task % strips * columns_;
    int64_t place = worker.seek(task / strips, column_axis_) + column * across.result_stride;
    worker.advance(across, column);
    return std::pair{place, std::min(columns_, across.size - column)};
  };
  bool shared =
      tasks < 2 * thread_count() && blocks_ > 1 && thread_count() > 1 && tasks * cost * length_ > kReductionGrain;
  if (!shared) {
    return parallel_for(tasks, std::max<int64_t>(1, kReductionGrain / (cost * std::max<int64_t>(length_, 1))),
                        [&](int64_t begin, int64_t end) {
                          Worker worker(*this);
                          for (int64_t task = begin; task < end; ++task) {
                            auto [place, columns] = place_at(worker, task);
                            worker.clear(columns);
                            for (int64_t block = 0; block < blocks_; ++block)
                              worker.run_columns(block, columns), worker.merge(columns);
                            worker.finish(columns, place, across.result_stride);
                          }
                        });
  }
  // Partial results lie block after block within a task's strip.
  int64_t stripe = blocks_ * columns_;
  for (Value& value : values_) value.partial = context_.scratch<std::byte>(tasks * stripe * value.kernels->block_bytes);
  parallel_for(tasks * blocks_, std::max<int64_t>(1, kReductionGrain / (cost * kReduceBlock)),
               [&](int64_t begin, int64_t end) {
                 Worker worker(*this);
                 for (int64_t i = begin; i < end; ++i) {
                   auto [place, columns] = place_at(worker, i / blocks_);
                   worker.run_columns(i % blocks_, columns);
                   worker.keep(i * columns_, columns);
                 }
               });
  parallel_for(tasks, std::max<int64_t>(1, kReductionGrain / stripe), [&](int64_t begin, int64_t end) {
    Worker worker(*this);
    for (int64_t task = begin; task < end; ++task) {
      auto [place, columns] = place_at(worker, task);
      worker.clear(columns);
      for (size_t k = 0; k < values_.size(); ++k) {
        const ReduceKernels& kernels = *values_[k].kernels;
        for (int64_t block = 0; block < blocks_; ++block)
          kernels.merge(worker.total(k), values_[k].partial + (task * blocks_ + block) * columns_ * kernels.block_bytes,
                        columns);
      }
      worker.finish(columns, place, across.result_stride);
    }
  });
}

void Reduction::run() {
  if (outputs_ == 0) return;
  if (length_ == 0) {
    for (const Value& value : values_) {
      AlignedMemory total(value.kernels->total_bytes);
      value.kernels->clear(total.get(), 1);
      for (int64_t i = 0; i < outputs_; ++i) finish(value, total.get(), 1, i, 1);
    }
    return;
  }
  side_by_side_ ? run_side_by_side() : run_one_by_one();
}

}  // namespace lineshaft::cpu
