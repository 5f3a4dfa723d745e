// A real server for tests: a broker in a thread of the test, workers of the `lineshaft` command beside the test binary.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "server/broker.h"
#include "support/temporary_folder.h"

namespace lineshaft::tests {

// The file beside the test binary.
std::string beside(const std::string& name);

// Polls until `condition`, for a minute at most: how long it takes is the machine's business.
bool eventually(const std::function<bool()>& condition);

class Server {
 public:
  // Lends cpu:0. `options` says what differs from a server's defaults.
  explicit Server(ServeOptions options = {});
  ~Server();

  const std::string& address() const { return address_; }
  Broker& broker() { return *broker_; }
  void stop();
  size_t sessions() { return broker_->status().sessions.size(); }
  // Sessions with an open device.
  std::vector<SessionStatus> open_sessions();
  // Whether a line of the log has the text.
  bool logged(const std::string& text) { return times_logged(text) > 0; }
  size_t times_logged(const std::string& text);

 private:
  TemporaryFolder folder_;
  std::string address_;
  std::mutex mutex_;
  std::vector<std::string> log_;
  std::unique_ptr<Broker> broker_;
  std::thread thread_;
};

// A process of the tests' own guest program.
class GuestProcess {
 public:
  GuestProcess(const std::string& address, const std::vector<std::string>& arguments);
  ~GuestProcess();  // kills it
  int pid() const { return pid_; }
  void signal(int number) const;
  // Waits for its end. What it wrote; empty where it did not end well.
  std::string output();

 private:
  int pid_ = -1;
  Descriptor out_;
};

}  // namespace lineshaft::tests
