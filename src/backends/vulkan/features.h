// What a physical device can do, after LINESHAFT_VULKAN_MASK has hidden some of it.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "backends/vulkan/loader.h"

namespace lineshaft::vulkan {

// Rows of the table of kernel variants. What is fast on one is slow on another.
enum class Family : uint8_t { kLavapipe, kNvidia, kAmd, kIntel, kOther };

struct Features {
  Family family = Family::kOther;
  bool f64 = false, i64 = false, f16 = false, bda = false;  // native arithmetic; buffer addresses
  bool storage16 = false, storage8 = false;
  bool subgroup_arithmetic = false, subgroup_shuffle = false;
  bool memory_budget = false;
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
};

// Null text: the device serves. Otherwise why not.
std::string inspect(const Instance& instance, VkPhysicalDevice device, Features& features,
                    DeviceProperties& properties);

}  // namespace lineshaft::vulkan
