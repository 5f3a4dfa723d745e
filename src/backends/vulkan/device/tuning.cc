#include "backends/vulkan/device/tuning.h"

namespace lineshaft::vulkan {
namespace {

constexpr Tile kTile{64, 64, 32, 32};

// In the order of Family. Lavapipe's matrices cost four times its vectors. Intel's devices choose among subgroup sizes:
// matrices are left out there until they have been tried.
constexpr Tuning kTable[] = {
    {"lavapipe", true, false, 1, kTile, 512, 8, 1 << 20},      //
    {"nvidia", false, true, 40, kTile, 65536, 128, 16 << 20},  //
    {"amd", false, true, 32, kTile, 65536, 128, 16 << 20},     //
    {"intel", false, false, 16, kTile, 65536, 128, 16 << 20},  //
    {"other", false, true, 16, kTile, 65536, 128, 16 << 20},
};

}  // namespace

const Tuning& tuning_of(Family family) {
  return kTable[static_cast<int>(family)];
}

}  // namespace lineshaft::vulkan
