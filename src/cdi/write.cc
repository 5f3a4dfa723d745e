#include "cdi/write.h"

#include <filesystem>

#include "lineshaft/base/error.h"
#include "platform/files.h"

namespace lineshaft::cdi {
namespace {

void require_done(std::error_code error, const std::string& path) {
  if (!error) return;
  bool refused = error == std::errc::permission_denied || error == std::errc::operation_not_permitted ||
                 error == std::errc::read_only_file_system;
  fail(ErrorCode::kInvalidArgument, "cannot write ", path, ": ", error.message(),
       refused ? "; run this as root, or choose a folder of your own with --output" : "");
}

}  // namespace

void write_file(const std::string& path, const std::string& text) {
  std::filesystem::path target = path;
  if (target.has_parent_path()) {
    std::error_code error;
    std::filesystem::create_directories(target.parent_path(), error);
    require_done(error, target.parent_path());
  }
  require_done(try_write_file(path, text, FileAccess::kEverybody, true), path);
}

}  // namespace lineshaft::cdi
