// The table of kernel variants: what is fast on one family of devices is slow on another. Results may depend on the
// choice, so the choice depends only on the device.
#pragma once

#include <cstdint>
#include <string_view>

namespace lineshaft::vulkan {

enum class Family : uint8_t { kLavapipe, kNvidia, kAmd, kIntel, kOther };

// The size of the result that a workgroup of the cooperative-matrix kernel computes, and of the part of each subgroup.
struct Tile {
  uint32_t rows = 0, columns = 0, subgroup_rows = 0, subgroup_columns = 0;
  uint32_t subgroups() const { return (rows / subgroup_rows) * (columns / subgroup_columns); }
};

struct Tuning {
  std::string_view name;    // for LINESHAFT_VULKAN_FAMILY
  bool processor;           // it runs on a CPU's vector unit: f32 products do not use shared memory
  bool cooperative;         // f16 products use cooperative matrices, where the device has them
  uint32_t cores;           // shader cores, for drivers that do not tell their number
  Tile tile;                // of cooperative matrices
  int64_t reduction_parts;  // how many invocations a reduction should use at least
  uint32_t softmax_lanes;   // invocations for each row
  int64_t slice_bytes;      // scratch for operations that run in slices: large enough to keep the device busy
};

const Tuning& tuning_of(Family family);

}  // namespace lineshaft::vulkan
