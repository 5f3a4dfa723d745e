#include "fuzz/kept_device.h"

#include <algorithm>
#include <cstdlib>

#include "fuzz/time.h"
#include "lineshaft/device/registry.h"

namespace lineshaft::fuzz {
namespace {

constexpr double kMostTime = 1 << 20;
constexpr uint64_t kSessions = 4096;               // of one device: then its caches have grown enough
constexpr int64_t kTrimAbove = int64_t{64} << 20;  // bytes reserved

struct Kept {
  std::unique_ptr<Device> device;
  uint64_t ticket = 0, sessions = 0;
  int64_t most_reserved = 0;
};

// Not destroyed at exit: drivers' own destructors may have run by then.
Kept& kept() {
  static Kept* one = new Kept;
  return *one;
}

std::unique_ptr<Device> open_device() {
  const char* name = std::getenv("LINESHAFT_FUZZ_DEVICE");
  std::string id = name ? name : "cpu:0";
  for (const auto& backend : backends()) {  // the others' drivers are not loaded
    if (!id.starts_with(backend->name() + ":")) continue;
    std::vector<Finding> findings;
    static const size_t count = backend->enumerate(findings).size();
    size_t index = std::strtoul(id.c_str() + backend->name().size() + 1, nullptr, 10);
    if (index < count) return backend->open(static_cast<int>(index));
  }
  std::fprintf(stderr, "there is no device %s\n", id.c_str());
  std::_Exit(2);
}

}  // namespace

KeptDevice::KeptDevice() {
  if (kept().sessions++ % kSessions == 0) kept() = {open_device(), 0, kept().sessions, kept().most_reserved};
  first_ = kept().ticket;
}

KeptDevice::~KeptDevice() {
  Device& device = *kept().device;
  CommandList& last = lists_.emplace_back();
  for (uint64_t buffer : live_) last.commands.push_back({.kind = CommandKind::kRelease, .buffer = BufferId{buffer}});
  kept().ticket = first_ + submitted_ + 1;
  device.submit(last, kept().ticket);
  device.wait(kept().ticket);
  while (device.take_error()) {
  }
  if (device.memory().in_use != 0) std::abort();
  if (device.memory().reserved > kTrimAbove) device.trim();
}

int64_t KeptDevice::most_reserved() {
  return kept().most_reserved;
}

void KeptDevice::note_memory() {
  kept().most_reserved = std::max(kept().most_reserved, kept().device->memory().reserved);
}

// Where any thread may, a stream's caller does all itself: waking another takes longer than what a fuzzer runs.
Executor::Threads KeptDevice::threads() const {
  return kept().device->threads() == Threads::kOwn ? Threads::kOwn : Threads::kRecording;
}

void KeptDevice::submit(const CommandList& list, uint64_t ticket) {
  CommandList& copy = lists_.emplace_back();
  for (const Command& command : list.commands) {
    if (time_of(command) > kMostTime) continue;
    copy.commands.push_back(command);
    if (command.kind == CommandKind::kCreate) live_.insert(command.buffer.value);
    if (command.kind == CommandKind::kRelease) live_.erase(command.buffer.value);
  }
  submitted_ = ticket;
  kept().device->submit(copy, first_ + ticket);
  note_memory();
}

uint64_t KeptDevice::completed() const {
  return kept().device->completed() - first_;
}

void KeptDevice::wait(uint64_t ticket) {
  kept().device->wait(first_ + ticket);
}

void KeptDevice::read(BufferId buffer, int64_t offset, void* destination, int64_t size) {
  kept().device->read(buffer, offset, destination, size);
  note_memory();
}

std::optional<Error> KeptDevice::take_error() {
  return kept().device->take_error();
}

void KeptDevice::trim() {
  kept().device->trim();
}

ExecutorMemory KeptDevice::memory() const {
  return kept().device->memory();
}

const DeviceProperties& KeptDevice::properties() const {
  return kept().device->properties();
}

uint64_t KeptDevice::dispatches() const {
  return kept().device->dispatches();
}

void KeptDevice::limit_memory(int64_t bytes) {
  kept().device->limit_memory(bytes);
}

}  // namespace lineshaft::fuzz
