#include "transport/accept.h"

#include <cerrno>

#include "base/error.h"

namespace lineshaft {

Descriptor accept_connection(const Descriptor& listener, sockaddr* peer, socklen_t* size) {
  Descriptor socket(::accept4(listener.get(), peer, size, SOCK_CLOEXEC));
  if (socket) return socket;
  switch (errno) {
    case EMFILE:
      fail(ErrorCode::kOutOfMemory,
           "this process has no file descriptor left; raise its limit (LimitNOFILE, ulimit -n)");
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
      fail(ErrorCode::kOutOfMemory, "the system has no file descriptor or memory left: ", system_error());
    default:
      return socket;  // the guest has left again
  }
}

}  // namespace lineshaft
