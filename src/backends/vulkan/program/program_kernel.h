// Compiles a program to a SPIR-V kernel that runs it over views.
#pragma once

#include <algorithm>
#include <vector>

#include "backends/vulkan/device/features.h"
#include "lineshaft/program/program.h"

namespace lineshaft::vulkan {

// How the kernel addresses one view.
enum class Access : uint8_t {
  kVector,   // contiguous, and aligned for loads of four elements (only for kernels of width 4)
  kTexel,    // the same, bound as a texel buffer with texels of vector_words() words (only inputs)
  kUniform,  // one element for all invocations (only inputs)
  kStrided,  // anything else
};

// What a kernel depends on besides the program.
struct KernelShape {
  int width = 1;               // elements that an invocation computes: 1 or 4
  std::vector<Access> access;  // of inputs, then outputs
};

// Parameters are 32-bit words in groups of four (std140's uvec4):
//   {count, linear base low, linear base high, rank}: `count` invocations' worth of work
//   the views' first elements, counted from their bindings' starts; then the number of the first element to compute
//   the arguments' words: one each, two for f64 and i64
//   for each axis that Index names: {inner size, magic, shift, size}, {magic, shift, base low, base high}
//   for each axis, innermost first, if some view is strided: {size, magic, shift, 0}, then the strided views' strides
// n / size is (mulhi(n, magic) + n) >> shift.
struct ParamLayout {
  explicit ParamLayout(const Program& program, const KernelShape& shape);
  uint32_t bases = 1;        // groups
  uint32_t args = 0;         // groups
  uint32_t indices = 0;      // groups
  uint32_t axes = 0;         // groups
  uint32_t axis_groups = 0;  // groups an axis
  uint32_t total = 0;        // groups, for kMaxRank axes
  std::vector<int> index_axes;
  std::vector<uint32_t> arg_word;  // by argument, within the args
};

// The 32-bit words of one load of a kVector or kTexel view: four elements, or two elements of 8 bytes.
inline uint32_t vector_words(DType storage) {
  return static_cast<uint32_t>(std::min(size_of(storage), 4));
}

inline constexpr uint32_t kMapGroup = 256;  // invocations a workgroup

// The loop iterations of the kernel that computes `width` elements of the program in an invocation.
Turns turns_of(const Program& program, int width, const Features& features);

// The SPIR-V of the kernel. Its bindings are the parameters at 0, then the views that are storage buffers, then the
// views that are texel buffers, both in the order of the views.
std::vector<uint32_t> compile_map(const Program& program, const KernelShape& shape, const Features& features);

}  // namespace lineshaft::vulkan
