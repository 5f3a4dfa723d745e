// All that a submitted command list needs until the device is done with it. Submissions are reused.
#pragma once

#include <cstring>
#include <vector>

#include "backends/vulkan/device/gpu.h"
#include "backends/vulkan/device/host_memory.h"
#include "backends/vulkan/device/pipelines.h"
#include "lineshaft/commands/command_list.h"

namespace lineshaft::vulkan {

// Written by kernels that find an index outside its bound, or a requirement of ops/check.h that is not met
// (shaders/common/index_error.glsl). Only the first error is kept.
struct IndexError {
  uint32_t flag = 0;     // 0: nothing, 1: an index, 2 + r: requirement r of ops/check.h
  uint32_t command = 0;  // number of the command in the list
  int64_t index = 0;
  int64_t bound = 0;
};

class Submission {
 public:
  explicit Submission(const Gpu& gpu);
  ~Submission();
  Submission(const Submission&) = delete;
  Submission& operator=(const Submission&) = delete;

  void begin(uint64_t ticket, const CommandList& list);
  void end();

  VkDescriptorSet allocate_set(const Layout& layout);
  VkBufferView make_texel_view(VkBuffer buffer, VkDeviceSize offset, VkDeviceSize size, uint32_t words);
  void record_event(EventState* event);
  // After the device is done: stores the times of the events.
  void stamp_events();
  IndexError* index_error() { return reinterpret_cast<IndexError*>(errors_.data); }
  const HostBlock& error_block() const { return errors_; }

  uint64_t ticket = 0;
  VkCommandBuffer commands = VK_NULL_HANDLE;
  HostMemory host;
  // Operator names by command number, for commands that may report an index; empty for others.
  std::vector<std::string> labels;

 private:
  void reset();
  void ensure_queries(uint32_t count);

  const Gpu& gpu_;
  VkCommandPool pool_ = VK_NULL_HANDLE;
  std::vector<VkDescriptorPool> descriptor_pools_;
  size_t current_pool_ = 0;
  std::vector<VkBufferView> texel_views_;
  VkQueryPool queries_ = VK_NULL_HANDLE;
  uint32_t query_capacity_ = 0;
  std::vector<EventState*> events_;
  HostBlock errors_;
};

}  // namespace lineshaft::vulkan
