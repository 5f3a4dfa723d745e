#include "backends/vulkan/device/pipelines.h"

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "backends/vulkan/program/far_operands.h"
#include "backends/vulkan/program/kernels.h"
#include "backends/vulkan/program/spirv.h"
#include "lineshaft/device/counters.h"
#include "platform/environment.h"
#include "platform/process.h"

namespace lineshaft::vulkan {
namespace {

struct CacheHeader {
  char magic[8] = {'l', 's', 'v', 'k', 'c', '0', '0', '1'};
  uint64_t size = 0;
  Hash128 hash;
};

// The cache's bytes, or none unless the file is whole: a driver may crash on what was cut or altered.
std::vector<char> load_cache(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::vector<char> bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  CacheHeader expected, found;
  if (bytes.size() < sizeof found) return {};
  std::memcpy(&found, bytes.data(), sizeof found);
  bytes.erase(bytes.begin(), bytes.begin() + sizeof found);
  bool whole = !std::memcmp(found.magic, expected.magic, sizeof found.magic) && found.size == bytes.size() &&
               found.hash == hash_bytes(bytes.data(), bytes.size());
  return whole ? bytes : std::vector<char>{};
}

}  // namespace

std::string Pipelines::cache_file() const {
  std::string root = environment("XDG_CACHE_HOME").value_or(environment("HOME").value_or("") + "/.cache");
  return concat(root, "/lineshaft/vulkan-", gpu_.features.cache_key, ".pipelines");
}

Pipelines::Pipelines(const Gpu& gpu) : gpu_(gpu) {
  std::vector<char> bytes = load_cache(cache_file());
  VkPipelineCacheCreateInfo info{VK_STRUCTURE_TYPE_PIPELINE_CACHE_CREATE_INFO};
  info.initialDataSize = bytes.size();
  info.pInitialData = bytes.data();
  if (gpu.api.CreatePipelineCache(gpu.handle, &info, nullptr, &cache_) == VK_SUCCESS) return;
  info.initialDataSize = 0;
  check(gpu.api.CreatePipelineCache(gpu.handle, &info, nullptr, &cache_), "vkCreatePipelineCache");
}

Pipelines::~Pipelines() {
  if (unsaved_) save();
  for (auto& [key, pipeline] : pipelines_) gpu_.api.DestroyPipeline(gpu_.handle, pipeline.handle, nullptr);
  for (auto& [shape, layout] : layouts_) {
    gpu_.api.DestroyPipelineLayout(gpu_.handle, layout.pipeline, nullptr);
    gpu_.api.DestroyDescriptorSetLayout(gpu_.handle, layout.set, nullptr);
  }
  gpu_.api.DestroyPipelineCache(gpu_.handle, cache_, nullptr);
}

// Written beside its place and moved there, so that another process never reads half a file. A cache that cannot be
// kept costs time only.
void Pipelines::save() noexcept try {
  size_t size = 0;
  if (gpu_.api.GetPipelineCacheData(gpu_.handle, cache_, &size, nullptr) != VK_SUCCESS) return;
  std::vector<char> bytes(size);
  if (gpu_.api.GetPipelineCacheData(gpu_.handle, cache_, &size, bytes.data()) != VK_SUCCESS) return;
  CacheHeader header;
  header.size = size;
  header.hash = hash_bytes(bytes.data(), size);
  std::filesystem::path file = cache_file(), part = file.string() + concat(".", process_id());
  std::error_code error;
  std::filesystem::create_directories(file.parent_path(), error);
  {
    std::ofstream out(part, std::ios::binary);
    out.write(reinterpret_cast<const char*>(&header), sizeof header);
    out.write(bytes.data(), static_cast<std::streamsize>(size));
    if (!out) return;
  }
  std::filesystem::rename(part, file, error);
  unsaved_ = 0;
} catch (const std::exception&) {
}

const Layout& Pipelines::layout(LayoutShape shape) {
  if (auto known = layouts_.find(shape); known != layouts_.end()) return known->second;
  Layout layout{shape};
  std::vector<VkDescriptorSetLayoutBinding> bindings;
  uint32_t binding = 0;
  auto add = [&](VkDescriptorType type, uint32_t count = 1) {
    bindings.push_back({binding++, type, count, VK_SHADER_STAGE_COMPUTE_BIT, nullptr});
  };
  add(VK_DESCRIPTOR_TYPE_UNIFORM_BUFFER);
  for (int i = 0; i < shape.storage; ++i) {
    if (shape.is_far(i))
      ++binding;
    else
      add(VK_DESCRIPTOR_TYPE_STORAGE_BUFFER);
  }
  for (int i = 0; i < shape.texel; ++i) add(VK_DESCRIPTOR_TYPE_UNIFORM_TEXEL_BUFFER);
  if (shape.far && !shape.windows) add(VK_DESCRIPTOR_TYPE_UNIFORM_BUFFER);
  for (int i = 0; i < shape.storage && shape.windows; ++i)
    if (shape.is_far(i)) add(VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, shape.windows);
  VkDescriptorSetLayoutCreateInfo set{VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO};
  set.bindingCount = static_cast<uint32_t>(bindings.size());
  set.pBindings = bindings.data();
  check(gpu_.api.CreateDescriptorSetLayout(gpu_.handle, &set, nullptr, &layout.set), "vkCreateDescriptorSetLayout");
  VkPushConstantRange range{VK_SHADER_STAGE_COMPUTE_BIT, 0, kPushBytes};
  VkPipelineLayoutCreateInfo info{VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO};
  info.setLayoutCount = 1;
  info.pSetLayouts = &layout.set;
  info.pushConstantRangeCount = 1;
  info.pPushConstantRanges = &range;
  VkResult result = gpu_.api.CreatePipelineLayout(gpu_.handle, &info, nullptr, &layout.pipeline);
  if (result != VK_SUCCESS) gpu_.api.DestroyDescriptorSetLayout(gpu_.handle, layout.set, nullptr);
  check(result, "vkCreatePipelineLayout");
  return layouts_.emplace(shape, layout).first->second;
}

const Pipeline& Pipelines::get(const Hash128& kernel, LayoutShape shape,
                               const std::function<std::vector<uint32_t>()>& words, std::span<const uint32_t> constants,
                               bool full_subgroups) {
  Hash128 key = kernel;
  if (shape.far) {
    Hash128 far = hash_bytes(&shape.far, sizeof shape.far, 3 + shape.windows);
    key = {key.low ^ far.high, key.high ^ far.low};
  }
  auto found = pipelines_.find(key);
  if (found != pipelines_.end()) return found->second;
  uint32_t limit = gpu_.features.limits.maxPerStageDescriptorStorageBuffers;
  if (shape.storage > limit)
    fail(ErrorCode::kUnsupported, "the operation has ", int{shape.storage}, " views; this device binds ", limit,
         " buffers at once; use fewer tensors in one call, or the cpu device");
  Pipeline pipeline;
  pipeline.layout = &layout(shape);
  std::vector<uint32_t> code = words();
  if (shape.far) code = reach_far(code, {shape.far, shape.windows, window_bytes(gpu_.features), shape.bindings()});
  pipeline.loops = has_loops(code);
  VkShaderModuleCreateInfo module{VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO};
  module.codeSize = code.size() * 4;
  module.pCode = code.data();
  VkShaderModule shader;
  check(gpu_.api.CreateShaderModule(gpu_.handle, &module, nullptr, &shader), "vkCreateShaderModule");
  std::vector<VkSpecializationMapEntry> entries;
  for (uint32_t i = 0; i < constants.size(); ++i) entries.push_back({i, i * 4, 4});
  VkSpecializationInfo specialization{static_cast<uint32_t>(entries.size()), entries.data(), constants.size() * 4,
                                      constants.data()};
  VkComputePipelineCreateInfo info{VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO};
  info.stage = {VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO};
  info.stage.stage = VK_SHADER_STAGE_COMPUTE_BIT;
  info.stage.module = shader;
  info.stage.pName = "main";
  info.stage.pSpecializationInfo = entries.empty() ? nullptr : &specialization;
  VkPipelineShaderStageRequiredSubgroupSizeCreateInfo size{
      VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_REQUIRED_SUBGROUP_SIZE_CREATE_INFO, nullptr, gpu_.features.subgroup_size};
  if (full_subgroups && gpu_.features.subgroup_size_control) {
    info.stage.pNext = &size;
    info.stage.flags = VK_PIPELINE_SHADER_STAGE_CREATE_REQUIRE_FULL_SUBGROUPS_BIT;
  }
  info.layout = pipeline.layout->pipeline;
  VkResult result = gpu_.api.CreateComputePipelines(gpu_.handle, cache_, 1, &info, nullptr, &pipeline.handle);
  gpu_.api.DestroyShaderModule(gpu_.handle, shader, nullptr);
  check(result, "vkCreateComputePipelines");
  count_compilation();
  if (++unsaved_ >= 64) save();
  return pipelines_.emplace(key, pipeline).first->second;
}

const Pipeline& Pipelines::kernel(std::string_view name, LayoutShape shape, std::span<const uint32_t> constants,
                                  bool full_subgroups) {
  Hash128 key = hash_bytes(name.data(), name.size(), 1);
  Hash128 values = hash_bytes(constants.data(), constants.size_bytes(), 2);
  key.low ^= values.high;
  key.high ^= values.low;
  return get(
      key, shape,
      [&] {
        auto words = kernel_words(name);
        return std::vector<uint32_t>(words.begin(), words.end());
      },
      constants, full_subgroups);
}

}  // namespace lineshaft::vulkan
