// The features of a physical device, without those that LINESHAFT_VULKAN_MASK hides. LINESHAFT_VULKAN_FAMILY selects
// another row of the table of kernel variants, so that kernels for GPUs can be tested on lavapipe.
// LINESHAFT_VULKAN_RANGE lowers maxStorageBufferRange to that many bytes, so that larger operands can be tested with
// small tensors.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "backends/vulkan/device/cooperative_matrix.h"
#include "backends/vulkan/device/tuning.h"
#include "backends/vulkan/planning/turns.h"

namespace lineshaft::vulkan {

struct Features {
  Family family = Family::kOther;
  bool f64 = false, i64 = false, f16 = false, bda = false;  // native arithmetic in these types; buffer device addresses
  bool storage16 = false, storage8 = false;
  bool subgroup_arithmetic = false, subgroup_shuffle = false;
  bool memory_budget = false;
  bool subgroup_size_control = false;   // pipelines may require `subgroup_size` and full subgroups
  CooperativeShape cooperative;         // for f16; none where the device lacks something else that the kernel needs
  uint32_t cores = 0;                   // shader cores that run workgroups
  Turns turns{Turns::kMost};            // loop iterations after which the driver ends a kernel's loops
  std::array<bool, 2> keeps_special{};  // f32, f64: SignedZeroInfNanPreserve
  std::array<bool, 2> rounds_even{};    // f32, f64: RoundingModeRTE
  std::array<bool, 2> keeps_denormals{};
  uint32_t subgroup_size = 1;
  uint32_t queue_family = 0;
  bool timestamps = false;
  double timestamp_period = 1;  // nanoseconds
  VkPhysicalDeviceLimits limits{};
  VkDeviceSize heap = 0;          // bytes of the largest device-local heap
  uint32_t memory_type = 0;       // the memory type for tensors
  bool mapped = false;            // tensors' memory is visible to the host
  uint32_t host_memory_type = 0;  // the memory type for staging and parameters
  std::string cache_key;          // driver UUID, version and device

  const Tuning& tuning() const { return tuning_of(family); }
};

// Says what is wrong with one of these variables; an empty text where all are right.
std::string wrong_variable();
// Fills `features` and `properties`. Returns the reason why the device cannot be used; an empty text where it can.
std::string inspect(const Instance& instance, VkPhysicalDevice device, Features& features,
                    DeviceProperties& properties);

}  // namespace lineshaft::vulkan
