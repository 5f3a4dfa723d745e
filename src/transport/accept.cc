#include "transport/accept.h"

#include <fcntl.h>

#include <cerrno>

#include "lineshaft/base/error.h"

namespace lineshaft {
namespace {

// A guest that is taken from the door with too few left for its session could only be turned away.
bool has_room(const Descriptor& listener) {
  Descriptor spares[kSessionDescriptors];
  for (Descriptor& spare : spares) {
    spare = Descriptor(::fcntl(listener.get(), F_DUPFD_CLOEXEC, 0));
    if (!spare) return false;
  }
  return true;
}

}  // namespace

Descriptor accept_connection(const Descriptor& listener, sockaddr* peer, socklen_t* size) {
  if (!has_room(listener))
    fail(ErrorCode::kOutOfMemory, "this process has no file descriptor left for a session, which takes up to ",
         kSessionDescriptors, "; raise its limit (LimitNOFILE, ulimit -n)");
  Descriptor socket(::accept4(listener.get(), peer, size, SOCK_CLOEXEC));
  if (socket) return socket;
  switch (errno) {
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
      fail(ErrorCode::kOutOfMemory, "no file descriptor or memory is left: ", system_error());
    default:
      return socket;  // the guest has left again
  }
}

}  // namespace lineshaft
