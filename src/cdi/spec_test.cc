#include "cdi/spec.h"

#include <gtest/gtest.h>

#include "cdi/arguments.h"
#include "cdi/check.h"
#include "cdi/lent.h"
#include "cdi/names.h"
#include "lineshaft/base/error.h"
#include "support/expected_error.h"

namespace lineshaft::cdi {
namespace {

using Strings = std::vector<std::string>;

Spec sample() {
  Spec spec{.kind = "vendor.com/thing", .edits = {.env = {"A=1 \"quoted\" \\ and\ttab", "B=0"}}};
  add_device(spec, {"0", "GPU-1f"},
             {.device_nodes = {{.path = "/dev/a", .host_path = "/dev/b"}},
              .mounts = {{"/host/ä", "/container", {"ro", "bind"}}}});
  add_device(spec, {"x"}, {.env = {"YES=yes"}, .device_nodes = {{.path = "/dev/c"}}});
  add_all(spec);
  return spec;
}

Strings names_of(const Spec& spec) {
  Strings names;
  for (const Device& device : spec.devices) names.push_back(device.name);
  return names;
}

TEST(CdiSpec, WhatIsWrittenReadsBackTheSame) {
  for (Format format : {Format::kYaml, Format::kJson}) {
    std::string text = to_text(sample(), format);
    Reading reading = read_spec(text);
    for (const Problem& problem : reading.problems) ADD_FAILURE() << to_string(problem, "spec");
    EXPECT_EQ(reading.spec, sample()) << text;
    EXPECT_EQ(reading.version, "0.5.0");
  }
}

TEST(CdiSpec, JsonIsOneLineOfQuotedStrings) {
  Spec spec{.kind = "vendor.com/thing"};
  add_device(spec, {"0"}, {.env = {"A=\"\\\x01"}});
  EXPECT_EQ(to_text(spec, Format::kJson),
            "{\"cdiVersion\": \"0.5.0\", \"kind\": \"vendor.com/thing\", \"devices\": [{\"name\": \"0\", "
            "\"containerEdits\": {\"env\": [\"A=\\\"\\\\\\u0001\"]}}]}\n");
}

TEST(CdiSpec, TheVersionIsTheLowestThatSuffices) {
  Spec spec{.kind = "vendor.com/thing"};
  add_device(spec, {"all"}, {.env = {"A=1"}});
  EXPECT_EQ(required_version(spec), "0.3.0");
  Spec digit = spec;
  add_device(digit, {"0"}, {.env = {"A=1"}});
  EXPECT_EQ(required_version(digit), "0.5.0");
  Spec host_path = spec;
  host_path.edits.device_nodes.push_back({.path = "/dev/a", .host_path = "/dev/b"});
  EXPECT_EQ(required_version(host_path), "0.5.0");
  spec.kind = "vendor.com/thing.more";
  EXPECT_EQ(required_version(spec), "0.6.0");
}

TEST(CdiSpec, AllHasTheEditsOfEveryDeviceOnce) {
  const Spec spec = sample();
  EXPECT_EQ(names_of(spec), (Strings{"0", "GPU-1f", "x", "all"}));
  EXPECT_EQ(spec.devices.back().edits.device_nodes.size(), 2u);
  EXPECT_EQ(spec.devices.back().edits.mounts.size(), 1u);
  Spec again = spec;
  EXPECT_THROW(add_device(again, {"x"}, {}), Error);
  EXPECT_THROW(add_device(again, {"a b"}, {}), Error);
  EXPECT_EQ(file_name("lineshaft.dev/gpu", Format::kYaml), "lineshaft.dev-gpu.yaml");
}

TEST(CdiNames, WhatIsWrongIsSaid) {
  for (const char* good : {"0", "a", "GPU-1f", "0000:03:00.0", "a_b.c"}) EXPECT_EQ(wrong_device_name(good), "") << good;
  for (const char* bad : {"", "-a", "a-", "a/b", "a b", "ä"}) EXPECT_NE(wrong_device_name(bad), "") << bad;
  for (const char* good : {"vendor.com/gpu", "a/b_c"}) EXPECT_EQ(wrong_kind(good), "") << good;
  for (const char* bad : {"vendor.com", "/gpu", "vendor.com/", "1.com/gpu", "a/b/c"})
    EXPECT_NE(wrong_kind(bad), "") << bad;
  QualifiedName name = parse_qualified_name("vendor.com/gpu=0");
  EXPECT_EQ(name.kind, "vendor.com/gpu");
  EXPECT_EQ(name.name, "0");
  for (const char* bad : {"vendor.com/gpu", "gpu=0", "vendor.com/gpu="})
    EXPECT_THROW(parse_qualified_name(bad), Error) << bad;
}

TEST(CdiLent, AContainerGetsTheSocketAndVariablesAlone) {
  Spec spec = lent_spec({{"aa"}, {"bb"}, {"bb"}, {""}}, {.socket = "/run/user/1000/l.sock"});
  EXPECT_EQ(names_of(spec), (Strings{"0", "aa", "1", "2", "3", "all"}));
  for (const Device& device : spec.devices) {
    EXPECT_TRUE(device.edits.device_nodes.empty());
    ASSERT_EQ(device.edits.mounts.size(), 1u);
    EXPECT_EQ(device.edits.mounts[0].host_path, "/run/user/1000/l.sock");
    EXPECT_EQ(device.edits.mounts[0].container_path, "/run/lineshaft/lineshaft.sock");
    EXPECT_EQ(device.edits.env[0], "LINESHAFT_SERVER=unix:/run/lineshaft/lineshaft.sock");
  }
  EXPECT_EQ(spec.devices[1].edits.env, (Strings{spec.devices[0].edits.env[0], "LINESHAFT_DEVICES=remote:0"}));
  EXPECT_EQ(spec.devices[4].edits.env[1], "LINESHAFT_DEVICES=remote:3");
  EXPECT_EQ(spec.devices[5].edits.env.size(), 1u);
  Spec folder = lent_spec({{""}}, {.socket = "/run/lineshaft", .folder = true});
  EXPECT_EQ(folder.devices[0].edits.mounts[0].container_path, "/run/lineshaft");
  EXPECT_THROW(lent_spec({}), Error);
  EXPECT_THROW(lent_spec({{""}}, {.socket = "lineshaft.sock"}), Error);
}

TEST(CdiArguments, SayWhatTheSpecSays) {
  EXPECT_EQ(engine_arguments(sample(), "0"), (Strings{"--device", "/dev/b:/dev/a:rw", "-v", "/host/ä:/container:ro",
                                                      "-e", "A=1 \"quoted\" \\ and\ttab", "-e", "B=0"}));
  expect_error("it has 0, GPU-1f, x, all", [] { engine_arguments(sample(), "2"); });
  Spec colon{.kind = "vendor.com/thing"};
  add_device(colon, {"0"}, {.mounts = {{"/a:b", "/c", {}}}});
  EXPECT_THROW(engine_arguments(colon, "0"), Error);
  EXPECT_EQ(shell_text({"-v", "/a:/b:ro", "-e", "A=it's b", ""}), "-v /a:/b:ro -e 'A=it'\\''s b' ''");
}

}  // namespace
}  // namespace lineshaft::cdi
