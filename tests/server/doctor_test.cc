// What `lineshaft doctor` and `lineshaft devices` say of the environment's variables.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "lineshaft/device/device.h"
#include "server/serve_process.h"
#include "server/transport_pair.h"

namespace lineshaft::tests {
namespace {

using Json = nlohmann::json;

Ended doctor(std::vector<std::string> variables) {
  return run_lineshaft({"doctor"}, variables);
}

bool contains(const Ended& ended, const std::string& text) {
  return ended.output.find(text) != std::string::npos;
}

// The number of things that it says are wrong, beside those that are so without the variables.
int wrong_things(const std::vector<std::string>& variables) {
  auto count = [](const Ended& ended) {
    size_t last_line = ended.output.rfind('\n', ended.output.size() - 2) + 1;
    return std::atoi(ended.output.c_str() + last_line);  // "2 things are wrong", "nothing is wrong"
  };
  return count(doctor(variables)) - count(doctor({"LINESHAFT_DEVICES=cpu"}));
}

struct Wrong {
  const char* variable;
  const char* says;
  const char* remedy;
};

TEST(Doctor, NamesAVariableByWhichProgramsFail) {
  for (const auto& [variable, says, remedy] : std::vector<Wrong>{
           {"LINESHAFT_FUSION=of", "LINESHAFT_FUSION=of is neither on nor off", "it takes on or off"},
           {"LINESHAFT_VALIDATE=maybe", "LINESHAFT_VALIDATE=maybe is neither on nor off", "it takes on or off"},
           {"LINESHAFT_MEMORY_LIMIT=4 GB", "LINESHAFT_MEMORY_LIMIT=4 GB is not a size", "correct it, or unset it"},
           {"LINESHAFT_TRACE=/nowhere/x", "the trace /nowhere/x cannot be written: No such file", "it takes a file"},
           {"LINESHAFT_TRACE=/", "the trace / cannot be written: Is a directory", "it takes a file"}}) {
    std::string name = std::string(variable).substr(0, std::string_view(variable).find('='));
    std::vector<std::string> variables = {variable, "LINESHAFT_DEVICES=cpu"};
    Ended ended = doctor(variables);
    EXPECT_EQ(ended.status, 1);
    EXPECT_TRUE(contains(ended, "[ !! ] " + name + ": " + says)) << ended.output;
    EXPECT_TRUE(contains(ended, std::string("-> ") + remedy)) << ended.output;
    EXPECT_EQ(wrong_things(variables), 1) << ended.output;

    Ended bench = run_lineshaft({"bench", "--rounds", "1"}, variables);
    EXPECT_EQ(bench.status, 1) << variable;
    EXPECT_TRUE(contains(bench, says)) << bench.output;
    Ended table = run_lineshaft({"devices"}, variables);
    EXPECT_EQ(table.status, 1) << variable;
    EXPECT_TRUE(contains(table, says)) << table.output;
    EXPECT_TRUE(contains(table, "error: programs here fail")) << table.output;
    Json json = Json::parse(run_lineshaft({"devices", "--json"}, variables).output);
    EXPECT_EQ(json["error"].get<std::string>().find(says), 0u) << json;
  }
}

TEST(Doctor, NamesAVariableThatProgramsTakeForSomethingElse) {
  std::vector<std::string> variables = {"LINESHAFT_FALLBACK=eror", "LINESHAFT_DEVICES=cpu"};
  Ended ended = doctor(variables);
  EXPECT_TRUE(contains(ended,
                       "LINESHAFT_FALLBACK=eror is neither warn nor error; programs take it for error\n"
                       "       -> it takes warn or error"))
      << ended.output;
  EXPECT_EQ(wrong_things(variables), 1) << ended.output;
  EXPECT_EQ(run_lineshaft({"devices"}, variables).status, 0);
  EXPECT_TRUE(contains(doctor({"LINESHAFT_TLS=/nowhere"}), "LINESHAFT_TLS=/nowhere: /nowhere/"));
  EXPECT_TRUE(contains(doctor({"LINESHAFT_DEVICE=cpu"}), "[note] LINESHAFT_DEVICE: Lineshaft reads no variable"));
}

TEST(Doctor, LeavesATraceThatIsThereAsItIs) {
  TemporaryFolder folder;
  std::string path = folder.path("step.trace"), fresh = "LINESHAFT_TRACE=" + folder.path("fresh.trace");
  write_file(path, "kept");
  for (const std::string& variable : {"LINESHAFT_TRACE=" + path, fresh})
    EXPECT_EQ(wrong_things({variable, "LINESHAFT_DEVICES=cpu"}), 0) << variable;
  EXPECT_EQ(read_file(path), "kept");
  EXPECT_FALSE(std::filesystem::exists(folder.path("fresh.trace")));
}

TEST(Doctor, CountsOneMistakeOnceAndSaysWhatMendsIt) {
  std::vector<Wrong> all = {{"LINESHAFT_THREADS=many", "LINESHAFT_THREADS=many is no number", "cpu"},
                            {"LINESHAFT_CPU_ISA=avx3", "LINESHAFT_CPU_ISA=avx3 is none of", "cpu"},
                            {"LINESHAFT_SERVER=unix:/nowhere", "the server's socket /nowhere cannot", "server"}};
  if (std::ranges::any_of(backends(), [](const auto& each) { return each->name() == "vulkan"; })) {
    all.push_back({"LINESHAFT_VULKAN_MASK=f46", "LINESHAFT_VULKAN_MASK hides \"f46\"", "vulkan"});
    all.push_back({"LINESHAFT_VULKAN_FAMILY=nvidai", "LINESHAFT_VULKAN_FAMILY is \"nvidai\"", "vulkan"});
    all.push_back({"LINESHAFT_VULKAN_RANGE=1", "LINESHAFT_VULKAN_RANGE is \"1\"", "vulkan"});
  }
  for (const auto& [variable, says, what] : all) {
    std::vector<std::string> variables = {variable, "LINESHAFT_DEVICES="};
    Ended ended = doctor(variables);
    EXPECT_EQ(ended.status, 1);
    EXPECT_TRUE(contains(ended, std::string("[ !! ] ") + what + ": " + says)) << ended.output;
    EXPECT_TRUE(contains(ended, std::string("devices in use: none, because of what \"") + what + "\" says above\n"))
        << ended.output;
    EXPECT_FALSE(contains(ended, "LINESHAFT_DEVICES, ")) << ended.output;
    EXPECT_EQ(wrong_things(variables), 1) << ended.output;
  }
  Ended named = doctor({"LINESHAFT_DEVICES=abacus"});
  EXPECT_TRUE(contains(named, "\"abacus\", which is not there")) << named.output;
  EXPECT_TRUE(contains(named, "-> correct LINESHAFT_DEVICES, or unset it")) << named.output;
  EXPECT_EQ(wrong_things({"LINESHAFT_DEVICES=abacus"}), 1) << named.output;
}

TEST(Doctor, AsksNoServerThatTheSelectionLeavesOut) {
  std::vector<std::string> variables = {"LINESHAFT_SERVER=unix:/nowhere", "LINESHAFT_DEVICES=cpu"};
  std::string says =
      "LINESHAFT_SERVER=unix:/nowhere is not asked: LINESHAFT_DEVICES=cpu names devices of this machine only";
  Ended ended = doctor(variables);
  EXPECT_TRUE(contains(ended, "[note] server: " + says)) << ended.output;
  EXPECT_EQ(wrong_things(variables), 0) << ended.output;
  Ended table = run_lineshaft({"devices"}, variables);
  EXPECT_EQ(table.status, 0);
  EXPECT_TRUE(contains(table, "server: " + says)) << table.output;
  EXPECT_FALSE(contains(table, "cannot be used")) << table.output;
}

}  // namespace
}  // namespace lineshaft::tests
