#include "transport/local_socket.h"

#include <grp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "lineshaft/base/error.h"

namespace lineshaft {
namespace {

constexpr size_t kMaxDescriptors = 8;

sockaddr_un address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  LS_REQUIRE(!path.empty() && path.size() < sizeof address.sun_path, "the socket path \"", path, "\" has ", path.size(),
             " bytes; it must have 1 to ", sizeof address.sun_path - 1);
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

std::string local_remedy(int error) {
  switch (error) {
    case ENOENT:
      return "no server has made it; start `lineshaft serve` on the host, or mount its socket here";
    case ECONNREFUSED:
      return "no server answers there; start `lineshaft serve` on the host";
    case EACCES:
    case EPERM:
      return concat("user ", ::getuid(),
                    " may not open it; join the group that owns it, or start the server with --mode");
    default:
      return "check the path";
  }
}

}  // namespace

Descriptor try_connect_local(const std::string& path) {
  sockaddr_un address = address_of(path);
  Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (socket && ::connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) socket.reset();
  return socket;
}

Descriptor connect_local(const std::string& path) {
  Descriptor socket = try_connect_local(path);
  if (!socket) {
    int error = errno;
    fail(ErrorCode::kDeviceLost, "the server's socket ", path, " cannot be opened (", std::strerror(error),
         "): ", local_remedy(error));
  }
  return socket;
}

Descriptor listen_local(const std::string& path, int mode, const std::string& group) {
  sockaddr_un address = address_of(path);
  struct stat status {};
  if (::lstat(path.c_str(), &status) == 0) {
    LS_REQUIRE(S_ISSOCK(status.st_mode), path, " is there and is no socket; choose another path with --socket");
    LS_REQUIRE(!try_connect_local(path), "a server listens at ", path,
               " already; stop it, or choose another path with --socket");
    ::unlink(path.c_str());
  }
  Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  mode_t before = ::umask(0777);  // nobody connects before the mode is right
  bool bound = socket && ::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  ::umask(before);
  LS_REQUIRE(bound && ::listen(socket.get(), 64) == 0, "the socket ", path, " cannot be made: ", system_error());
  if (!group.empty()) {
    const ::group* entry = ::getgrnam(group.c_str());
    LS_REQUIRE(entry, "the group ", group, " does not exist; make it with `groupadd ", group, "`");
    LS_REQUIRE(::chown(path.c_str(), static_cast<uid_t>(-1), entry->gr_gid) == 0, "the socket ", path,
               " cannot be given to the group ", group, ": ", system_error());
  }
  LS_REQUIRE(::chmod(path.c_str(), static_cast<mode_t>(mode)) == 0, "the mode of the socket ", path,
             " cannot be set: ", system_error());
  return socket;
}

bool send_with_descriptors(const Descriptor& socket, std::span<const std::byte> bytes,
                           std::span<const int> descriptors) {
  alignas(cmsghdr) char control[CMSG_SPACE(kMaxDescriptors * sizeof(int))] = {};
  while (!bytes.empty()) {
    iovec piece{const_cast<std::byte*>(bytes.data()), bytes.size()};
    msghdr message{};
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    if (!descriptors.empty()) {
      message.msg_control = control;
      message.msg_controllen = CMSG_SPACE(descriptors.size_bytes());
      cmsghdr* header = CMSG_FIRSTHDR(&message);
      header->cmsg_level = SOL_SOCKET;
      header->cmsg_type = SCM_RIGHTS;
      header->cmsg_len = CMSG_LEN(descriptors.size_bytes());
      std::memcpy(CMSG_DATA(header), descriptors.data(), descriptors.size_bytes());
    }
    ssize_t sent = ::sendmsg(socket.get(), &message, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    bytes = bytes.subspan(static_cast<size_t>(sent));
    descriptors = {};
  }
  return true;
}

bool receive_with_descriptors(const Descriptor& socket, std::span<std::byte> bytes,
                              std::vector<Descriptor>& descriptors) {
  alignas(cmsghdr) char control[CMSG_SPACE(kMaxDescriptors * sizeof(int))];
  while (!bytes.empty()) {
    iovec piece{bytes.data(), bytes.size()};
    msghdr message{};
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    ssize_t got = ::recvmsg(socket.get(), &message, MSG_CMSG_CLOEXEC);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    for (cmsghdr* header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
      if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
      size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
      for (size_t i = 0; i < count; ++i) {
        int number;
        std::memcpy(&number, CMSG_DATA(header) + i * sizeof number, sizeof number);
        descriptors.emplace_back(number);
      }
    }
    bytes = bytes.subspan(static_cast<size_t>(got));
  }
  return true;
}

}  // namespace lineshaft
