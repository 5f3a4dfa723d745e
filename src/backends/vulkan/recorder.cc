#include "backends/vulkan/recorder.h"

#include <algorithm>
#include <cstring>

namespace lineshaft::vulkan {
namespace {

constexpr VkPipelineStageFlags kWork = VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT | VK_PIPELINE_STAGE_TRANSFER_BIT;
constexpr VkAccessFlags kAccess =
    VK_ACCESS_SHADER_READ_BIT | VK_ACCESS_SHADER_WRITE_BIT | VK_ACCESS_TRANSFER_READ_BIT | VK_ACCESS_TRANSFER_WRITE_BIT;
constexpr size_t kMaxPending = 128;  // beyond it, looking for conflicts costs more than a barrier

}  // namespace

void Recorder::begin(Submission& submission) {
  submission_ = &submission;
  all_.clear();
  bound_ = VK_NULL_HANDLE;
  barrier(kWork, kAccess);  // after the lists before
}

void Recorder::end() {
  barrier(VK_PIPELINE_STAGE_HOST_BIT, VK_ACCESS_HOST_READ_BIT);
  submission_->end();
  submission_ = nullptr;
}

void Recorder::barrier(VkPipelineStageFlags target_stages, VkAccessFlags target_access) {
  VkMemoryBarrier memory{VK_STRUCTURE_TYPE_MEMORY_BARRIER};
  memory.srcAccessMask = VK_ACCESS_SHADER_WRITE_BIT | VK_ACCESS_TRANSFER_WRITE_BIT;
  memory.dstAccessMask = target_access;
  gpu_.api.CmdPipelineBarrier(submission_->commands, kWork, target_stages, 0, 1, &memory, 0, nullptr, 0, nullptr);
  pending_.clear();
}

void Recorder::order(std::span<const Touched> next) {
  bool conflict = pending_.size() + next.size() > kMaxPending;
  for (const Touched& a : next)
    for (const Touched& b : pending_)
      conflict |= a.segment == b.segment && a.begin < b.end && b.begin < a.end && (a.written || b.written);
  if (conflict) barrier(kWork, kAccess);
  pending_.insert(pending_.end(), next.begin(), next.end());
  all_.insert(all_.end(), next.begin(), next.end());
}

void Recorder::bind(const Dispatch& dispatch) {
  const Layout& layout = *dispatch.pipeline->layout;
  VkDescriptorSet set = submission_->allocate_set(layout);
  size_t storage = dispatch.storage.size() + (dispatch.index_errors ? 1 : 0);
  if (storage != layout.shape.storage || dispatch.texels.size() != layout.shape.texel)
    fail(ErrorCode::kInternal, "a kernel that takes ", int{layout.shape.storage}, " buffers is given ", storage);
  std::vector<VkDescriptorBufferInfo> buffers;
  std::vector<VkBufferView> views;
  std::vector<VkWriteDescriptorSet> writes;
  buffers.reserve(storage + 1);
  views.reserve(dispatch.texels.size());
  auto add_buffer = [&](VkDescriptorType type, VkBuffer buffer, VkDeviceSize offset, VkDeviceSize size) {
    buffers.push_back({buffer, offset, size});
    VkWriteDescriptorSet write{
        VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET, nullptr, set, static_cast<uint32_t>(writes.size()), 0, 1, type};
    write.pBufferInfo = &buffers.back();
    writes.push_back(write);
  };
  size_t params = std::max<size_t>(dispatch.params.size(), 16);
  HostBlock block = submission_->host.allocate(params);
  std::ranges::copy(dispatch.params, block.data);
  add_buffer(VK_DESCRIPTOR_TYPE_UNIFORM_BUFFER, block.buffer, block.offset, (params + 15) & ~size_t{15});
  for (const Range& range : dispatch.storage)
    add_buffer(VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, range.place.buffer, static_cast<VkDeviceSize>(range.offset),
               static_cast<VkDeviceSize>(range.size));
  if (dispatch.index_errors) {
    const HostBlock& errors = submission_->error_block();
    add_buffer(VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, errors.buffer, errors.offset, sizeof(IndexError));
  }
  for (const auto& [range, words] : dispatch.texels) {
    views.push_back(submission_->make_texel_view(range.place.buffer, static_cast<VkDeviceSize>(range.offset),
                                                 static_cast<VkDeviceSize>(range.size), words));
    VkWriteDescriptorSet write{VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET, nullptr, set,
                               static_cast<uint32_t>(writes.size()),   0,       1,
                               VK_DESCRIPTOR_TYPE_UNIFORM_TEXEL_BUFFER};
    write.pTexelBufferView = &views.back();
    writes.push_back(write);
  }
  gpu_.api.UpdateDescriptorSets(gpu_.handle, static_cast<uint32_t>(writes.size()), writes.data(), 0, nullptr);
  gpu_.api.CmdBindDescriptorSets(submission_->commands, VK_PIPELINE_BIND_POINT_COMPUTE, layout.pipeline, 0, 1, &set, 0,
                                 nullptr);
}

void Recorder::dispatch(const Dispatch& dispatch) {
  std::vector<Touched> next;
  auto touch = [&](const Range& range) {
    next.push_back({range.place.segment, range.offset, range.offset + range.size, range.written});
  };
  for (const Range& range : dispatch.storage) touch(range);
  for (const TexelRange& texels : dispatch.texels) touch(texels.range);
  order(next);
  if (bound_ != dispatch.pipeline->handle) {
    bound_ = dispatch.pipeline->handle;
    gpu_.api.CmdBindPipeline(submission_->commands, VK_PIPELINE_BIND_POINT_COMPUTE, bound_);
  }
  bind(dispatch);
  if (!dispatch.push.empty())
    gpu_.api.CmdPushConstants(submission_->commands, dispatch.pipeline->layout->pipeline, VK_SHADER_STAGE_COMPUTE_BIT,
                              0, static_cast<uint32_t>(dispatch.push.size()), dispatch.push.data());
  gpu_.api.CmdDispatch(submission_->commands, dispatch.groups[0], dispatch.groups[1], dispatch.groups[2]);
  ++dispatches_;
}

void Recorder::upload(const Place& place, int64_t offset, const std::byte* data, int64_t size, bool idle) {
  if (size == 0) return;
  Touched target{place.segment, place.offset + offset, place.offset + offset + size, true};
  bool untouched = std::ranges::none_of(all_, [&](const Touched& other) {
    return other.segment == target.segment && other.begin < place.offset + place.size && place.offset < other.end;
  });
  if (place.mapped && idle && untouched) {
    std::memcpy(place.mapped + offset, data, static_cast<size_t>(size));
    return;
  }
  HostBlock block = submission_->host.allocate(static_cast<VkDeviceSize>(size));
  std::memcpy(block.data, data, static_cast<size_t>(size));
  order({&target, 1});
  VkBufferCopy copy{block.offset, static_cast<VkDeviceSize>(target.begin), static_cast<VkDeviceSize>(size)};
  gpu_.api.CmdCopyBuffer(submission_->commands, block.buffer, place.buffer, 1, &copy);
}

}  // namespace lineshaft::vulkan
