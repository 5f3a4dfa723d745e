#include "backends/vulkan/device/recorder.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "backends/vulkan/program/far_operands.h"
#include "base/divide.h"

namespace lineshaft::vulkan {
namespace {

constexpr VkPipelineStageFlags kWork = VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT | VK_PIPELINE_STAGE_TRANSFER_BIT;
constexpr VkAccessFlags kAccess =
    VK_ACCESS_SHADER_READ_BIT | VK_ACCESS_SHADER_WRITE_BIT | VK_ACCESS_TRANSFER_READ_BIT | VK_ACCESS_TRANSFER_WRITE_BIT;
constexpr size_t kMaxPending = 128;  // beyond it, looking for conflicts costs more than a barrier

}  // namespace

LayoutShape layout_of(const Features& features, std::span<const Range> storage, size_t texels, bool index_errors) {
  LayoutShape shape{static_cast<uint8_t>(storage.size() + (index_errors ? 1 : 0)), static_cast<uint8_t>(texels)};
  int64_t longest = 0;
  for (size_t k = 0; k < storage.size(); ++k) {
    if (storage[k].size <= int64_t{features.limits.maxStorageBufferRange}) continue;
    shape.far |= uint64_t{1} << k;
    longest = std::max(longest, storage[k].size);
  }
  if (!shape.far || features.bda) return shape;
  int64_t window = window_bytes(features), windows = divide_up(longest, window), far = std::popcount(shape.far);
  int64_t limit = std::min(features.limits.maxPerStageDescriptorStorageBuffers, 1024u);
  auto fits = [&](int64_t each) { return shape.storage - far + far * each <= limit; };
  // A power of two, where that many can be bound: fewer kernels are compiled.
  shape.windows = std::bit_ceil(static_cast<uint32_t>(std::min<int64_t>(windows, limit)));
  if (!fits(shape.windows)) shape.windows = static_cast<uint32_t>(windows);
  if (!fits(windows))
    fail(ErrorCode::kUnsupported, "a tensor of ", longest, " bytes takes ", windows, " buffers of the ",
         features.limits.maxStorageBufferRange, " bytes that this device binds at once, and one kernel has ", limit,
         "; use a smaller batch, or the cpu device");
  return shape;
}

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

// What a descriptor set is told, in the order of its bindings.
class DescriptorWrites {
 public:
  DescriptorWrites(VkDescriptorSet set, const LayoutShape& shape) : set_(set) {
    auto far = static_cast<size_t>(std::popcount(shape.far));
    buffers_.reserve(shape.storage + 2 + far * shape.windows);
    views_.reserve(shape.texel);
  }

  void skip() { ++binding_; }
  void buffers(VkDescriptorType type, std::span<const VkDescriptorBufferInfo> infos) {
    VkWriteDescriptorSet& write = add(type, infos.size());
    write.pBufferInfo = buffers_.data() + buffers_.size();
    buffers_.insert(buffers_.end(), infos.begin(), infos.end());
  }
  void buffer(VkDescriptorType type, VkBuffer buffer, VkDeviceSize offset, VkDeviceSize size) {
    VkDescriptorBufferInfo info{buffer, offset, size};
    buffers(type, {&info, 1});
  }
  void texels(VkBufferView view) {
    views_.push_back(view);
    add(VK_DESCRIPTOR_TYPE_UNIFORM_TEXEL_BUFFER, 1).pTexelBufferView = &views_.back();
  }
  const std::vector<VkWriteDescriptorSet>& all() const { return writes_; }

 private:
  VkWriteDescriptorSet& add(VkDescriptorType type, size_t count) {
    writes_.push_back(
        {VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET, nullptr, set_, binding_++, 0, static_cast<uint32_t>(count), type});
    return writes_.back();
  }

  VkDescriptorSet set_;
  uint32_t binding_ = 0;
  std::vector<VkDescriptorBufferInfo> buffers_;  // never beyond what is reserved: writes point into them
  std::vector<VkBufferView> views_;
  std::vector<VkWriteDescriptorSet> writes_;
};

// The addresses of far operands, or each one's windows.
void Recorder::bind_far(const Dispatch& dispatch, DescriptorWrites& writes) {
  const LayoutShape& shape = dispatch.pipeline->layout->shape;
  std::vector<std::array<uint64_t, 2>> addresses;  // 16 bytes each
  auto window = static_cast<int64_t>(window_bytes(gpu_.features));
  for (size_t k = 0; k < dispatch.storage.size(); ++k) {
    if (!shape.is_far(k)) continue;
    const Range& range = dispatch.storage[k];
    addresses.push_back({range.place.address + static_cast<uint64_t>(range.offset), 0});
    std::vector<VkDescriptorBufferInfo> infos;
    for (uint32_t w = 0; w < shape.windows; ++w) {
      int64_t from = w * window < range.size ? w * window : 0;  // there may be more windows than the operand fills
      infos.push_back({range.place.buffer, static_cast<VkDeviceSize>(range.offset + from),
                       static_cast<VkDeviceSize>(std::min(window, range.size - from))});
    }
    if (shape.windows) writes.buffers(VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, infos);
  }
  if (shape.windows) return;
  auto bytes = std::as_bytes(std::span(addresses));
  HostBlock block = submission_->host.allocate(bytes.size());
  std::ranges::copy(bytes, block.data);
  writes.buffer(VK_DESCRIPTOR_TYPE_UNIFORM_BUFFER, block.buffer, block.offset, bytes.size());
}

void Recorder::bind(const Dispatch& dispatch) {
  const Layout& layout = *dispatch.pipeline->layout;
  VkDescriptorSet set = submission_->allocate_set(layout);
  size_t storage = dispatch.storage.size() + (dispatch.index_errors ? 1 : 0);
  if (storage != layout.shape.storage || dispatch.texels.size() != layout.shape.texel)
    fail(ErrorCode::kInternal, "a kernel that takes ", int{layout.shape.storage}, " buffers is given ", storage);
  DescriptorWrites writes(set, layout.shape);
  size_t params = std::max<size_t>(dispatch.params.size(), 16);
  HostBlock block = submission_->host.allocate(params);
  std::ranges::copy(dispatch.params, block.data);
  writes.buffer(VK_DESCRIPTOR_TYPE_UNIFORM_BUFFER, block.buffer, block.offset, (params + 15) & ~size_t{15});
  for (size_t k = 0; k < dispatch.storage.size(); ++k) {
    const Range& range = dispatch.storage[k];
    if (layout.shape.is_far(k))
      writes.skip();
    else
      writes.buffer(VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, range.place.buffer, static_cast<VkDeviceSize>(range.offset),
                    static_cast<VkDeviceSize>(range.size));
  }
  if (dispatch.index_errors) {
    const HostBlock& errors = submission_->error_block();
    writes.buffer(VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, errors.buffer, errors.offset, sizeof(IndexError));
  }
  for (const auto& [range, words] : dispatch.texels)
    writes.texels(submission_->make_texel_view(range.place.buffer, static_cast<VkDeviceSize>(range.offset),
                                               static_cast<VkDeviceSize>(range.size), words));
  if (layout.shape.far) bind_far(dispatch, writes);
  gpu_.api.UpdateDescriptorSets(gpu_.handle, static_cast<uint32_t>(writes.all().size()), writes.all().data(), 0,
                                nullptr);
  gpu_.api.CmdBindDescriptorSets(submission_->commands, VK_PIPELINE_BIND_POINT_COMPUTE, layout.pipeline, 0, 1, &set, 0,
                                 nullptr);
}

void Recorder::check_turns(const Dispatch& dispatch) const {
  if (dispatch.pipeline->loops && dispatch.turns.count == 0)
    fail(ErrorCode::kInternal, "the kernel ", dispatch.kernel, " has loops and does not state their turns");
  Turns limit = gpu_.features.turns;
  if (!(dispatch.turns <= limit))
    fail(ErrorCode::kInternal, "the loops of the kernel ", dispatch.kernel, " may turn ", dispatch.turns.count,
         " times; this device ends them after ", limit.count);
}

void Recorder::dispatch(const Dispatch& dispatch) {
  check_turns(dispatch);
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
