#include "platform/child_process.h"

#include <gtest/gtest.h>

#include <array>
#include <csignal>

#include "lineshaft/base/error.h"
#include "platform/poll.h"

namespace lineshaft {
namespace {

StartedChild shell(const std::string& script) {
  return start_child("the shell", {"/bin/sh", "-c", script});
}

TEST(ChildProcess, ItsEndIsSeenAndSaysHowItCame) {
  StartedChild child = shell("exit 3");
  EXPECT_GT(child.process.number(), 0);
  std::array<Polled, 1> files{{{child.process.over().get()}}};
  EXPECT_EQ(poll_descriptors(files, -1), 1);
  ProcessEnd end = child.process.wait();
  EXPECT_EQ(end.status, 3);
  EXPECT_EQ(end.signal, 0);
  EXPECT_FALSE(end.well());
  EXPECT_TRUE(shell("exit 0").process.wait().well());
}

TEST(ChildProcess, CanBeKilled) {
  StartedChild child = shell("exec sleep 600");
  std::array<Polled, 1> files{{{child.process.over().get()}}};
  EXPECT_EQ(poll_descriptors(files, 0), 0);
  child.process.kill();
  ProcessEnd end = child.process.wait();
  EXPECT_EQ(end.signal, SIGKILL);
  EXPECT_FALSE(end.well());
}

TEST(ChildProcess, HasTheControlSocketAsItsDescriptorThree) {
  StartedChild child = shell("test -S /dev/fd/3");
  EXPECT_TRUE(child.process.wait().well());
}

TEST(ChildProcess, AProgramThatIsNotThereIsNamed) {
  try {
    start_child("the worker", {"/nowhere/program"});
    FAIL() << "it starts";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "the worker /nowhere/program cannot be started: No such file or directory");
  }
}

}  // namespace
}  // namespace lineshaft
