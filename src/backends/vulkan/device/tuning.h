// The table of kernel variants: what is fast on one family of devices is slow on another. Results may depend on it, so
// it depends on the device alone.
#pragma once

#include <cstdint>
#include <string_view>

namespace lineshaft::vulkan {

enum class Family : uint8_t { kLavapipe, kNvidia, kAmd, kIntel, kOther };

// What a workgroup of the cooperative-matrix kernel computes, and each of its subgroups.
struct Tile {
  uint32_t rows = 0, columns = 0, subgroup_rows = 0, subgroup_columns = 0;
  uint32_t subgroups() const { return (rows / subgroup_rows) * (columns / subgroup_columns); }
};

struct Tuning {
  std::string_view name;    // for LINESHAFT_VULKAN_FAMILY
  bool processor;           // lanes are a processor's vector: f32 products do without shared memory
  bool cooperative;         // f16 products by cooperative matrices, where the device has them
  uint32_t cores;           // that run workgroups, where the driver does not tell
  Tile tile;                // of cooperative matrices
  int64_t reduction_parts;  // invocations that a reduction should keep busy
  uint32_t softmax_lanes;   // invocations to a row
  int64_t slice_bytes;      // scratch of operations that go in slices: enough to keep the device busy
};

const Tuning& tuning_of(Family family);

}  // namespace lineshaft::vulkan
