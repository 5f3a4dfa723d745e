// A small session of which every byte is fixed, as each side says it: what the golden files hold.
#pragma once

#include <cstddef>
#include <vector>

#include "commands/bytes.h"
#include "wire/frame.h"

namespace lineshaft::golden {

inline constexpr size_t kWindow = 8192;
inline constexpr size_t kUploadAt = 64, kReadAt = 4096;  // in the window

// What lies in the window when the guest begins.
Bytes window();
// `memory` is where the guest has its window.
std::vector<wire::Frame> guest_frames(std::span<const std::byte> memory);
std::vector<wire::Frame> server_frames();

Bytes join(const std::vector<wire::Frame>& frames);
// Throws Error where the bytes are not whole frames.
std::vector<wire::Frame> split(std::span<const std::byte> bytes);

}  // namespace lineshaft::golden
