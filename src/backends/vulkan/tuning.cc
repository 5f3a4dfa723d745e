#include "backends/vulkan/tuning.h"

namespace lineshaft::vulkan {
namespace {

constexpr Tile kMedium{64, 64, 32, 32}, kWide{128, 128, 64, 64};

// In the order of Family.
constexpr Tuning kTable[] = {
    {"lavapipe", true, 1, kMedium, kMedium, 512, 8},     //
    {"nvidia", false, 40, kMedium, kWide, 65536, 128},   //
    {"amd", false, 32, kMedium, kWide, 65536, 128},      //
    {"intel", false, 16, kMedium, kMedium, 65536, 128},  // few registers a lane
    {"other", false, 16, kMedium, kMedium, 65536, 128},
};

}  // namespace

const Tuning& tuning_of(Family family) {
  return kTable[static_cast<int>(family)];
}

}  // namespace lineshaft::vulkan
