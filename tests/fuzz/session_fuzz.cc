// Whole sessions: what a guest sends, from its hello on, against a real device (LINESHAFT_FUZZ_DEVICE, by default the
// CPU). A session ends with goodbye, with the guest gone, or with a reason; nothing is read or written outside its
// buffers (AddressSanitizer sees the CPU's), and no more memory is taken than its quota allows.
#include <algorithm>
#include <array>
#include <cstdlib>

#include "fuzz/kept_device.h"
#include "fuzz/mutate.h"
#include "fuzz/tally.h"
#include "server/session.h"
#include "support/scripted_guest.h"

namespace {

using namespace lineshaft;

constexpr int64_t kQuota = int64_t{16} << 20;

fuzz::Tally tally;

// What the server answers is its to say, and an error of the engine's own is a bug wherever it comes from.
void check(const wire::Frame& frame) {
  if (frame.type < wire::FrameType::kWelcome) std::abort();
  if (frame.type == wire::FrameType::kCompleted) wire::decode<wire::Completed>(frame.payload);
  if (frame.type != wire::FrameType::kEnd && frame.type != wire::FrameType::kFailed) return;
  Error error = wire::error_of(frame);
  if (error.code() != ErrorCode::kInternal) return;
  std::fprintf(stderr, "internal error: %s\n", error.what());
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  ::setenv("LINESHAFT_THREADS", "1", 0);
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static std::array<std::byte, fuzz::kWindow> window;
  window.fill(std::byte{});
  auto bytes = std::as_bytes(std::span(data, size));
  wire::Channel channel(std::make_unique<tests::ScriptedGuest>(bytes, window, check));
  SessionPage page{};
  Session session(channel, {.number = 1,
                            .release = "fuzz",
                            .devices = {{.name = "device", .memory = kQuota}},
                            .open = [](int) { return std::make_unique<fuzz::KeptDevice>(); },
                            .page = &page,
                            .max_buffers = 1 << 10});
  try {
    session.run();
  } catch (const Error&) {  // the session has ended with a reason
  }
  if (page.memory > kQuota) std::abort();
  if (fuzz::KeptDevice::most_reserved() > Session::with_allowance(kQuota)) std::abort();
  tally.add(fuzz::count_frames(bytes), page.operations);
  return 0;
}

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t limit, unsigned seed) {
  return fuzz::mutate_session(data, size, limit, seed);
}
