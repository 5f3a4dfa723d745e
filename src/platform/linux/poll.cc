#include "platform/poll.h"

#include <poll.h>

#include <cerrno>
#include <vector>

namespace lineshaft {
namespace {

short bits_of(PollEvent event) {
  switch (event) {
    case PollEvent::kReadable:
      return POLLIN;
    case PollEvent::kWritable:
      return POLLOUT;
    case PollEvent::kHangUp:
      return POLLRDHUP;
  }
  return 0;
}

}  // namespace

int poll_descriptors(std::span<Polled> files, int milliseconds) {
  std::vector<pollfd> polled;
  polled.reserve(files.size());
  for (const Polled& file : files) polled.push_back({file.descriptor, bits_of(file.event), 0});
  int ready = ::poll(polled.data(), polled.size(), milliseconds);
  for (size_t i = 0; i < files.size(); ++i) files[i].ready = ready > 0 && polled[i].revents != 0;
  return ready < 0 && errno == EINTR ? 0 : ready;
}

}  // namespace lineshaft
