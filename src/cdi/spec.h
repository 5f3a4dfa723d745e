// A specification of the Container Device Interface (CDI): what a container engine adds to a container that is started
// with --device KIND=NAME. These are the parts that Lineshaft writes, and counts of what else other vendors' specs
// hold.
#pragma once

#include <string>
#include <vector>

namespace lineshaft::cdi {

struct DeviceNode {
  std::string path;       // in the container
  std::string host_path;  // empty: the same
  std::string permissions = "rw";
  friend bool operator==(const DeviceNode&, const DeviceNode&) = default;
};

struct Mount {
  std::string host_path;
  std::string container_path;
  std::vector<std::string> options;
  friend bool operator==(const Mount&, const Mount&) = default;
};

// What is added to a container.
struct Edits {
  std::vector<std::string> env;  // "NAME=VALUE"
  std::vector<DeviceNode> device_nodes;
  std::vector<Mount> mounts;
  int others = 0;  // hooks, network devices, groups, cache classes: read and counted, never written
  friend bool operator==(const Edits&, const Edits&) = default;
};

struct Device {
  std::string name;
  Edits edits;
  friend bool operator==(const Device&, const Device&) = default;
};

struct Spec {
  std::string kind;             // "lineshaft.dev/gpu"
  Edits edits;                  // for a container with any of the devices
  std::vector<Device> devices;  // at least one
  friend bool operator==(const Spec&, const Spec&) = default;
};

enum class Format { kYaml, kJson };

const char* extension(Format format);  // ".yaml"

// The lowest cdiVersion that has everything in the spec: engines refuse a spec of a version that they do not know.
std::string required_version(const Spec& spec);

// The spec's file. JSON is one line.
std::string to_text(const Spec& spec, Format format);

// "lineshaft.dev-gpu.yaml": where the kind's spec lies in its folder, as CDI's own library names it.
std::string file_name(const std::string& kind, Format format);

// A device of one GPU may be asked for by several names: one entry each, with the same edits.
void add_device(Spec& spec, const std::vector<std::string>& names, const Edits& edits);
// Adds the device `all`, which has the edits of all the others.
void add_all(Spec& spec);
// Appends what `edits` lacks of `more`.
void merge(Edits& edits, const Edits& more);

}  // namespace lineshaft::cdi
