#include "backends/vulkan/device/submission.h"

#include <algorithm>
#include <cmath>

#include "platform/clock.h"

namespace lineshaft::vulkan {

Submission::Submission(const Gpu& gpu) : host(gpu), gpu_(gpu) {
  VkCommandPoolCreateInfo pool{VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO};
  pool.flags = VK_COMMAND_POOL_CREATE_TRANSIENT_BIT;
  pool.queueFamilyIndex = gpu.features.queue_family;
  check(gpu.api.CreateCommandPool(gpu.handle, &pool, nullptr, &pool_), "vkCreateCommandPool");
  VkCommandBufferAllocateInfo info{VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO};
  info.commandPool = pool_;
  info.level = VK_COMMAND_BUFFER_LEVEL_PRIMARY;
  info.commandBufferCount = 1;
  check(gpu.api.AllocateCommandBuffers(gpu.handle, &info, &commands), "vkAllocateCommandBuffers");
}

Submission::~Submission() {
  reset();
  for (VkDescriptorPool pool : descriptor_pools_) gpu_.api.DestroyDescriptorPool(gpu_.handle, pool, nullptr);
  if (queries_) gpu_.api.DestroyQueryPool(gpu_.handle, queries_, nullptr);
  gpu_.api.DestroyCommandPool(gpu_.handle, pool_, nullptr);
}

void Submission::reset() {
  gpu_.api.ResetCommandPool(gpu_.handle, pool_, 0);
  for (VkDescriptorPool pool : descriptor_pools_) gpu_.api.ResetDescriptorPool(gpu_.handle, pool, 0);
  for (VkBufferView view : texel_views_) gpu_.api.DestroyBufferView(gpu_.handle, view, nullptr);
  texel_views_.clear();
  events_.clear();
  labels.clear();
  current_pool_ = 0;
  host.clear();
}

void Submission::ensure_queries(uint32_t count) {
  if (!gpu_.features.timestamps || count <= query_capacity_) return;
  if (queries_) gpu_.api.DestroyQueryPool(gpu_.handle, queries_, nullptr);
  query_capacity_ = std::max(count, 16u);
  VkQueryPoolCreateInfo info{VK_STRUCTURE_TYPE_QUERY_POOL_CREATE_INFO};
  info.queryType = VK_QUERY_TYPE_TIMESTAMP;
  info.queryCount = query_capacity_;
  check(gpu_.api.CreateQueryPool(gpu_.handle, &info, nullptr, &queries_), "vkCreateQueryPool");
}

void Submission::begin(uint64_t number, const CommandList& list) {
  reset();
  ticket = number;
  errors_ = host.allocate(sizeof(IndexError));
  *index_error() = {};
  auto events = static_cast<uint32_t>(std::ranges::count(list.commands, CommandKind::kEvent, &Command::kind));
  ensure_queries(events);
  VkCommandBufferBeginInfo info{VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO};
  info.flags = VK_COMMAND_BUFFER_USAGE_ONE_TIME_SUBMIT_BIT;
  check(gpu_.api.BeginCommandBuffer(commands, &info), "vkBeginCommandBuffer");
  if (events && queries_) gpu_.api.CmdResetQueryPool(commands, queries_, 0, events);
}

void Submission::end() {
  check(gpu_.api.EndCommandBuffer(commands), "vkEndCommandBuffer");
}

VkDescriptorSet Submission::allocate_set(const Layout& layout) {
  VkDescriptorSetAllocateInfo info{VK_STRUCTURE_TYPE_DESCRIPTOR_SET_ALLOCATE_INFO};
  info.descriptorSetCount = 1;
  info.pSetLayouts = &layout.set;
  for (;; ++current_pool_) {
    if (current_pool_ == descriptor_pools_.size()) {
      constexpr uint32_t kSets = 256;
      VkDescriptorPoolSize sizes[] = {{VK_DESCRIPTOR_TYPE_UNIFORM_BUFFER, kSets * 2},
                                      {VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, kSets * 8},
                                      {VK_DESCRIPTOR_TYPE_UNIFORM_TEXEL_BUFFER, kSets}};
      VkDescriptorPoolCreateInfo pool{VK_STRUCTURE_TYPE_DESCRIPTOR_POOL_CREATE_INFO};
      pool.maxSets = kSets;
      pool.poolSizeCount = 3;
      pool.pPoolSizes = sizes;
      VkDescriptorPool made;
      check(gpu_.api.CreateDescriptorPool(gpu_.handle, &pool, nullptr, &made), "vkCreateDescriptorPool");
      descriptor_pools_.push_back(made);
    }
    info.descriptorPool = descriptor_pools_[current_pool_];
    VkDescriptorSet set;
    VkResult result = gpu_.api.AllocateDescriptorSets(gpu_.handle, &info, &set);
    if (result == VK_SUCCESS) return set;
    if (result != VK_ERROR_OUT_OF_POOL_MEMORY && result != VK_ERROR_FRAGMENTED_POOL)
      check(result, "vkAllocateDescriptorSets");
  }
}

VkBufferView Submission::make_texel_view(VkBuffer buffer, VkDeviceSize offset, VkDeviceSize size, uint32_t words) {
  VkBufferViewCreateInfo info{VK_STRUCTURE_TYPE_BUFFER_VIEW_CREATE_INFO};
  info.buffer = buffer;
  info.format = words == 4 ? VK_FORMAT_R32G32B32A32_UINT : words == 2 ? VK_FORMAT_R32G32_UINT : VK_FORMAT_R32_UINT;
  info.offset = offset;
  info.range = size;
  VkBufferView view;
  check(gpu_.api.CreateBufferView(gpu_.handle, &info, nullptr, &view), "vkCreateBufferView");
  texel_views_.push_back(view);
  return view;
}

void Submission::record_event(EventState* event) {
  if (queries_)
    gpu_.api.CmdWriteTimestamp(commands, VK_PIPELINE_STAGE_BOTTOM_OF_PIPE_BIT, queries_,
                               static_cast<uint32_t>(events_.size()));
  events_.push_back(event);
}

void Submission::stamp_events() {
  if (events_.empty()) return;
  std::vector<uint64_t> ticks(events_.size());
  int64_t now = now_ns();
  bool timed = queries_ && gpu_.api.GetQueryPoolResults(
                               gpu_.handle, queries_, 0, static_cast<uint32_t>(ticks.size()), ticks.size() * 8,
                               ticks.data(), 8, VK_QUERY_RESULT_64_BIT | VK_QUERY_RESULT_WAIT_BIT) == VK_SUCCESS;
  for (size_t i = 0; i < events_.size(); ++i) {
    auto stamped = timed ? std::llround(static_cast<double>(ticks[i]) * gpu_.features.timestamp_period) : now;
    events_[i]->nanoseconds = std::max<int64_t>(stamped, 1);
  }
  events_.clear();
}

}  // namespace lineshaft::vulkan
