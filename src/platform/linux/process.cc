#include "platform/process.h"

#include <pthread.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace lineshaft {

void at_fork_in_child(void (*function)()) {
  pthread_atfork(nullptr, nullptr, function);
}

bool other_threads_run() {
  std::error_code error;
  auto own = std::to_string(gettid());
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task", error)) {
    if (task.path().filename() == own) continue;
    std::ifstream file(task.path() / "stat");
    std::string text{std::istreambuf_iterator<char>(file), {}};
    size_t name_end = text.rfind(')');  // "12 (name) S 1 ..."
    if (name_end != std::string::npos && text.find_first_of("RD", name_end) == name_end + 2) return true;
  }
  return false;
}

}  // namespace lineshaft
