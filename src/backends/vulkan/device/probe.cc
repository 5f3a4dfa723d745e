#include "backends/vulkan/device/probe.h"

#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "platform/environment.h"

namespace lineshaft::vulkan {
namespace {

constexpr int kSeconds = 20;

// In the child: touch every device as enumeration will, then leave without running the parent's exit handlers.
[[noreturn]] void touch_devices(const std::string& driver_files) {
  if (!driver_files.empty()) {
    setenv("VK_DRIVER_FILES", driver_files.c_str(), 1);
    setenv("VK_ICD_FILENAMES", driver_files.c_str(), 1);
  }
  Instance made;
  std::string problem;
  if (PFN_vkGetInstanceProcAddr get = open_loader(); get && make_instance(get, made, problem)) {
    for (VkPhysicalDevice device : made.devices) {
      VkPhysicalDeviceProperties properties;
      made.api.GetPhysicalDeviceProperties(device, &properties);
    }
  }
  _exit(0);
}

enum class Outcome { kSurvived, kCrashed, kHung };

Outcome probe(const std::string& driver_files) {
  pid_t child = fork();
  if (child < 0) return Outcome::kSurvived;  // no process to spare: the parent finds out by itself
  if (child == 0) touch_devices(driver_files);
  for (int tick = 0; tick < kSeconds * 200; ++tick) {
    int status = 0;
    pid_t done = waitpid(child, &status, WNOHANG);
    if (done < 0) return Outcome::kSurvived;  // someone else's SIGCHLD handler collected it
    if (done == child) return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? Outcome::kSurvived : Outcome::kCrashed;
    timespec pause{0, 5'000'000};
    nanosleep(&pause, nullptr);
  }
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  return Outcome::kHung;
}

void append_split(const std::string& text, std::vector<std::string>& out) {
  size_t begin = 0;
  while (begin <= text.size()) {
    size_t end = std::min(text.find(':', begin), text.size());
    if (end > begin) out.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
}

std::vector<std::string> manifest_files() {
  std::vector<std::string> files;
  for (const char* name : {"VK_DRIVER_FILES", "VK_ICD_FILENAMES"}) {
    if (auto text = environment(name)) {
      append_split(*text, files);
      return files;
    }
  }
  std::vector<std::string> roots;
  append_split(environment("XDG_CONFIG_HOME").value_or(environment("HOME").value_or("") + "/.config"), roots);
  append_split(environment("XDG_CONFIG_DIRS").value_or("/etc/xdg"), roots);
  append_split("/etc", roots);
  append_split(environment("XDG_DATA_HOME").value_or(environment("HOME").value_or("") + "/.local/share"), roots);
  append_split(environment("XDG_DATA_DIRS").value_or("/usr/local/share:/usr/share"), roots);
  for (const std::string& root : roots) {
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(root + "/vulkan/icd.d", error))
      if (entry.path().extension() == ".json") files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

ProbeReport probe_drivers() {
  ProbeReport report;
  if (probe("") == Outcome::kSurvived) return report;
  for (const std::string& file : manifest_files()) {
    Outcome outcome = probe(file);
    if (outcome == Outcome::kSurvived) {
      report.driver_files += (report.driver_files.empty() ? "" : ":") + file;
      continue;
    }
    report.findings.push_back({"vulkan",
                               concat("the driver ", file, outcome == Outcome::kHung ? " hangs" : " crashes",
                                      " while it is probed; it is left out"),
                               "update or remove that driver; `vulkaninfo --summary` shows whether it works",
                               Severity::kWarning});
  }
  report.usable = !report.driver_files.empty();
  return report;
}

}  // namespace lineshaft::vulkan
