// What a physical device can do, after LINESHAFT_VULKAN_MASK has hidden some of it. LINESHAFT_VULKAN_FAMILY puts it in
// another row of the table of kernel variants, so that kernels for GPUs are tested on lavapipe. LINESHAFT_VULKAN_RANGE
// lowers maxStorageBufferRange to that many bytes, so that operands beyond it are tested with small tensors.
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
  bool f64 = false, i64 = false, f16 = false, bda = false;  // native arithmetic; buffer addresses
  bool storage16 = false, storage8 = false;
  bool subgroup_arithmetic = false, subgroup_shuffle = false;
  bool memory_budget = false;
  bool subgroup_size_control = false;   // pipelines may ask for `subgroup_size`, and for full subgroups
  CooperativeShape cooperative;         // of f16; none where the device lacks what the kernel needs beside it
  uint32_t cores = 0;                   // that run workgroups
  Turns turns{Turns::kMost};            // after which the driver ends the loops of a kernel
  std::array<bool, 2> keeps_special{};  // f32, f64: SignedZeroInfNanPreserve
  std::array<bool, 2> rounds_even{};    // f32, f64: RoundingModeRTE
  std::array<bool, 2> keeps_denormals{};
  uint32_t subgroup_size = 1;
  uint32_t queue_family = 0;
  bool timestamps = false;
  double timestamp_period = 1;  // nanoseconds
  VkPhysicalDeviceLimits limits{};
  VkDeviceSize heap = 0;          // bytes of the largest device-local heap
  uint32_t memory_type = 0;       // of tensors
  bool mapped = false;            // tensors' memory is visible to the host
  uint32_t host_memory_type = 0;  // of staging and parameters
  std::string cache_key;          // driver UUID, version and device

  const Tuning& tuning() const { return tuning_of(family); }
};

// Empty text, or what is wrong with one of these variables.
std::string wrong_variable();
// Empty text: the device serves. Otherwise why not.
std::string inspect(const Instance& instance, VkPhysicalDevice device, Features& features,
                    DeviceProperties& properties);

}  // namespace lineshaft::vulkan
