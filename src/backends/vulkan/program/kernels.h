// The SPIR-V of the kernels in shaders/, compiled when Lineshaft is built.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace lineshaft::vulkan {

// Throws Error(kInternal) for a name that is not there.
std::span<const uint32_t> kernel_words(std::string_view name);

}  // namespace lineshaft::vulkan
