#include "cdi/check.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "cdi/installed.h"
#include "cdi/test_machine.h"

namespace lineshaft::cdi {
namespace {

// A spec with everything in it that CDI 1.1.0 has.
const char* const kFull = R"(---
cdiVersion: "1.1.0"
kind: "vendor.com/gpu.big"
annotations:
  a.b/c: "d"
containerEdits:
  hooks:
    - hookName: createContainer
      path: /usr/bin/hook
      args: [hook, run]
      env: ["A=1"]
      timeout: 5
devices:
  - name: 0
    annotations: {x: "y"}
    containerEdits:
      env: ["A=1", "B="]
      deviceNodes:
        - {path: /dev/a, hostPath: /dev/b, type: c, major: 1, minor: 2, fileMode: 0660, permissions: rwm, uid: 0, gid: 4}
        - {path: /dev/c, permissions: none}
      mounts:
        - {hostPath: /a, containerPath: /b, options: [ro, bind], type: none}
      netDevices: [{hostInterfaceName: eth0, name: net0}]
      intelRdt: {closID: one, schemata: ["a"], enableMonitoring: true}
      additionalGids: [44]
)";

Reading read(const std::string& text) {
  return read_spec(text);
}

std::string problems_of(const std::string& text) {
  std::string lines;
  for (const Problem& problem : read(text).problems) lines += to_string(problem, "f") + "\n";
  return lines;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(CdiCheck, AFullSpecHasNoProblem) {
  EXPECT_EQ(problems_of(kFull), "");
  Reading reading = read(kFull);
  ASSERT_EQ(reading.spec.devices.size(), 1u);
  EXPECT_EQ(reading.spec.devices[0].name, "0");
  EXPECT_EQ(reading.spec.edits.others, 1);
  EXPECT_EQ(reading.spec.devices[0].edits.others, 3);
  EXPECT_EQ(reading.spec.devices[0].edits.device_nodes[0].host_path, "/dev/b");
}

TEST(CdiCheck, EachFaultIsNamedByLineAndField) {
  struct Case {
    const char* from;
    const char* to;
    const char* problem;
  };
  const Case cases[] = {
      {"cdiVersion: \"1.1.0\"\n", "", "f:2: cdiVersion: is missing"},
      {"\"1.1.0\"", "\"1.2.3\"",
       "f:2: cdiVersion: is \"1.2.3\", and the versions that there are go from 0.1.0 to 1.1.0"},
      {"\"1.1.0\"", "\"0.7.0\"",
       "f:2: cdiVersion: is 0.7.0, but devices[0].containerEdits.netDevices takes 1.1.0 or newer"},
      {"vendor.com/gpu.big", "vendor.com", "f:3: kind: is \"vendor.com\", which has no '/'"},
      {"vendor.com/gpu.big", "1vendor.com/gpu",
       "f:3: kind: is \"1vendor.com/gpu\", which has a vendor that begins with '1'"},
      {"a.b/c: \"d\"", "a.b/c: [d]", "f:5: annotations: has a name or value that is no text"},
      {"name: 0", "name: \"\"", "f:14: devices[0].name: is empty"},
      {"name: 0", "nam: 0", "f:14: devices[0].nam: is no field that CDI knows here; it knows name, annotations"},
      {"name: 0", "nam: 0", "f:14: devices[0].name: is missing"},
      {"name: 0", "name: a b", "f:14: devices[0].name: is \"a b\", which holds ' '"},
      {"createContainer", "creatContainer",
       "f:8: containerEdits.hooks[0].hookName: is \"creatContainer\", and one of these"},
      {"/usr/bin/hook", "hook", "f:9: containerEdits.hooks[0].path: is \"hook\", and an absolute path belongs here"},
      {"timeout: 5", "timeout: 0",
       "f:12: containerEdits.hooks[0].timeout: is \"0\", and a whole number from 1 to 2147483647"},
      {"timeout: 5", "timeout: \"5\"", "f:12: containerEdits.hooks[0].timeout: is \"5\", and a whole number"},
      {"\"B=\"", "B", "f:17: devices[0].containerEdits.env[1]: is \"B\", which has no '='"},
      {"\"B=\"", "=B", "f:17: devices[0].containerEdits.env[1]: is \"=B\", which has no name before '='"},
      {"\"B=\"", "[B]", "f:17: devices[0].containerEdits.env[1]: is a list, and text belongs here"},
      {"path: /dev/a, ", "", "f:19: devices[0].containerEdits.deviceNodes[0].path: is missing"},
      {"type: c", "type: d", "f:19: devices[0].containerEdits.deviceNodes[0].type: is \"d\""},
      {"permissions: rwm", "permissions: rx", "deviceNodes[0].permissions: is \"rx\", and it is made of r, w and m"},
      {"major: 1", "major: one", "deviceNodes[0].major: is \"one\", and a whole number from 0 to"},
      {"containerPath: /b", "containerPath: b", "f:22: devices[0].containerEdits.mounts[0].containerPath: is \"b\""},
      {"hostPath: /a, ", "", "f:22: devices[0].containerEdits.mounts[0].hostPath: is missing"},
      {"options: [ro, bind]", "options: ro", "mounts[0].options: is a single value, and a list belongs here"},
      {"hostInterfaceName: eth0, ", "", "netDevices[0].hostInterfaceName: is missing"},
      {"closID", "closId", "intelRdt.closId: is no field that CDI knows here"},
      {"[44]", "[-1]", "additionalGids[0]: is no number of a group"},
      {"kind:", "kind: \"a/b\"\nkind:", "f:4: kind: comes twice"},
  };
  for (const Case& wrong : cases) {
    std::string problems = problems_of(replaced(kFull, wrong.from, wrong.to));
    EXPECT_NE(problems.find(wrong.problem), std::string::npos) << wrong.to << "\n" << problems;
  }
}

TEST(CdiCheck, ADeviceThatAddsNothingAndNoDeviceAreRefused) {
  const std::string head = "{\"cdiVersion\": \"0.3.0\", \"kind\": \"a/b\", \"devices\": ";
  EXPECT_NE(problems_of(head + "[]}").find("f:1: devices: is missing or empty"), std::string::npos);
  EXPECT_NE(problems_of("{\"cdiVersion\": \"0.3.0\", \"kind\": \"a/b\"}").find("devices: is missing"),
            std::string::npos);
  EXPECT_NE(problems_of(head + "[{\"name\": \"x\"}]}").find("devices[0].containerEdits: is missing"),
            std::string::npos);
  EXPECT_NE(problems_of(head + "[{\"name\": \"x\", \"containerEdits\": {}}]}").find("containerEdits: is empty"),
            std::string::npos);
  const std::string device = "{\"name\": \"x\", \"containerEdits\": {\"env\": [\"A=1\"]}}";
  EXPECT_EQ(problems_of(head + "[" + device + "]}"), "");
  EXPECT_NE(
      problems_of(head + "[" + device + "," + device + "]}").find("devices[1].name: is \"x\", as that of a device"),
      std::string::npos);
}

TEST(CdiCheck, WhatIsNoDocumentIsRefused) {
  EXPECT_NE(problems_of("{\"a\": [1,\n2}").find("f:2: is neither JSON nor YAML"), std::string::npos);
  EXPECT_NE(problems_of("").find("f: is empty"), std::string::npos);
  EXPECT_NE(problems_of("a: 1\n---\nb: 2\n").find("f: holds 2 documents"), std::string::npos);
  EXPECT_NE(problems_of("[1]").find("is a list, and a mapping belongs here"), std::string::npos);
  EXPECT_NE(problems_of("text").find("is a single value"), std::string::npos);
  EXPECT_FALSE(problems_of(std::string(100000, '[')).empty());
  TestMachine machine;
  EXPECT_FALSE(read_spec_file(machine.folder() + "/none").problems.empty());
  EXPECT_FALSE(read_spec_file(machine.folder()).problems.empty());
}

// Not one of these may crash, whatever it says of them.
TEST(CdiCheck, TornSpecsAreRead) {
  const std::string text = kFull;
  for (size_t i = 0; i < text.size(); ++i) {
    (void)read(text.substr(0, i));
    for (char c : {'[', '{', ':', '\n', '\0', '&', '*', '!'}) {
      std::string torn = text;
      torn[i] = c;
      (void)read(torn);
    }
  }
}

std::string spec_of(const std::string& kind, const std::string& name) {
  return "cdiVersion: 0.5.0\nkind: " + kind + "\ndevices: [{name: \"" + name + "\", containerEdits: {env: [A=1]}}]\n";
}

TEST(CdiInstalled, DevicesOfBothFoldersAndWhatHidesThem) {
  TestMachine machine;
  machine.file("/etc/cdi/a.yaml", spec_of("vendor.com/gpu", "0"));
  machine.file("/etc/cdi/b.json", spec_of("vendor.com/gpu", "1"));
  machine.file("/etc/cdi/c.txt", "no spec");
  machine.file("/run/cdi/a.yaml", spec_of("vendor.com/gpu", "1"));
  machine.link("/var/run", "../run");
  Installed found = find_installed(machine.root());
  ASSERT_EQ(found.devices.size(), 2u);
  EXPECT_EQ(found.devices[0].name, "vendor.com/gpu=0");
  EXPECT_EQ(found.devices[1].path, "/var/run/cdi/a.yaml");
  EXPECT_TRUE(found.problems.empty());

  machine.file("/etc/cdi/again.yaml", spec_of("vendor.com/gpu", "0"));
  machine.file("/etc/cdi/broken.yaml", spec_of("vendor.com/gpu", "a b"));
  found = find_installed(machine.root());
  ASSERT_EQ(found.devices.size(), 1u);
  EXPECT_EQ(found.devices[0].name, "vendor.com/gpu=1");
  ASSERT_EQ(found.problems.size(), 2u);
  EXPECT_EQ(
      found.problems[0],
      "/etc/cdi/again.yaml: vendor.com/gpu=0 is also defined in /etc/cdi/a.yaml: engines give neither to a container");
  EXPECT_TRUE(found.problems[1].starts_with("/etc/cdi/broken.yaml:3: devices[0].name: ")) << found.problems[1];
}

}  // namespace
}  // namespace lineshaft::cdi
