// Records dispatches and copies into a submission. It inserts a barrier before a command that reads or writes memory
// that an earlier command wrote, or writes memory that an earlier command read.
#pragma once

#include <array>
#include <span>
#include <string_view>
#include <vector>

#include "backends/vulkan/device/memory.h"
#include "backends/vulkan/device/submission.h"

namespace lineshaft::vulkan {

// A range of device memory that a command binds.
struct Range {
  Place place;
  int64_t offset = 0;  // bytes within the place's Vulkan buffer; aligned as the device wants it
  int64_t size = 0;
  bool written = false;
};

// Memory that a command reads as texels of one, two or four 32-bit words.
struct TexelRange {
  Range range;
  uint32_t words = 4;
};

// The layout for a kernel with these operands. Operands that are longer than maxStorageBufferRange are far. Throws
// Error(kUnsupported) where the device cannot reach far operands.
LayoutShape layout_of(const Features& features, std::span<const Range> storage, size_t texels, bool index_errors);

using Groups = std::array<uint32_t, 3>;

class DescriptorWrites;

class Recorder {
 public:
  explicit Recorder(const Gpu& gpu) : gpu_(gpu) {}

  void begin(Submission& submission);
  void end();

  struct Dispatch {
    std::string_view kernel;  // for errors
    const Pipeline* pipeline = nullptr;
    Turns turns;  // the most iterations of the kernel's loops
    std::span<const Range> storage;
    std::span<const TexelRange> texels;
    bool index_errors = false;          // bind the error block as the last storage buffer
    std::span<const std::byte> params;  // for the uniform buffer
    std::span<const std::byte> push;
    Groups groups{1, 1, 1};
  };
  // Throws Error(kInternal) for a kernel whose loops make more iterations than this device allows, or that has loops
  // and states kNoLoops: some drivers would silently end the loops early.
  void dispatch(const Dispatch& dispatch);
  // Copies `size` bytes at `data` to byte `offset` of the place. `idle` says that the device has no unfinished work;
  // then memory that the list has not used so far may be written directly.
  void upload(const Place& place, int64_t offset, const std::byte* data, int64_t size, bool idle);
  uint64_t dispatches() const { return dispatches_; }
  Submission& submission() { return *submission_; }

 private:
  struct Touched {
    int32_t segment;
    int64_t begin, end;
    bool written;
  };
  void order(std::span<const Touched> next);
  void barrier(VkPipelineStageFlags target_stages, VkAccessFlags target_access);
  void check_turns(const Dispatch& dispatch) const;
  void bind(const Dispatch& dispatch);
  void bind_far(const Dispatch& dispatch, DescriptorWrites& writes);

  const Gpu& gpu_;
  Submission* submission_ = nullptr;
  std::vector<Touched> pending_;  // since the last barrier
  std::vector<Touched> all_;      // since the list began
  VkPipeline bound_ = VK_NULL_HANDLE;
  uint64_t dispatches_ = 0;
};

}  // namespace lineshaft::vulkan
