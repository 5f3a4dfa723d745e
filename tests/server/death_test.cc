// Ends: of guests, workers, sockets and servers. What is left goes on, and nobody hangs.
#include <gtest/gtest.h>
#include <malloc.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <thread>

#include "server/guest.h"
#include "server/server.h"

extern char** environ;

namespace lineshaft::tests {
namespace {

using wire::FrameType;

size_t open_files() {
  size_t count = 0;
  for ([[maybe_unused]] const auto& each : std::filesystem::directory_iterator("/proc/self/fd")) ++count;
  return count;
}

std::vector<int> children_of(int parent) {
  std::vector<int> children;
  std::ifstream list(concat("/proc/", parent, "/task/", parent, "/children"));
  for (int child; list >> child;) children.push_back(child);
  return children;
}

bool exists(int pid) {
  return ::kill(pid, 0) == 0;
}

void expect_lost(Guest& guest, const std::string& why) {
  try {
    while (true) guest.train(1, 1);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kDeviceLost) << error.what();
    EXPECT_NE(std::string(error.what()).find(why), std::string::npos) << error.what() << "\nlacks: " << why;
    EXPECT_NE(std::string(error.what()).find("reconnect() and reload the last checkpoint"), std::string::npos)
        << error.what();
  }
}

TEST(Death, OfAGuestGivesAllItHadBack) {
  Server server;
  Guest other(server.address());
  EXPECT_TRUE(eventually([&] { return server.sessions() == 1; }));
  size_t files = open_files();
  for (int i = 0; i < 3; ++i) {
    GuestProcess guest(server.address(), {"busy"});
    ASSERT_TRUE(eventually([&] { return server.open_sessions().size() == 2; }));
    int worker = server.open_sessions()[1].pid;
    ::usleep(20'000);
    guest.signal(SIGKILL);
    EXPECT_TRUE(eventually([&] { return server.sessions() == 1; }));
    EXPECT_FALSE(exists(worker));
  }
  EXPECT_EQ(open_files(), files);
  EXPECT_EQ(other.train(3, 1), Guest(server.address()).train(3, 1));
}

TEST(Death, OfAGuestInTheMiddleOfAnEndlessOperation) {
  Server server;
  GuestProcess guest(server.address(), {"endless"});
  ASSERT_TRUE(eventually([&] {
    auto open = server.open_sessions();
    return !open.empty() && open[0].operations == 1;
  }));
  guest.signal(SIGKILL);
  EXPECT_TRUE(eventually([&] { return server.sessions() == 0; }));
  EXPECT_TRUE(server.logged("the guest is gone in the middle of its work"));
}

TEST(Death, OfAWorkerIsItsGuestsAlone) {
  Server server;
  Guest one(server.address());
  ASSERT_TRUE(eventually([&] { return server.open_sessions().size() == 1; }));
  int worker = server.open_sessions().at(0).pid;
  Guest other(server.address());
  one.train(2, 1);
  ::kill(worker, SIGKILL);
  expect_lost(one, "the other side has closed the connection");
  EXPECT_TRUE(eventually([&] { return server.logged("its worker was ended by signal 9"); }));
  EXPECT_EQ(other.train(3, 1).size(), 3u);
}

TEST(Death, OfTheSocketInTheMiddleOfACommand) {
  Server server;
  Guest other(server.address());
  for (size_t part : {size_t{3}, wire::kFrameHeader, wire::kFrameHeader + 100}) {
    Endpoint endpoint = parse_endpoint(server.address());
    auto connection = endpoint.transport->connect(endpoint.address);
    auto send = [&](FrameType type, std::span<const std::byte> payload, size_t part) {
      Bytes frame(wire::kFrameHeader);
      auto header = wire::frame_header(type, payload.size());
      std::copy(header.begin(), header.end(), frame.begin());
      frame.insert(frame.end(), payload.begin(), payload.end());
      connection->send(std::span(frame).first(std::min(part, frame.size())));
    };
    ByteWriter hello, open;
    wire::encode(wire::Hello{.release = "test", .catalogue = catalogue_hash()}, hello);
    wire::encode(wire::Open{0}, open);
    send(FrameType::kHello, hello.bytes, SIZE_MAX);
    send(FrameType::kOpen, open.bytes, SIZE_MAX);
    send(FrameType::kList, Bytes(4096), part);
    EXPECT_TRUE(eventually([&] { return server.open_sessions().size() == 2; }));
    connection->close();
    EXPECT_TRUE(eventually([&] { return server.sessions() == 1; }));
  }
  EXPECT_EQ(other.train(3, 1).size(), 3u);
}

TEST(Death, OfAStoppedGuestIsNotAwaitedByOthers) {
  Server server;
  GuestProcess stopped(server.address(), {"train", "2000", "5"});
  ASSERT_TRUE(eventually([&] { return server.open_sessions().size() == 1; }));
  stopped.signal(SIGSTOP);
  Guest other(server.address());
  EXPECT_EQ(other.train(20, 1).size(), 20u);
  EXPECT_EQ(server.open_sessions().size(), 2u);  // it may come back
  stopped.signal(SIGCONT);
  EXPECT_FALSE(stopped.output().empty());
}

// It asks for more than fits its ring and takes nothing: its worker waits for it without the device.
TEST(Death, OfAGuestThatReadsNothingIsNotAwaitedByOthers) {
  Server server;
  RawGuest deaf(server.address());
  deaf.begin();
  CommandList list;
  list.commands = {create(1, 1 << 20)};
  deaf.send(list);
  for (int i = 0; i < 8; ++i)
    deaf.channel().send(FrameType::kRead, wire::Read{BufferId::make(1, 1).value, 0, 1 << 20, wire::Read::kNoWindow});
  Guest other(server.address());
  EXPECT_EQ(other.train(20, 1).size(), 20u);
}

TEST(Death, OfAServerThatIsToldToStop) {
  Server server;
  Guest guest(server.address());
  guest.train(2, 1);
  RawGuest deaf(server.address());
  deaf.begin();
  server.stop();
  expect_lost(guest, "the server shuts down");
}

class ServerProcess {
 public:
  explicit ServerProcess(const std::string& socket) {
    std::string program = beside("lineshaft");
    std::vector<std::string> words = {program, "serve", "--socket", socket};
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    std::vector<std::string> variables;
    for (char** each = environ; *each; ++each)
      if (!std::string(*each).starts_with("LINESHAFT_DEVICES=")) variables.emplace_back(*each);
    variables.emplace_back("LINESHAFT_DEVICES=cpu");
    std::vector<char*> environment;
    for (std::string& each : variables) environment.push_back(each.data());
    environment.push_back(nullptr);
    ::posix_spawn(&pid_, argv[0], nullptr, nullptr, argv.data(), environment.data());
  }
  ~ServerProcess() { kill(); }
  int pid() const { return pid_; }
  void kill() {
    if (pid_ < 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }

 private:
  pid_t pid_ = -1;
};

TEST(Death, OfTheBrokerEndsItsWorkersAndIsToldToGuests) {
  TemporaryFolder folder;
  ServerProcess server(folder.path("socket"));
  ASSERT_TRUE(eventually([&] { return std::filesystem::exists(folder.path("socket")); }));
  Guest guest("unix:" + folder.path("socket"));
  guest.train(2, 1);
  std::vector<int> workers = children_of(server.pid());
  ASSERT_FALSE(workers.empty());
  server.kill();
  expect_lost(guest, "");
  for (int worker : workers) EXPECT_TRUE(eventually([&] { return !exists(worker); }));
  // A new server takes the stale socket's place, and the guest can come back.
  ServerProcess next(folder.path("socket"));
  EXPECT_TRUE(eventually([&] {
    try {
      return Guest("unix:" + folder.path("socket")).train(1, 1).size() == 1;
    } catch (const Error&) {
      return false;
    }
  }));
}

// What this process, whose broker it is, has of memory.
struct Held {
  size_t heap = 0, mappings = 0, files = 0;  // heap in bytes
  static Held now() {
    ::malloc_trim(0);
    Held held{::mallinfo2().uordblks + ::mallinfo2().hblkhd, 0, open_files()};
    std::ifstream maps("/proc/self/maps");
    for (std::string line; std::getline(maps, line);) held.mappings += line.find("lineshaft session") != line.npos;
    return held;
  }
};

// Kills guests, and workers of guests, in the middle of their work, and starts guests in their place.
class Killer {
 public:
  explicit Killer(Server& server) : server_(server), guests_(3) {
    for (auto& guest : guests_) start(guest);
  }
  void kill_one() {
    auto& victim = guests_[random_() % guests_.size()];
    SessionStatus session;
    ASSERT_TRUE(eventually([&] {
      for (const SessionStatus& each : server_.open_sessions())
        if (each.peer.ends_with(concat("pid ", victim->pid())) && each.operations > 0) return session = each, true;
      return false;
    }));
    ::usleep(random_() % 20'000);
    bool worker = random_() % 2;
    ::kill(worker ? session.pid : victim->pid(), SIGKILL);
    ++(worker ? workers : guests);
    start(victim);
  }
  int guests = 0, workers = 0;  // killed

 private:
  void start(std::unique_ptr<GuestProcess>& guest) {
    guest = std::make_unique<GuestProcess>(server_.address(), std::vector<std::string>{"busy"});
  }
  Server& server_;
  std::mt19937 random_{3};
  std::vector<std::unique_ptr<GuestProcess>> guests_;
};

// Four guests work; three of them, or their workers, are killed at random times and started anew. The fourth's losses
// are those of an undisturbed run, and in the end the broker has what it had before.
TEST(Death, OfManyAtRandomLeavesTheOthersAloneLong) {
  Server server;
  constexpr int kKills = 200;
  std::vector<std::string> survivor = {"train", "3000", "11"};
  std::string expected = GuestProcess(server.address(), survivor).output();
  ASSERT_FALSE(expected.empty());
  ASSERT_TRUE(eventually([&] { return server.sessions() == 0; }));
  Held before = Held::now();
  int runs = 0;
  {
    std::atomic<bool> done{false};
    std::thread fourth([&] {
      do {
        EXPECT_EQ(GuestProcess(server.address(), survivor).output(), expected);
        ++runs;
      } while (!done && !::testing::Test::HasFailure());
    });
    Killer killer(server);
    for (int i = 0; i < kKills && !::testing::Test::HasFailure(); ++i) killer.kill_one();
    done = true;
    fourth.join();
    EXPECT_GT(killer.guests, kKills / 3);
    EXPECT_GT(killer.workers, kKills / 3);
    std::printf("%d guests and %d workers killed beside %d undisturbed runs\n", killer.guests, killer.workers, runs);
  }
  EXPECT_TRUE(eventually([&] { return server.sessions() == 0; }));
  Held after = Held::now();
  EXPECT_EQ(after.files, before.files);
  EXPECT_EQ(after.mappings, before.mappings);
  EXPECT_LT(after.heap, before.heap + 256 * 1024);  // the log's lines, which the test keeps
  std::printf("heap %zu KiB, before %zu; %zu files, before %zu\n", after.heap / 1024, before.heap / 1024, after.files,
              before.files);
}

}  // namespace
}  // namespace lineshaft::tests
