// The interface of the Vulkan backend for its operations: they run kernels and programs on views, get scratch memory,
// and convert views to the dense layouts that kernels take. One thread at a time uses it.
#pragma once

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "backends/vulkan/device/map_kernel.h"
#include "backends/vulkan/device/recorder.h"
#include "backends/vulkan/planning/elements.h"
#include "lineshaft/ops/catalogue.h"

namespace lineshaft::vulkan {

// An operand of a kernel: usually a contiguous view at an aligned offset, from Context::dense. A kernel that takes any
// view adds Context::base_of to the numbers of elements.
struct Operand {
  TensorView view;
  bool written = false;
};
inline Operand in(const TensorView& view) {
  return {view, false};
}
inline Operand out(const TensorView& view) {
  return {view, true};
}

// An integer as a 32-bit value for push constants and group counts.
inline uint32_t u32(int64_t value) {
  return static_cast<uint32_t>(value);
}

struct KernelCall {
  std::string_view kernel;          // the name in shaders/, with its variant
  Turns turns;                      // the most iterations of its loops, all together, or kNoLoops
  std::vector<Operand> operands;    // bindings 1, 2, ...
  std::vector<TensorView> texels;   // texel buffers, at the bindings after the operands
  std::vector<uint32_t> constants;  // specialization constants 0, 1, ...
  Groups groups{1, 1, 1};
  std::span<const std::byte> params = {};  // the uniform buffer at binding 0
  bool index_errors = false;    // the kernel reports bad indices; the error buffer is its last storage buffer
  bool full_subgroups = false;  // the kernel needs full subgroups of the device's size
};

class Context {
 public:
  Context(const Gpu& gpu, Memory& memory, Pipelines& pipelines, Recorder& recorder)
      : gpu_(gpu), memory_(memory), pipelines_(pipelines), recorder_(recorder) {}

  const Features& features() const { return gpu_.features; }
  // Throws LacksF64 where the device does not compute in f64. Call it before anything is written to an output.
  void require_f64(const char* what) const;

  // A row-major scratch tensor. It exists until the operation ends, or the ScratchTurns in which it was created.
  TensorView scratch(DType dtype, std::span<const int64_t> sizes);
  TensorView scratch(DType dtype, std::initializer_list<int64_t> sizes) {
    return scratch(dtype, std::span(sizes.begin(), sizes.size()));
  }
  // The view as `dtype`, row-major and aligned, so that a kernel can take it: the view itself where it is all that,
  // else a converted copy in scratch.
  TensorView dense(const TensorView& view, DType dtype);
  // A dense target for the values of `view`: `view` itself or scratch. After the kernel, call `store`, which copies to
  // `view` where necessary.
  TensorView dense_output(const TensorView& view, DType dtype);
  void store(const TensorView& computed, const TensorView& view);
  // Copies with conversion, by the rules of Cast, between any dtypes and layouts; inputs may have stride 0.
  void copy(const TensorView& from, const TensorView& to);
  void fill(const TensorView& view, double value);

  // Runs a program over views, as the operation `map` does.
  void map(ProgramRef program, List<TensorView> inputs, List<TensorView> outputs, List<Scalar> args = {});

  // Runs a kernel. `push` are its push constants: at most 128 bytes of integers and floats.
  template <class Push>
  void run_kernel(const KernelCall& call, const Push& push) {
    static_assert(sizeof(Push) <= kPushBytes && std::is_trivially_copyable_v<Push>);
    run_kernel(call, std::as_bytes(std::span(&push, 1)));
  }
  void run_kernel(const KernelCall& call, std::span<const std::byte> push);
  // The most iterations that the loops of a kernel may make on this device. Longer loops are split into several
  // dispatches.
  Turns turns() const { return features().turns; }
  // The number of the view's element (0, 0, ...), counted from the start of the range that is bound: 0 for dense views.
  int64_t base_of(const TensorView& view) const;
  // Applies the epilogue to `computed`, the operation's result, and stores the output.
  void finish(const TensorView& computed, const Epilogue& epilogue, const TensorView& output);
  // The same for a result that `program`, which has one output and no arguments, computes from views. Where the two
  // programs can be merged, the result is not stored in between.
  void finish(ProgramRef program, const std::vector<TensorView>& inputs, const Epilogue& epilogue,
              const TensorView& output);
  // Groups of `local` invocations for `count` items, in x and y: item = (group.y * groups.x + group.x) * local +
  // invocation.
  Groups groups_for(int64_t count, int64_t local) const;
  // The most bytes of scratch that a slice of an operation should take.
  int64_t slice_bytes() const { return std::min(features().tuning().slice_bytes, most_elements()); }
  // The number of the current command, which a kernel reports with a bad index.
  uint32_t command() const { return command_; }

  // The functions below are for the device.
  void begin_command(uint32_t number) { command_ = number; }
  Memory& memory() { return memory_; }
  Pipelines& pipelines() { return pipelines_; }
  Recorder& recorder() { return recorder_; }
  const Gpu& gpu() const { return gpu_; }

 private:
  bool is_dense(const TensorView& view, DType dtype) const;
  Range range_of(const Operand& operand);
  int64_t aligned_begin(const TensorView& view) const;

  const Gpu& gpu_;
  Memory& memory_;
  Pipelines& pipelines_;
  Recorder& recorder_;
  uint32_t command_ = 0;
};

// The name of a kernel's variant for f32 or f64: the kernel's name and "_f32" or "_f64".
inline std::string variant(std::string_view kernel, DType type) {
  return std::string(kernel) + "_" + std::string(name_of(type));
}

// The suffix in the name of a kernel for the type that it reads: "i64w" (64-bit integers as pairs of words), or the
// type's name.
inline std::string suffix_of(DType type) {
  return type == DType::kI64 ? "i64w" : std::string(name_of(type));
}

// One overload for each operation, in backends/vulkan/ops/<name>.cc.
#define LINESHAFT_OPERATION(Type, name) void run(Context& context, const Type& op);
#include "lineshaft/ops/catalogue.def"

}  // namespace lineshaft::vulkan
