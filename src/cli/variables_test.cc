#include "cli/variables.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>

namespace lineshaft::cli {
namespace {

namespace fs = std::filesystem;

// The names that the sources have as texts, in the folder.
void collect_names(const fs::path& folder, std::set<std::string>& names) {
  static const std::regex kName("\"(LINESHAFT_[A-Z0-9_]*[A-Z])\"");
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    std::string path = entry.path().string();
    if (!path.ends_with(".h") && !(path.ends_with(".cc") && !path.ends_with("_test.cc"))) continue;
    std::ifstream file(entry.path());
    std::string text{std::istreambuf_iterator<char>(file), {}};
    for (std::sregex_iterator at(text.begin(), text.end(), kName), end; at != end; ++at) names.insert((*at)[1]);
  }
}

TEST(CliVariables, TheTableHasWhatIsRead) {
  fs::path sources = LINESHAFT_SOURCES;
  std::set<std::string> read;
  collect_names(sources / "src", read);
  collect_names(sources / "frontends/torch/csrc", read);
  auto listed = variable_names();
  for (const std::string& name : read)
    EXPECT_EQ(std::ranges::count(listed, name), 1) << name << " is read and not in src/cli/variables.cc";
  EXPECT_EQ(listed.size(), read.size());
}

}  // namespace
}  // namespace lineshaft::cli
