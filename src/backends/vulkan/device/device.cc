#include "backends/vulkan/device/device.h"

#include <atomic>
#include <cstring>
#include <deque>
#include <mutex>
#include <utility>

#include "backends/vulkan/device/context.h"
#include "backends/vulkan/program/lacks_f64.h"
#include "device/failure.h"
#include "device/host_arithmetic.h"

namespace lineshaft::vulkan {
namespace {

constexpr size_t kMaxInFlight = 8;

class VulkanDevice final : public Device {
 public:
  VulkanDevice(const Instance& instance, VkPhysicalDevice physical, const Features& features,
               const DeviceProperties& properties)
      : properties_(properties),
        gpu_(instance, physical, features),
        memory_(gpu_),
        pipelines_(gpu_),
        recorder_(gpu_),
        context_(gpu_, memory_, pipelines_, recorder_) {
    VkSemaphoreTypeCreateInfo type{VK_STRUCTURE_TYPE_SEMAPHORE_TYPE_CREATE_INFO, nullptr, VK_SEMAPHORE_TYPE_TIMELINE,
                                   0};
    VkSemaphoreCreateInfo info{VK_STRUCTURE_TYPE_SEMAPHORE_CREATE_INFO, &type};
    check(gpu_.api.CreateSemaphore(gpu_.handle, &info, nullptr, &timeline_), "vkCreateSemaphore");
  }

  ~VulkanDevice() override {
    gpu_.api.DeviceWaitIdle(gpu_.handle);
    in_flight_.clear();
    spare_.clear();
    gpu_.api.DestroySemaphore(gpu_.handle, timeline_, nullptr);
  }

  const DeviceProperties& properties() const override { return properties_; }
  uint64_t dispatches() const override { return dispatches_; }
  void submit(const CommandList& list, uint64_t ticket) override;
  uint64_t completed() const override;
  void wait(uint64_t ticket) override;
  void read(BufferId buffer, int64_t offset, void* destination, int64_t size) override;
  std::optional<Error> take_error() override;
  void trim() override;
  void limit_memory(int64_t bytes) override {
    memory_.limit(bytes);
    host_.limit_memory(bytes);
  }
  ExecutorMemory memory() const override { return {reserved_, in_use_}; }

 private:
  std::unique_ptr<Submission> acquire();
  void record(const CommandList& list, Submission& submission);
  void execute(const Command& command, Submission& submission);
  void run_on_host(const CommandList& list, const Command& command, const Error& reason, Submission& submission);
  void run_recorded(const CommandList& list, Submission& submission);
  void send(std::unique_ptr<Submission> submission);
  void harvest(uint64_t done) const;
  int64_t reserved() const;
  void finish(Submission& submission) const;  // with the mutex held
  void report(const Error& error) const;
  void lose(
      const Error& error) const;  // a list that could not be submitted is never done: no later one can count on it

  DeviceProperties properties_;
  Gpu gpu_;
  Memory memory_;
  Pipelines pipelines_;
  Recorder recorder_;
  Context context_;
  HostArithmetic host_;
  VkSemaphore timeline_ = VK_NULL_HANDLE;
  uint64_t submitted_ = 0;
  std::atomic<uint64_t> dispatches_{0};
  std::atomic<int64_t> reserved_{0}, in_use_{0};

  mutable std::mutex mutex_;  // guards what follows
  mutable std::deque<std::unique_ptr<Submission>> in_flight_;
  mutable std::vector<std::unique_ptr<Submission>> spare_;
  mutable std::optional<Error> error_;
  mutable std::atomic<uint64_t> completed_{0};
  mutable std::atomic<bool> lost_{false};
};

void VulkanDevice::submit(const CommandList& list, uint64_t ticket) {
  if (!lost_) {
    try {
      auto submission = acquire();
      submission->begin(ticket, list);
      record(list, *submission);
      submitted_ = ticket;
      send(std::move(submission));
    } catch (const Error& error) {
      lose(error);
    }
  }
  if (lost_) {
    report(Error(ErrorCode::kDeviceLost, concat(properties_.name, " is lost; restart the program")));
    submitted_ = ticket;
    completed_ = ticket;
  }
  reserved_ = reserved();
  in_use_ = memory_.in_use();
  dispatches_ = recorder_.dispatches();
}

std::unique_ptr<Submission> VulkanDevice::acquire() {
  uint64_t oldest = 0;
  {
    std::lock_guard lock(mutex_);
    if (in_flight_.size() >= kMaxInFlight) oldest = in_flight_.front()->ticket;
  }
  if (oldest) wait(oldest);
  std::lock_guard lock(mutex_);
  if (spare_.empty()) return std::make_unique<Submission>(gpu_);
  auto taken = std::move(spare_.back());
  spare_.pop_back();
  return taken;
}

void VulkanDevice::record(const CommandList& list, Submission& submission) {
  recorder_.begin(submission);
  for (uint32_t i = 0; i < list.commands.size(); ++i) {
    const Command& command = list.commands[i];
    const char* name = command.label ? command.label : name_of(command.op_kind);
    submission.labels.push_back(name);
    try {
      context_.begin_command(i);
      try {
        execute(command, submission);
      } catch (const LacksF64& reason) {
        run_on_host(list, command, reason, submission);
      }
    } catch (const Error& error) {
      if (error.code() == ErrorCode::kDeviceLost) throw;
      report(failure_of(command));
    } catch (const std::exception&) {
      report(failure_of(command));
    }
    memory_.release_scratch();
  }
  recorder_.end();
}

void VulkanDevice::execute(const Command& command, Submission& submission) {
  switch (command.kind) {
    case CommandKind::kOperation:
      return visit_operation(command.op_kind, command.op, [&](const auto& op) { run(context_, op); });
    case CommandKind::kCreate:
      return memory_.create(command.buffer, command.size);
    case CommandKind::kRelease:
      return memory_.release(command.buffer);
    case CommandKind::kUpload:
      return recorder_.upload(memory_.place(command.buffer), command.offset, command.data, command.size,
                              completed() == submitted_);
    case CommandKind::kEvent:
      return submission.record_event(command.event);
    case CommandKind::kReplay:  // the stream has put the graph's commands in its place
    case CommandKind::kForget:
      break;
  }
}

// Runs what is recorded of the list so far, to its end, and begins what is left of it. Where that fails, nothing of the
// list can be counted on.
void VulkanDevice::run_recorded(const CommandList& list, Submission& submission) try {
  recorder_.end();
  VkSubmitInfo info{VK_STRUCTURE_TYPE_SUBMIT_INFO};
  info.commandBufferCount = 1;
  info.pCommandBuffers = &submission.commands;
  check(gpu_.api.QueueSubmit(gpu_.queue, 1, &info, VK_NULL_HANDLE), "vkQueueSubmit");
  check(gpu_.api.DeviceWaitIdle(gpu_.handle), "vkDeviceWaitIdle");
  {
    std::lock_guard lock(mutex_);
    finish(submission);
  }
  auto labels = std::move(submission.labels);
  submission.begin(submission.ticket, list);
  submission.labels = std::move(labels);
  recorder_.begin(submission);
} catch (const Error& error) {
  throw Error(ErrorCode::kDeviceLost, error.what());
}

void VulkanDevice::run_on_host(const CommandList& list, const Command& command, const Error& reason,
                               Submission& submission) {
  bool waited = false;
  HostArithmetic::Buffers buffers{
      .read =
          [&](BufferId buffer, int64_t offset, std::byte* to, int64_t size) {
            if (!std::exchange(waited, true)) run_recorded(list, submission);
            read(buffer, offset, to, size);
          },
      .write = [&](BufferId buffer, int64_t offset, const std::byte* from,
                   int64_t size) { recorder_.upload(memory_.place(buffer), offset, from, size, true); },
  };
  if (auto error = host_.run(command, properties_.name, reason, buffers)) report(*error);
}

void VulkanDevice::send(std::unique_ptr<Submission> submission) {
  uint64_t value = submission->ticket;
  VkTimelineSemaphoreSubmitInfo timeline{VK_STRUCTURE_TYPE_TIMELINE_SEMAPHORE_SUBMIT_INFO};
  timeline.signalSemaphoreValueCount = 1;
  timeline.pSignalSemaphoreValues = &value;
  VkSubmitInfo info{VK_STRUCTURE_TYPE_SUBMIT_INFO, &timeline};
  info.commandBufferCount = 1;
  info.pCommandBuffers = &submission->commands;
  info.signalSemaphoreCount = 1;
  info.pSignalSemaphores = &timeline_;
  std::lock_guard lock(mutex_);
  check(gpu_.api.QueueSubmit(gpu_.queue, 1, &info, VK_NULL_HANDLE), "vkQueueSubmit");
  in_flight_.push_back(std::move(submission));
}

uint64_t VulkanDevice::completed() const {
  if (lost_) return completed_;
  uint64_t value = 0;
  if (gpu_.api.GetSemaphoreCounterValue(gpu_.handle, timeline_, &value) == VK_SUCCESS && value > completed_)
    harvest(value);
  return completed_;
}

void VulkanDevice::wait(uint64_t ticket) {
  if (ticket <= completed_) return;
  VkSemaphoreWaitInfo info{VK_STRUCTURE_TYPE_SEMAPHORE_WAIT_INFO};
  info.semaphoreCount = 1;
  info.pSemaphores = &timeline_;
  info.pValues = &ticket;
  try {
    check(gpu_.api.WaitSemaphores(gpu_.handle, &info, UINT64_MAX), "vkWaitSemaphores");
  } catch (const Error& error) {
    lose(error);
  }
  harvest(ticket);
}

// Stamps the events and takes the errors of a list that is done.
void VulkanDevice::finish(Submission& submission) const {
  submission.stamp_events();
  IndexError found = *submission.index_error();
  if (!found.flag || error_) return;
  std::string name = found.command < submission.labels.size() ? submission.labels[found.command] : "an operation";
  if (found.flag > 1) {
    error_ = Error(ErrorCode::kInvalidArgument, concat(name, ": ", text_of(static_cast<Requirement>(found.flag - 2))));
    return;
  }
  error_ = Error(ErrorCode::kIndex,
                 concat(name, ": index ", found.index, " is out of range; it must lie in 0 to ", found.bound - 1));
}

void VulkanDevice::harvest(uint64_t done) const {
  std::lock_guard lock(mutex_);
  while (!in_flight_.empty() && in_flight_.front()->ticket <= done) {
    finish(*in_flight_.front());
    spare_.push_back(std::move(in_flight_.front()));
    in_flight_.pop_front();
  }
  if (done > completed_) completed_ = done;
}

void VulkanDevice::read(BufferId buffer, int64_t offset, void* destination, int64_t size) {
  if (size == 0) return;
  Place place = memory_.place(buffer);
  if (place.mapped) {
    std::memcpy(destination, place.mapped + offset, static_cast<size_t>(size));
    return;
  }
  // All work is done, so the queue is this thread's: a copy in a submission of its own, outside the tickets.
  auto submission = acquire();
  submission->begin(0, {});
  HostBlock block = submission->host.allocate(static_cast<VkDeviceSize>(size));
  VkBufferCopy copy{static_cast<VkDeviceSize>(place.offset + offset), block.offset, static_cast<VkDeviceSize>(size)};
  VkMemoryBarrier memory{VK_STRUCTURE_TYPE_MEMORY_BARRIER, nullptr, VK_ACCESS_TRANSFER_WRITE_BIT,
                         VK_ACCESS_HOST_READ_BIT};
  gpu_.api.CmdCopyBuffer(submission->commands, place.buffer, block.buffer, 1, &copy);
  gpu_.api.CmdPipelineBarrier(submission->commands, VK_PIPELINE_STAGE_TRANSFER_BIT, VK_PIPELINE_STAGE_HOST_BIT, 0, 1,
                              &memory, 0, nullptr, 0, nullptr);
  submission->end();
  VkSubmitInfo info{VK_STRUCTURE_TYPE_SUBMIT_INFO};
  info.commandBufferCount = 1;
  info.pCommandBuffers = &submission->commands;
  check(gpu_.api.QueueSubmit(gpu_.queue, 1, &info, VK_NULL_HANDLE), "vkQueueSubmit");
  check(gpu_.api.DeviceWaitIdle(gpu_.handle), "vkDeviceWaitIdle");
  std::memcpy(destination, block.data, static_cast<size_t>(size));
  std::lock_guard lock(mutex_);
  spare_.push_back(std::move(submission));
}

std::optional<Error> VulkanDevice::take_error() {
  std::lock_guard lock(mutex_);
  return std::exchange(error_, std::nullopt);
}

void VulkanDevice::trim() {
  wait(submitted_);
  {
    std::lock_guard lock(mutex_);
    spare_.clear();
  }
  memory_.trim();
  reserved_ = reserved();
}

int64_t VulkanDevice::reserved() const {
  std::lock_guard lock(mutex_);
  int64_t sum = memory_.reserved();
  for (const auto& submission : in_flight_) sum += submission->host.reserved();
  for (const auto& submission : spare_) sum += submission->host.reserved();
  return sum;
}

void VulkanDevice::report(const Error& error) const {
  std::lock_guard lock(mutex_);
  if (!error_) error_ = error;
}

void VulkanDevice::lose(const Error& error) const {
  lost_ = true;
  report(error);
}

}  // namespace

std::unique_ptr<Device> make_device(const Instance& instance, VkPhysicalDevice physical, const Features& features,
                                    const DeviceProperties& properties) {
  return std::make_unique<VulkanDevice>(instance, physical, features, properties);
}

}  // namespace lineshaft::vulkan
