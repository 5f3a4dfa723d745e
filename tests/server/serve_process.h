// A real `lineshaft serve` for tests: the program that was built beside the tests, with the CPU device, in a folder of
// its own.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

#include "platform/descriptor.h"
#include "support/temporary_folder.h"

namespace lineshaft::tests {

struct Ended {
  int status = 0;      // exit status, or 128 and the signal
  std::string output;  // standard output and error
};

// Runs the built `lineshaft` to its end, with these variables beside this process's own.
Ended run_lineshaft(const std::vector<std::string>& words, const std::vector<std::string>& variables = {});

// A socket that listens, handed over as a service manager does.
struct Activated {
  int socket;
  std::string path;
};

class ServeProcess {
 public:
  // `--socket`, and `--config` where it is not among the flags, come by themselves. Waits until the server says that it
  // is ready.
  explicit ServeProcess(std::vector<std::string> flags = {});
  // Also told of the path by `--socket`, as a configuration for both ways of starting would.
  explicit ServeProcess(const Activated& activated);
  ~ServeProcess();  // ends it, hard if need be

  std::string path(const std::string& name) const { return folder_.path(name); }
  std::string socket() const { return path("s.sock"); }
  std::string address() const { return "unix:" + socket(); }
  pid_t pid() const { return pid_; }
  void signal(int number) const;
  // Waits until the service manager's socket has got the line, up to ten seconds.
  bool told(const std::string& line);
  // What it has logged so far.
  std::string log() const;
  // Waits until the log has the text, up to ten seconds.
  bool logged(const std::string& text) const;
  // Waits for its end; the exit status, or 128 and the signal.
  int wait();

 private:
  void begin(const std::vector<std::string>& command);

  TemporaryFolder folder_;
  Descriptor notify_;
  std::string told_;
  pid_t pid_ = 0;
};

// Creates or replaces the file.
void write_file(const std::string& path, const std::string& text);
std::string read_file(const std::string& path);

}  // namespace lineshaft::tests
