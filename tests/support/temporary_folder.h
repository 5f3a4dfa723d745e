// For tests: a folder of its own, removed at the end.
#pragma once

#include <atomic>
#include <filesystem>
#include <string>

#include "lineshaft/base/error.h"
#include "platform/process.h"

namespace lineshaft {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    static std::atomic<int> made = 0;
    const std::filesystem::path parent = std::filesystem::temp_directory_path();
    do {
      folder_ = parent / concat("lineshaft-", process_id(), "-", made++);
    } while (!std::filesystem::create_directory(folder_));
    std::filesystem::permissions(folder_, std::filesystem::perms(0755));  // guests of other users come here
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  std::string path() const { return folder_.string(); }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }

 private:
  std::filesystem::path folder_;
};

}  // namespace lineshaft
