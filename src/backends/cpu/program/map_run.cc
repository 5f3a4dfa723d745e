#include "backends/cpu/program/map_run.h"

#include "backends/cpu/parallel.h"
#include "backends/cpu/program/index_sources.h"
#include "base/compiler.h"

namespace lineshaft::cpu {
namespace {

constexpr int64_t kMapGrain = 32768;  // plain vector instructions that outweigh starting a thread

}  // namespace

MapRun::MapRun(Context& context, const Map& op) : program_(op.program), args_(op.args) {
  addresses_.reserve(op.inputs.size() + op.outputs.size());
  for (const TensorView& view : op.inputs) addresses_.push_back(context.data(view));
  for (const TensorView& view : op.outputs) addresses_.push_back(context.data(view));
  prepare(context, op.inputs, op.outputs);
}

MapRun::MapRun(Context& context, ProgramRef program, List<TensorView> inputs, List<TensorView> outputs,
               List<Scalar> args, std::span<std::byte* const> addresses)
    : program_(program), args_(args), addresses_(addresses.begin(), addresses.end()) {
  prepare(context, inputs, outputs);
}

void MapRun::prepare(Context& context, List<TensorView> inputs, List<TensorView> outputs) {
  if (outputs[0].numel() == 0) return;
  OperandStrides strides;
  strides.reserve(outputs.size() + inputs.size());
  for (const TensorView& view : outputs) strides.push_back(view.strides);
  for (const TensorView& view : inputs) strides.push_back(view.strides);
  std::span<const int64_t> sizes = outputs[0].shape();
  for (int source : index_sources(*program_)) strides.push_back(source_strides(source, sizes));
  size_t memory_operands = outputs.size() + inputs.size();
  space_ = simplify(sizes, strides, memory_operands);
  plan(context, inputs, outputs);
  tiles_ = space_.tile_count();
  ahead_ = plan_->computes() && space_.rows == 1 && space_.cols >= 512;
}

// The plan's capacity depends on the operands' modes, and these on the tiles: one round with a guess, which only
// shrinks.
void MapRun::plan(Context& context, List<TensorView> inputs, List<TensorView> outputs) {
  InlineVector<InputMode, 16> input_modes(inputs.size());
  InlineVector<OutputMode, 16> output_modes(outputs.size());
  InlineVector<uint64_t, 8> aliases(outputs.size());
  for (size_t k = 0; k < outputs.size(); ++k)
    for (size_t i = 0; i < inputs.size(); ++i)
      if (outputs[k].dtype == inputs[i].dtype && addresses_[inputs.size() + k] == addresses_[i])
        aliases[k] |= uint64_t{1} << i;
  int64_t capacity = 2048;
  for (;;) {
    choose_tiles(space_, capacity, outputs.size() + inputs.size());
    for (size_t i = 0; i < inputs.size(); ++i) {
      size_t operand = outputs.size() + i;
      input_modes[i] = space_.is_splat(operand)                                      ? InputMode::kSplat
                       : reads_in_place(inputs[i].dtype) && space_.is_dense(operand) ? InputMode::kDirect
                                                                                     : InputMode::kLoaded;
    }
    for (size_t k = 0; k < outputs.size(); ++k)
      output_modes[k] =
          is_compute_type(outputs[k].dtype) && space_.is_dense(k) ? OutputMode::kDirect : OutputMode::kStored;
    plan_ = &plan_for(context, program_, {input_modes.data(), input_modes.size()},
                      {output_modes.data(), output_modes.size()}, {aliases.data(), aliases.size()});
    if (plan_->capacity >= space_.rows * space_.cols) return;
    capacity = plan_->capacity;
  }
}

int64_t MapRun::grain() const {
  return std::max<int64_t>(1, kMapGrain / (space_.rows * space_.cols * plan_->weight));
}

// While one tile is computed in L1, the next is on its way.
void MapRun::fetch_ahead(const TileWalker& walker) const {
  constexpr int64_t kLine = 64;
  size_t inputs = program_->inputs.size(), outputs = program_->outputs.size();
  for (size_t i = 0; i < inputs; ++i) {
    if (space_.col_stride(outputs + i) != 1) continue;
    int64_t bytes = walker.cols() * size_of(program_->inputs[i]);
    const std::byte* next = addresses_[i] + walker.offset(outputs + i) * size_of(program_->inputs[i]) + bytes;
    for (int64_t at = 0; at < bytes; at += kLine) prefetch(next + at);
  }
}

void MapRun::run(int64_t begin, int64_t end) const {
  if (begin >= end) return;
  TileRunner runner(*plan_, args_);
  size_t inputs = program_->inputs.size(), outputs = program_->outputs.size(),
         sources = static_cast<size_t>(plan_->index_sources);
  for (size_t k = 0; k < outputs; ++k) runner.outputs()[k] = {nullptr, space_.row_stride(k), space_.col_stride(k)};
  for (size_t i = 0; i < inputs; ++i)
    runner.inputs()[i] = {nullptr, space_.row_stride(outputs + i), space_.col_stride(outputs + i)};
  for (size_t j = 0; j < sources; ++j)
    runner.indices()[j] = {nullptr, space_.row_stride(outputs + inputs + j), space_.col_stride(outputs + inputs + j)};
  TileWalker walker(space_, begin);
  for (int64_t tile = begin;;) {
    for (size_t k = 0; k < outputs; ++k)
      runner.outputs()[k].data = addresses_[inputs + k] + walker.offset(k) * size_of(program_->outputs[k]);
    for (size_t i = 0; i < inputs; ++i)
      runner.inputs()[i].data = addresses_[i] + walker.offset(outputs + i) * size_of(program_->inputs[i]);
    for (size_t j = 0; j < sources; ++j)
      runner.indices()[j].data = reinterpret_cast<std::byte*>(walker.offset(outputs + inputs + j));
    if (ahead_) fetch_ahead(walker);
    runner.run(walker.rows(), walker.cols());
    if (++tile == end) break;
    walker.next();
  }
}

void run_map(const MapRun& map) {
  parallel_for(map.tile_count(), map.tile_count() ? map.grain() : 1,
               [&](int64_t begin, int64_t end) { map.run(begin, end); });
}

}  // namespace lineshaft::cpu
