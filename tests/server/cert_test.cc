// `lineshaft cert` as it is run, and a session with what it makes.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdio>

#include "server/served.h"

namespace lineshaft::tests {
namespace {

struct Ended {
  int status = -1;
  std::string said;  // on both outputs
};

Ended run(const std::string& words) {
  auto program = std::filesystem::canonical("/proc/self/exe").parent_path() / "lineshaft";
  FILE* pipe = ::popen((program.string() + " " + words + " 2>&1").c_str(), "r");
  Ended ended;
  for (char piece[256]; pipe && std::fgets(piece, sizeof piece, pipe);) ended.said += piece;
  if (pipe) ended.status = WEXITSTATUS(::pclose(pipe));
  return ended;
}

mode_t mode_of(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 0777 : 0;
}

TEST(Cert, WhatItMakesIsPrivateAndCarriesASession) {
  TemporaryFolder folder;
  std::string tls = folder.path("tls"), to = " --folder " + tls;
  ASSERT_EQ(run("cert init" + to).status, 0);
  ASSERT_EQ(run("cert server 127.0.0.1 localhost" + to).status, 0);
  ASSERT_EQ(run("cert guest alice" + to).status, 0);
  EXPECT_EQ(mode_of(tls), 0700u);
  for (const char* name : {"/authority.key", "/server.key", "/guests/alice/guest.key"})
    EXPECT_EQ(mode_of(tls + name), 0600u) << name;
  Served served(folder, {"--tcp", "127.0.0.1:0", "--tls", tls});
  ScopedVariable variable("LINESHAFT_TLS", (tls + "/guests/alice").c_str());
  auto remote = open_served(served.address("tcp"));
  float there = 1.5f, back = 0;
  BufferId buffer = remote->stream().create(4);
  remote->stream().write(buffer, 0, &there, 4);
  remote->stream().read(buffer, 0, &back, 4);
  EXPECT_EQ(back, there);
  EXPECT_TRUE(served.says("cert:alice at")) << served.log();
}

TEST(Cert, NothingIsReplacedWithoutForce) {
  TemporaryFolder folder;
  std::string tls = folder.path("tls"), to = " --folder " + tls;
  Ended early = run("cert server localhost" + to);
  EXPECT_EQ(early.status, 1);
  EXPECT_NE(early.said.find("lineshaft cert init"), std::string::npos) << early.said;
  ASSERT_EQ(run("cert init" + to).status, 0);
  Ended again = run("cert init" + to);
  EXPECT_EQ(again.status, 1);
  EXPECT_NE(again.said.find("--force"), std::string::npos) << again.said;
  EXPECT_EQ(run("cert init --force" + to).status, 0);
  EXPECT_EQ(run("cert guest ../eve" + to).status, 1);
  std::filesystem::permissions(tls, std::filesystem::perms(0777));
  Ended open = run("cert init --force" + to);
  EXPECT_NE(open.said.find("chmod 700"), std::string::npos) << open.said;
}

}  // namespace
}  // namespace lineshaft::tests
