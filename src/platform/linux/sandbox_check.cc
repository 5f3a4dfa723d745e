#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <exception>

#include "lineshaft/base/error.h"
#include "platform/confine.h"
#include "platform/descriptor.h"
#include "platform/sandbox.h"

namespace lineshaft {
namespace {

[[noreturn]] void try_sandbox(int report) {
  std::string problem;
  try {
    forbid_new_privileges();
    enter_sandbox(report, 0);
  } catch (const std::exception& error) {
    problem = error.what();
  }
  [[maybe_unused]] ssize_t written = ::write(report, problem.data(), problem.size());
  ::_exit(problem.empty() ? 0 : 1);
}

}  // namespace

std::optional<std::string> sandbox_problem() {
  int pipe[2];
  if (::pipe(pipe) != 0) return concat("a pipe cannot be made: ", system_error());
  Descriptor reader(pipe[0]), writer(pipe[1]);
  pid_t child = ::fork();
  if (child < 0) return concat("a process cannot be started: ", system_error());
  if (child == 0) try_sandbox(writer.get());
  writer.reset();
  std::string problem;
  std::array<char, 256> part;
  while (ssize_t got = ::read(reader.get(), part.data(), part.size())) {
    if (got < 0) break;
    problem.append(part.data(), static_cast<size_t>(got));
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return std::nullopt;
  return problem.empty() ? "the process that tries it is ended by the kernel" : problem;
}

}  // namespace lineshaft
