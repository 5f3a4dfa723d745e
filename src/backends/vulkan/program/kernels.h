// The SPIR-V of the kernels in shaders/, compiled when Lineshaft is built.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace lineshaft::vulkan {

// Throws Error(kInternal) for an unknown name.
std::span<const uint32_t> kernel_words(std::string_view name);

}  // namespace lineshaft::vulkan
