#include "platform/process.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <stdexcept>
#include <thread>

#include "platform/environment.h"
#include "platform/files.h"
#include "support/temporary_folder.h"

namespace lineshaft {
namespace {

using namespace std::chrono_literals;

TEST(Process, AChildThatCrashesOrHangsHarmsNobody) {
  EXPECT_EQ(try_in_child([] {}, 20s), Trial::kSurvived);
  EXPECT_EQ(try_in_child([] { std::abort(); }, 20s), Trial::kCrashed);
  EXPECT_EQ(try_in_child([] { std::_Exit(3); }, 20s), Trial::kCrashed);
  EXPECT_EQ(try_in_child([] { throw std::runtime_error("no"); }, 20s), Trial::kCrashed);
  EXPECT_EQ(try_in_child([] { std::this_thread::sleep_for(1h); }, 50ms), Trial::kHung);
}

TEST(Process, AChildIsACopyWhoseChangesStayThere) {
  TemporaryFolder folder;
  int value = 1;
  Trial trial = try_in_child(
      [&] {
        value = 2;
        write_file(folder.path("pid"), std::to_string(process_id()), FileAccess::kOwner, false);
      },
      20s);
  EXPECT_EQ(trial, Trial::kSurvived);
  EXPECT_EQ(value, 1);
  EXPECT_NE(read_file(folder.path("pid")), std::to_string(process_id()));
}

TEST(Process, TheOutputOfAProgramComesWholeAndWithoutItsErrors) {
  EXPECT_EQ(output_of({"sh", "-c", "echo \"$1\"; echo wrong >&2; exit 3", "sh", "it's $HOME"}), "it's $HOME\n");
  EXPECT_EQ(output_of({"head", "-c", "100000", "/dev/zero"}), std::string(100000, '\0'));
  EXPECT_EQ(output_of({"/nonexistent/program"}), "");
}

TEST(Process, ItsOwnProgramCanBeStartedAgain) {
  EXPECT_NE(output_of({this_program(), "--help"}).find("gtest"), std::string::npos);
  EXPECT_FALSE(program_name().empty());
  EXPECT_EQ(is_superuser(), user_id() == "0");
}

TEST(Process, AProgramTakesAProcessesPlace) {
  TemporaryFolder folder;
  std::string file = folder.path("made");
  EXPECT_EQ(try_in_child([&] { become_program({"sh", "-c", "echo text > \"$0\"", file}); }, 20s), Trial::kSurvived);
  EXPECT_EQ(read_file(file), "text\n");
  EXPECT_EQ(try_in_child([] { become_program({"/nonexistent/program"}); }, 20s), Trial::kCrashed);
}

TEST(Environment, VariablesAreSetKeptAndListed) {
  const char* name = "LINESHAFT_PLATFORM_TEST";
  auto listed = [&] { return std::ranges::count(environment_names(), name) == 1; };
  unset_environment(name);
  EXPECT_FALSE(listed());
  set_environment(name, "one", false);
  EXPECT_EQ(environment(name), "one");
  EXPECT_TRUE(listed());
  set_environment(name, "two", false);
  EXPECT_EQ(environment(name), "one");
  set_environment(name, "");
  EXPECT_FALSE(environment(name));
  EXPECT_TRUE(listed());
  set_environment(name, "three", false);
  EXPECT_FALSE(environment(name)) << "one that is set to nothing is kept";
  unset_environment(name);
}

}  // namespace
}  // namespace lineshaft
