// What the user names by a variable and cannot have is an error, and no other device takes its place.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>

#include "lineshaft/device/enumeration.h"
#include "platform/environment.h"
#include "server/serve_process.h"
#include "server/transport_pair.h"
#include "support/expected_error.h"

namespace lineshaft::remote {
std::unique_ptr<Backend> make_backend();
}

namespace lineshaft::tests {
namespace {

using Json = nlohmann::json;

int lines_of(const std::string& text) {
  return static_cast<int>(std::ranges::count(text, '\n'));
}

// A Unix socket that takes connections and never answers.
class Mute {
 public:
  explicit Mute(const std::string& path) : socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    EXPECT_EQ(::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(socket_.get(), 8), 0);
  }
  bool was_asked() { return static_cast<bool>(Descriptor(::accept(socket_.get(), nullptr, nullptr))); }

 private:
  Descriptor socket_;
};

TEST(NamedServer, OneThatIsNotThereIsAnErrorOfOneLineAndNoOtherDeviceIsUsed) {
  for (const char* devices : {"", "remote", "remote:0", "cpu,remote:0"}) {
    Ended bench = run_lineshaft({"bench", "--rounds", "1"},
                                {"LINESHAFT_SERVER=unix:/nowhere", concat("LINESHAFT_DEVICES=", devices)});
    EXPECT_EQ(bench.status, 1) << devices;
    EXPECT_EQ(bench.output,
              "lineshaft: LINESHAFT_SERVER=unix:/nowhere names a server that cannot be used: the server's socket "
              "/nowhere cannot be opened (No such file or directory): no server has made it; start `lineshaft serve` "
              "on the host, or mount its socket here; no other device takes its place: unset LINESHAFT_SERVER, or set "
              "LINESHAFT_DEVICES=cpu, to compute here\n")
        << devices;
  }
}

TEST(NamedServer, WhateverKeepsItFromServingIsSuchAnError) {
  ServeProcess closed({"--sessions", "1"});
  std::string config = closed.path("closed.toml");
  write_file(config, "[[guest]]\nidentity = \"*\"\nsessions = 0\n");
  ServeProcess server({"--config", config});
  std::string file = closed.path("file");
  write_file(file, "");
  for (const std::string& address : {server.address(), "unix:" + file, std::string("tcp:127.0.0.1:1"),
                                     std::string("nowhere"), std::string("unix:"), std::string("vm:")}) {
    Ended bench = run_lineshaft({"bench", "--rounds", "1"}, {"LINESHAFT_SERVER=" + address, "LINESHAFT_DEVICES="});
    EXPECT_EQ(bench.status, 1) << address << "\n" << bench.output;
    EXPECT_NE(bench.output.find("LINESHAFT_SERVER=" + address + " names a server that cannot be used: "),
              std::string::npos)
        << bench.output;
    EXPECT_EQ(lines_of(bench.output), 1) << bench.output;
  }
}

TEST(NamedServer, ItIsNotAskedWhereTheSelectionNamesDevicesOfThisMachineOnly) {
  TemporaryFolder folder;
  Mute server(folder.path("s.sock"));
  std::vector<std::string> variables = {"LINESHAFT_SERVER=unix:" + folder.path("s.sock"), "LINESHAFT_DEVICES=cpu"};
  Ended bench = run_lineshaft({"bench", "--rounds", "1"}, variables);
  EXPECT_EQ(bench.status, 0) << bench.output;
  EXPECT_FALSE(server.was_asked());
  for (const char* command : {"devices", "doctor"}) {
    run_lineshaft({command}, variables);
    EXPECT_FALSE(server.was_asked()) << command;
  }
  Ended named = run_lineshaft({"bench", "--rounds", "1", "--device", "cpu"}, {variables[0], "LINESHAFT_DEVICES="});
  EXPECT_EQ(named.status, 0) << named.output;
  EXPECT_FALSE(server.was_asked());
  ScopedVariable named_here("LINESHAFT_SERVER", variables[0].substr(variables[0].find('=') + 1).c_str());
  ServeProcess own;  // another server asks it for nothing
  EXPECT_FALSE(server.was_asked());
}

TEST(NamedServer, AServerLendsItsOwnDevicesWhateverTheVariableNames) {
  ScopedVariable named("LINESHAFT_SERVER", "unix:/nowhere");
  ServeProcess server;
  EXPECT_TRUE(server.logged("lends cpu:0")) << server.log();
  Ended lent = run_lineshaft({"serve", "--config", "/dev/null", "--socket", server.path("other.sock")},
                             {"LINESHAFT_DEVICES=remote:0,cpu"});
  EXPECT_EQ(lent.status, 1);
  EXPECT_NE(lent.output.find("LINESHAFT_DEVICES names the device \"remote:0\", which is not there"), std::string::npos)
      << lent.output;
}

TEST(NamedServer, DevicesListsWhatThereIsAndEndsWithStatusOne) {
  std::vector<std::string> variables = {"LINESHAFT_SERVER=unix:/nowhere", "LINESHAFT_DEVICES="};
  Ended table = run_lineshaft({"devices"}, variables);
  EXPECT_EQ(table.status, 1);
  EXPECT_NE(table.output.find("-       cpu:0"), std::string::npos) << table.output;
  EXPECT_NE(table.output.find("LINESHAFT_SERVER=unix:/nowhere names a server"), std::string::npos) << table.output;
  EXPECT_NE(table.output.find("\nerror: "), std::string::npos) << table.output;

  Ended ended = run_lineshaft({"devices", "--json"}, variables);
  EXPECT_EQ(ended.status, 1);
  Json json = Json::parse(ended.output);
  EXPECT_NE(json["error"].get<std::string>().find("unix:/nowhere"), std::string::npos);
  bool listed = false, found = false;
  for (const Json& device : json["devices"]) {
    listed |= device["id"] == "cpu:0";
    EXPECT_TRUE(device["number"].is_null()) << device;
  }
  for (const Json& finding : json["findings"]) found |= finding["severity"] == "error" && finding["what"] == "server";
  EXPECT_TRUE(listed && found) << json;

  Json local = Json::parse(run_lineshaft({"devices", "--json"}, {variables[0], "LINESHAFT_DEVICES=cpu"}).output);
  EXPECT_TRUE(local["error"].is_null()) << local;
  EXPECT_EQ(run_lineshaft({"devices"}, {variables[0], "LINESHAFT_DEVICES=cpu"}).status, 0);
}

TEST(NamedServer, DevicesListsWhatThereIsForAWrongSelectionToo) {
  Ended ended = run_lineshaft({"devices", "--json"}, {"LINESHAFT_DEVICES=abacus:3"});
  EXPECT_EQ(ended.status, 1);
  Json json = Json::parse(ended.output);
  EXPECT_NE(json["error"].get<std::string>().find("\"abacus:3\", which is not there"), std::string::npos);
  EXPECT_FALSE(json["devices"].empty());
  Ended table = run_lineshaft({"devices"}, {"LINESHAFT_DEVICES=abacus:3"});
  EXPECT_EQ(table.status, 1);
  EXPECT_NE(table.output.find("\"abacus:3\", which is not there"), std::string::npos) << table.output;
}

// What doctor says of `what`.
Json check_of(const Ended& doctor, const char* what) {
  for (const Json& check : Json::parse(doctor.output))
    if (check["what"] == what) return check;
  return {};
}

TEST(NamedServer, DoctorSaysWhatIsWrongAndThatAServerThatIsNotChosenIsNot) {
  Ended wrong = run_lineshaft({"doctor", "--json"}, {"LINESHAFT_SERVER=unix:/nowhere", "LINESHAFT_DEVICES="});
  EXPECT_EQ(wrong.status, 1);
  EXPECT_EQ(check_of(wrong, "server")["state"], "wrong") << wrong.output;
  EXPECT_EQ(check_of(wrong, "devices in use")["state"], "wrong") << wrong.output;
  Ended left_out = run_lineshaft({"doctor", "--json"}, {"LINESHAFT_SERVER=unix:/nowhere", "LINESHAFT_DEVICES=cpu"});
  EXPECT_EQ(check_of(left_out, "server")["state"], "note") << left_out.output;
  EXPECT_EQ(check_of(left_out, "devices in use")["text"], "cpu:0") << left_out.output;
}

TEST(NamedServer, AnotherDeviceUnderTheSameNumberIsRefused) {
  ServeProcess first;
  ScopedVariable server("LINESHAFT_SERVER", first.address().c_str());
  auto backend = remote::make_backend();
  std::vector<Finding> findings;
  ASSERT_EQ(backend->enumerate(findings).size(), 1u);
  EXPECT_NO_THROW(backend->open(0));
  first.signal(SIGTERM);
  EXPECT_EQ(first.wait(), 0);
  expect_error(ErrorCode::kDeviceLost, first.socket() + " cannot be opened", [&] { backend->open(0); });

  std::string socket = first.socket();
  std::optional<ServeProcess> second;
  {
    ScopedVariable threads("LINESHAFT_THREADS", std::to_string(usable_cores() + 1).c_str());  // results depend on it
    second.emplace(std::vector<std::string>{"--socket", socket});
  }
  expect_error(ErrorCode::kDeviceLost, "no longer lends", [&] { backend->open(0); });
}

TEST(NamedServer, VariablesOfBackendsThatAreWrongAreErrorsToo) {
  struct Wrong {
    const char* variable;
    const char* says;
  };
  std::vector<Wrong> all = {{"LINESHAFT_THREADS=2x", "LINESHAFT_THREADS=2x is no number of threads; it is 1 to 4096"},
                            {"LINESHAFT_THREADS=0", "LINESHAFT_THREADS=0 is no number"},
                            {"LINESHAFT_CPU_ISA=avx3", "LINESHAFT_CPU_ISA=avx3 is none of baseline, avx2, avx512"}};
  if (std::ranges::any_of(backends(), [](const auto& each) { return each->name() == "vulkan"; })) {
    all.push_back({"LINESHAFT_VULKAN_MASK=f46", "LINESHAFT_VULKAN_MASK hides \"f46\", which is no feature"});
    all.push_back({"LINESHAFT_VULKAN_FAMILY=nvidai", "LINESHAFT_VULKAN_FAMILY is \"nvidai\"; it must be one of"});
  }
  for (const auto& [variable, says] : all) {
    Ended bench = run_lineshaft({"bench", "--rounds", "1"}, {variable, "LINESHAFT_DEVICES="});
    EXPECT_EQ(bench.status, 1) << variable;
    EXPECT_NE(bench.output.find(says), std::string::npos) << bench.output;
    EXPECT_EQ(lines_of(bench.output), 1) << bench.output;
    EXPECT_EQ(run_lineshaft({"devices"}, {variable, "LINESHAFT_DEVICES="}).status, 1) << variable;
  }
}

TEST(NamedServer, OpenMPsOwnVariableMayBeAList) {
  Ended ended =
      run_lineshaft({"devices", "--json"}, {"LINESHAFT_DEVICES=cpu", "LINESHAFT_THREADS=", "OMP_NUM_THREADS=3,2"});
  EXPECT_NE(ended.output.find(", 3 threads"), std::string::npos) << ended.output;
}

}  // namespace
}  // namespace lineshaft::tests
