#include "device/host_arithmetic.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "lineshaft/device/counters.h"
#include "lineshaft/device/fallback.h"

namespace lineshaft {
namespace {

void count_and_say(const std::string& device, const std::string& operation) {
  if (!count_fallback(operation + " in f64")) return;
  std::fprintf(stderr,
               "lineshaft: %s does not compute in f64: %s runs on the CPU backend. LINESHAFT_FALLBACK=error raises "
               "instead.\n",
               device.c_str(), operation.c_str());
}

// What an operation touches of one buffer.
struct Touched {
  int64_t begin = INT64_MAX, end = 0;
  bool written = false;

  bool empty() const { return end <= begin; }
  size_t size() const { return static_cast<size_t>(end - begin); }
};

std::map<uint64_t, Touched> touched_by(const Command& command) {
  std::map<uint64_t, Touched> all;
  auto add = [&](const TensorView& view, bool written) {
    Touched& touched = all[view.buffer.value];  // also of empty views: the operation names them
    if (view.numel() == 0) return;
    ByteRange range = byte_range(view);
    touched.begin = std::min(touched.begin, range.begin);
    touched.end = std::max(touched.end, range.end);
    touched.written |= written;
  };
  for_each_touch(command, [&](const TensorView& view, const Touch& touch) {
    add(view, touch.written);
    if (touch.anywhere()) add(touch.whole(view), touch.written);
  });
  return all;
}

// The buffers' copies on the host's device, until it ends. They have the buffers' names.
class HostCopies {
 public:
  HostCopies(Device& host, uint64_t& ticket, std::map<uint64_t, Touched> all)
      : host_(host), ticket_(ticket), all_(std::move(all)) {
    CommandList list;
    for (const auto& [id, touched] : all_)
      list.commands.push_back({.kind = CommandKind::kCreate, .buffer = {id}, .size = touched.end});
    host_.submit(list, ++ticket_);
  }
  ~HostCopies() {
    CommandList list;
    for (const auto& [id, touched] : all_) list.commands.push_back({.kind = CommandKind::kRelease, .buffer = {id}});
    host_.submit(list, ++ticket_);
    host_.take_error();
    host_.trim();  // also what it packed of buffers whose names come again with other contents
  }
  HostCopies(const HostCopies&) = delete;
  HostCopies& operator=(const HostCopies&) = delete;

  void load(const HostArithmetic::Buffers& buffers) {
    std::vector<std::byte> bytes;
    for (const auto& [id, touched] : all_) {
      if (touched.empty()) continue;
      bytes.resize(touched.size());
      auto size = static_cast<int64_t>(bytes.size());
      buffers.read({id}, touched.begin, bytes.data(), size);
      CommandList list;
      list.commands.push_back(
          {.kind = CommandKind::kUpload, .buffer = {id}, .size = size, .offset = touched.begin, .data = bytes.data()});
      host_.submit(list, ++ticket_);
    }
  }
  void store(const HostArithmetic::Buffers& buffers) {
    std::vector<std::byte> bytes;
    for (const auto& [id, touched] : all_) {
      if (!touched.written) continue;
      bytes.resize(touched.size());
      auto size = static_cast<int64_t>(bytes.size());
      host_.read({id}, touched.begin, bytes.data(), size);
      buffers.write({id}, touched.begin, bytes.data(), size);
    }
  }

 private:
  Device& host_;
  uint64_t& ticket_;
  std::map<uint64_t, Touched> all_;
};

}  // namespace

Device& HostArithmetic::host() {
  if (!host_) host_ = open_host_device();
  host_->limit_memory(limit_);
  return *host_;
}

std::optional<Error> HostArithmetic::run(const Command& command, const std::string& device, const Error& reason,
                                         const Buffers& buffers) try {
  if (fallback_mode() == FallbackMode::kError) throw Error(reason);
  count_and_say(device, command.label ? command.label : name_of(command.op_kind));
  count_host_operation();
  HostCopies copies(host(), ticket_, touched_by(command));
  copies.load(buffers);
  CommandList list;
  list.commands.push_back(command);
  host_->submit(list, ++ticket_);
  std::optional<Error> error = host_->take_error();
  if (!error || error->code() == ErrorCode::kIndex) copies.store(buffers);  // what other indices name is done
  return error;
} catch (const std::bad_alloc&) {
  fail(ErrorCode::kOutOfMemory, reason.what(), ": the system has no memory left for it there; use a smaller batch");
}

}  // namespace lineshaft
