// What the Vulkan backend gives its operations: kernels and programs to run on views, scratch, and conversions to the
// plain layouts that kernels take.
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

// An operand of a kernel: usually a contiguous view at an aligned offset, as Context::dense gives them. A kernel that
// takes any view adds Context::base_of to its element numbers.
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

// An integer as push constants and group counts hold it.
inline uint32_t u32(int64_t value) {
  return static_cast<uint32_t>(value);
}

struct KernelCall {
  std::string_view kernel;          // the name in shaders/, with its variant
  Turns turns;                      // of its loops, all together: kNoLoops, or what they make at most
  std::vector<Operand> operands;    // bindings 1, 2, ...
  std::vector<TensorView> texels;   // bindings after them
  std::vector<uint32_t> constants;  // specialization constants 0, 1, ...
  Groups groups{1, 1, 1};
  std::span<const std::byte> params = {};  // the uniform buffer at binding 0
  bool index_errors = false;               // the kernel reports indices: the error buffer is its last storage buffer
  bool full_subgroups = false;             // the kernel needs subgroups of the device's size, without gaps
};

class Context {
 public:
  Context(const Gpu& gpu, Memory& memory, Pipelines& pipelines, Recorder& recorder)
      : gpu_(gpu), memory_(memory), pipelines_(pipelines), recorder_(recorder) {}

  const Features& features() const { return gpu_.features; }
  // Throws LacksF64 when the device does not compute in f64: before anything is written to what the operation gives.
  void require_f64(const char* what) const;

  // A row-major scratch tensor, until the operation or a ScratchTurns ends.
  TensorView scratch(DType dtype, std::span<const int64_t> sizes);
  TensorView scratch(DType dtype, std::initializer_list<int64_t> sizes) {
    return scratch(dtype, std::span(sizes.begin(), sizes.size()));
  }
  // The view as `dtype`, row-major and aligned, so that a kernel can take it: itself where it is so already, else a
  // converted copy in scratch.
  TensorView dense(const TensorView& view, DType dtype);
  // Where a kernel may write what `view` shall hold: `view` itself or scratch. `store` then brings it there.
  TensorView dense_output(const TensorView& view, DType dtype);
  void store(const TensorView& computed, const TensorView& view);
  // Copies with conversion (cast rules of programs): any dtypes and layouts, stride 0 inputs included.
  void copy(const TensorView& from, const TensorView& to);
  void fill(const TensorView& view, double value);

  // Runs a program over views, as operation `map`.
  void map(ProgramRef program, List<TensorView> inputs, List<TensorView> outputs, List<Scalar> args = {});

  // Runs a kernel. `push` goes to its push constants: at most 128 bytes, plain integers and floats.
  template <class Push>
  void run_kernel(const KernelCall& call, const Push& push) {
    static_assert(sizeof(Push) <= kPushBytes && std::is_trivially_copyable_v<Push>);
    run_kernel(call, std::as_bytes(std::span(&push, 1)));
  }
  void run_kernel(const KernelCall& call, std::span<const std::byte> push);
  // The turns that the loops of a kernel may make on this device. What loops over more goes in several dispatches.
  Turns turns() const { return features().turns; }
  // The number, within what is bound for it, of the view's element (0, 0, ...): 0 for dense views.
  int64_t base_of(const TensorView& view) const;
  // Stores `computed`, the operation's plain result, through the epilogue.
  void finish(const TensorView& computed, const Epilogue& epilogue, const TensorView& output);
  // The same for a result that `program`, of one output and no arguments, makes of views: without keeping it where one
  // program can do all.
  void finish(ProgramRef program, const std::vector<TensorView>& inputs, const Epilogue& epilogue,
              const TensorView& output);
  // Groups of `local` invocations for `count` items, in x and y: item = (group.y * groups.x + group.x) * local +
  // invocation.
  Groups groups_for(int64_t count, int64_t local) const;
  // The scratch that a slice of an operation should take at most.
  int64_t slice_bytes() const { return std::min(features().tuning().slice_bytes, most_elements()); }
  // The number that a kernel reports with a bad index.
  uint32_t command() const { return command_; }

  // For the device.
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

// "f32" or "f64": the kernel variant of that type.
inline std::string variant(std::string_view kernel, DType type) {
  return std::string(kernel) + "_" + std::string(name_of(type));
}

// The ending of a kernel's name for the types that it reads: "i64w" (64-bit integers in pairs of words), or the type's
// name.
inline std::string suffix_of(DType type) {
  return type == DType::kI64 ? "i64w" : std::string(name_of(type));
}

// One overload an operation: backends/vulkan/ops/<name>.cc.
#define LINESHAFT_OPERATION(Type, name) void run(Context& context, const Type& op);
#include "lineshaft/ops/catalogue.def"

}  // namespace lineshaft::vulkan
