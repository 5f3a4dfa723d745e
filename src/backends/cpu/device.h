// The CPU backend's device. It runs the commands of a list one after another, with the process's compute pool: on the
// stream's own thread or, where the list is short or there is only one core, on the thread that waits.
#pragma once

#include <array>
#include <atomic>
#include <mutex>
#include <vector>

#include "backends/cpu/arena.h"
#include "backends/cpu/context.h"
#include "lineshaft/device/device.h"

namespace lineshaft::cpu {

// The memory of buffers and scratch, which is allocated at its first use and reused in stream order. Some freed small
// blocks are kept by size for the next allocation of that size, because that is faster than joining and splitting gaps.
class Memory {
 public:
  void create(BufferId buffer, int64_t size);
  void release(BufferId buffer);
  std::byte* address(BufferId buffer);
  // Throws Error(kOutOfMemory).
  Arena::Block allocate(int64_t size);
  void free(const Arena::Block& block);
  std::byte* address(const Arena::Block& block) { return blocks_.address(block); }
  uint64_t write_count(BufferId buffer) { return buffers_[buffer.slot()].writes; }
  void written(BufferId buffer) { ++buffers_[buffer.slot()].writes; }
  void trim();
  void limit(int64_t bytes) { limit_ = bytes; }
  int64_t reserved() const { return blocks_.reserved(); }
  int64_t in_use() const { return blocks_.in_use() - shelved_; }

 private:
  struct Buffer {
    int64_t size = 0;
    uint64_t writes = 0;
    Arena::Block block;  // none before the first use
  };

  static constexpr int64_t kStep = Arena::kAlignment;
  static constexpr int64_t kLargestShelved = 16 * kStep;
  static constexpr size_t kMostShelved = 64;  // blocks of one size

  std::vector<Arena::Block>& shelf_of(int64_t size) { return shelves_[(size - 1) / kStep]; }
  void clear_shelves();

  std::vector<Buffer> buffers_;  // by slot; the recorder has checked generations
  std::array<std::vector<Arena::Block>, kLargestShelved / kStep> shelves_;
  int64_t shelved_ = 0;  // bytes
  Arena blocks_;
  int64_t limit_ = INT64_MAX;
};

class CpuDevice final : public Device, private Context {
 public:
  explicit CpuDevice(DeviceProperties properties);

  const DeviceProperties& properties() const override { return properties_; }
  Threads threads() const override { return threads_; }
  void submit(const CommandList& list, uint64_t ticket) override;
  uint64_t completed() const override { return completed_; }
  void wait(uint64_t) override {}
  void read(BufferId buffer, int64_t offset, void* destination, int64_t size) override;
  std::optional<Error> take_error() override;
  void trim() override;
  void pause() override;
  void limit_memory(int64_t bytes) override { memory_.limit(bytes); }
  ExecutorMemory memory() const override { return {reserved_, in_use_}; }

 private:
  void* scratch(size_t bytes) override;
  void report_index(int64_t index, int64_t bound) override;
  void report_requirement(Requirement requirement) override;
  uint64_t write_count(BufferId buffer) override { return memory_.write_count(buffer); }
  std::byte* base(BufferId buffer) override { return memory_.address(buffer); }
  void execute(const Command& command);
  void free_scratch();
  void report(const Error& error);

  DeviceProperties properties_;
  const Threads threads_;
  Memory memory_;
  std::vector<Arena::Block> scratch_;
  const Command* current_ = nullptr;
  std::atomic<uint64_t> completed_{0};
  std::atomic<int64_t> reserved_{0}, in_use_{0};
  std::mutex error_mutex_;
  std::optional<Error> error_;
};

}  // namespace lineshaft::cpu
