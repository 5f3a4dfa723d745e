// A cache of compute pipelines by their contents. The driver's pipeline cache is stored on disk between runs.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "backends/vulkan/device/gpu.h"
#include "lineshaft/base/hash.h"

namespace lineshaft::vulkan {

// The shape of a pipeline's descriptor set: a uniform buffer of parameters at binding 0, storage buffers from binding 1
// on, then texel buffers. Storage buffers in the mask `far` are not bound there; the bindings that far_operands.h
// describes for them follow at the end. All pipelines have 128 bytes of push constants.
struct LayoutShape {
  uint8_t storage = 0;
  uint8_t texel = 0;
  uint64_t far = 0;
  uint32_t windows = 0;
  uint32_t bindings() const { return 1u + storage + texel; }  // without those for `far`
  bool is_far(size_t buffer) const { return buffer < 64 && (far >> buffer & 1); }
  friend auto operator<=>(const LayoutShape&,
                          const LayoutShape&) = default;  // NOLINT: the check takes its 0 for a null
};

struct Layout {
  LayoutShape shape;
  VkDescriptorSetLayout set = VK_NULL_HANDLE;
  VkPipelineLayout pipeline = VK_NULL_HANDLE;
};

struct Pipeline {
  VkPipeline handle = VK_NULL_HANDLE;
  const Layout* layout = nullptr;
  bool loops = false;  // has_loops() of its SPIR-V
};

inline constexpr uint32_t kPushBytes = 128;

class Pipelines {
 public:
  explicit Pipelines(const Gpu& gpu);
  ~Pipelines();

  // The pipeline with that key. Where it does not exist yet, it is created from the SPIR-V that `words` returns.
  // `constants` are the specialization constants 0, 1, ... With `full_subgroups`, subgroups are full and have the
  // device's size, where the device supports subgroup size control. The reference stays valid as long as this object.
  const Pipeline& get(const Hash128& key, LayoutShape shape, const std::function<std::vector<uint32_t>()>& words,
                      std::span<const uint32_t> constants = {}, bool full_subgroups = false);
  // A kernel of shaders/, by name.
  const Pipeline& kernel(std::string_view name, LayoutShape shape, std::span<const uint32_t> constants = {},
                         bool full_subgroups = false);

 private:
  const Layout& layout(LayoutShape shape);
  std::string cache_file() const;
  void save() noexcept;

  const Gpu& gpu_;
  VkPipelineCache cache_ = VK_NULL_HANDLE;
  size_t unsaved_ = 0;
  std::map<LayoutShape, Layout> layouts_;
  std::unordered_map<Hash128, Pipeline, Hash128Hasher> pipelines_;
};

}  // namespace lineshaft::vulkan
