// A server that has run out of file descriptors: it waits for some, quietly, and then goes on.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>

#include "server/guest.h"
#include "server/server.h"

namespace lineshaft::tests {
namespace {

// Takes every descriptor that this process may have, its server's too.
class NoDescriptors {
 public:
  NoDescriptors() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    rlimit few = before_;
    few.rlim_cur = 256;
    ::setrlimit(RLIMIT_NOFILE, &few);
    for (int file; (file = ::dup(STDERR_FILENO)) >= 0;) taken_.emplace_back(file);
    EXPECT_EQ(errno, EMFILE);
  }
  // Gives back some of them.
  void leave(size_t count) { taken_.resize(taken_.size() - count); }
  ~NoDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
  std::vector<Descriptor> taken_;
};

double processor_seconds() {
  timespec time{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

TEST(Descriptors, ThatRunOutAreAwaitedAndToldOnce) {
  Server server;
  Guest other(server.address());
  ASSERT_TRUE(eventually([&] { return server.sessions() == 1; }));  // the one that it asked for devices has ended
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::string path = server.address().substr(std::strlen("unix:"));
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  Descriptor guest(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  {
    NoDescriptors none;
    ASSERT_EQ(::connect(guest.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0) << system_error();
    ASSERT_TRUE(eventually([&] { return server.logged("has no file descriptor left"); }));
    double before = processor_seconds();
    ::usleep(2'500'000);  // two more tries
    EXPECT_LT(processor_seconds() - before, 0.5);
    EXPECT_EQ(server.times_logged("guests wait at unix:"), 1u);
    EXPECT_EQ(other.train(3, 1).size(), 3u);
    none.leave(2);  // as many as a session that ends leaves: too few for the next one
    ::usleep(1'500'000);
    EXPECT_EQ(server.sessions(), 1u);
    EXPECT_EQ(server.times_logged("is refused"), 0u);
  }
  // Who waited at the door is let in, and so is the next.
  EXPECT_TRUE(eventually([&] { return server.sessions() == 2; }));
  EXPECT_EQ(other.train(3, 1), Guest(server.address()).train(3, 1));
}

}  // namespace
}  // namespace lineshaft::tests
