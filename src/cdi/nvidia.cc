#include <algorithm>
#include <map>
#include <sstream>

#include "cdi/libraries.h"
#include "cdi/names.h"
#include "cdi/physical.h"
#include "lineshaft/base/error.h"

namespace lineshaft::cdi {
namespace {

// A folder of its own in the container, which the loader is told of: that works in images of every distribution and
// without a hook that runs ldconfig. NVIDIA's images search it already.
constexpr const char* kLibraryFolder = "/usr/local/nvidia/lib64";

struct NvidiaGpu {
  std::string node;         // "/dev/nvidia0"
  std::string uuid;         // "" if not known
  std::string pci_address;  // likewise
};

// "GPU UUID: \t GPU-1f2e..." and the like, a line each.
std::map<std::string, std::string> information(const std::string& text) {
  std::map<std::string, std::string> values;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    size_t colon = line.find(':');
    if (colon == std::string::npos) continue;
    size_t value = line.find_first_not_of(" \t", colon + 1);
    if (value != std::string::npos) values[line.substr(0, colon)] = line.substr(value);
  }
  return values;
}

// By PCI address, as NVIDIA's tools number them; else, where the driver tells nothing, by node.
std::vector<NvidiaGpu> find_gpus(const Root& root) {
  std::vector<NvidiaGpu> gpus;
  std::vector<std::string> addresses = root.names("/proc/driver/nvidia/gpus");
  std::ranges::sort(addresses);  // hexadecimal, of one width
  for (const std::string& address : addresses) {
    auto values = information(root.read("/proc/driver/nvidia/gpus/" + address + "/information"));
    std::string node = "/dev/nvidia" + values["Device Minor"];
    if (values["Device Minor"].empty() || !root.exists(node)) continue;
    std::string uuid = wrong_device_name(values["GPU UUID"]).empty() ? values["GPU UUID"] : "";
    gpus.push_back({node, uuid, address});
  }
  if (!gpus.empty()) return gpus;
  for (const std::string& name : root.names("/dev", "nvidia"))
    if (name.size() > 6 && name.find_first_not_of("0123456789", 6) == std::string::npos)
      gpus.push_back({"/dev/" + name, "", ""});
  return gpus;
}

// "535.183.01"
std::string driver_version(const Root& root) {
  std::string version = root.read("/sys/module/nvidia/version");
  if (!version.empty()) return version;
  // "NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.183.01  Sun May 12 ..."
  std::istringstream words(root.read("/proc/driver/nvidia/version"));
  for (std::string word; words >> word;)
    if (word.find('.') != std::string::npos && word.find_first_not_of("0123456789.") == std::string::npos) return word;
  return "";
}

void add_libraries(const Root& root, Physical& found) {
  std::string version = driver_version(root);
  if (version.empty())
    fail(ErrorCode::kUnsupported,
         "/dev/nvidiactl is there, but neither /sys/module/nvidia/version nor /proc/driver/nvidia/version tells the "
         "driver's version; load the driver: modprobe nvidia");
  const auto folders = library_folders(root);
  const auto libraries = find_libraries(root, folders, ".so." + version);
  if (std::ranges::none_of(libraries,
                           [](const Library& library) { return library.names[0].starts_with("libcuda."); })) {
    std::string searched;
    for (const std::string& folder : folders) searched += (searched.empty() ? "" : ", ") + folder;
    fail(ErrorCode::kUnsupported, "NVIDIA's driver ", version, " is loaded, but there is no libcuda.so.", version,
         " in ", searched, "; install the driver's libraries in that version, or name their folder in /etc/ld.so.conf");
  }
  Edits& edits = found.spec.edits;
  for (const Library& library : libraries)
    for (const std::string& name : library.names)
      edits.mounts.push_back({library.path, concat(kLibraryFolder, "/", name), read_only_mount()});
  edits.env.push_back(concat("LD_LIBRARY_PATH=", kLibraryFolder));
}

// The first of `places` that is there, mounted at `target`.
void add_file(const Root& root, const std::vector<std::string>& places, const std::string& target, Edits& edits) {
  for (const std::string& place : places) {
    auto real = root.resolve(place);
    if (!real) continue;
    edits.mounts.push_back({*real, target, read_only_mount()});
    return;
  }
}

void add_common(const Root& root, Physical& found) {
  Edits& edits = found.spec.edits;
  for (const char* node : {"/dev/nvidiactl", "/dev/nvidia-uvm", "/dev/nvidia-uvm-tools", "/dev/nvidia-modeset"})
    if (root.exists(node)) edits.device_nodes.push_back({.path = node});
  if (!root.exists("/dev/nvidia-uvm"))
    found.notes.emplace_back(
        "/dev/nvidia-uvm is not there, and CUDA needs it: sudo nvidia-modprobe -u -c=0, then again");
  add_libraries(root, found);
  std::vector<std::string> manifests;
  for (const char* folder : {"/etc/vulkan/icd.d", "/usr/share/vulkan/icd.d"})
    for (const char* name : {"nvidia_icd.json", "nvidia_icd.x86_64.json", "nvidia_icd.aarch64.json"})
      manifests.push_back(concat(folder, "/", name));
  add_file(root, manifests, "/etc/vulkan/icd.d/nvidia_icd.json", edits);
  add_file(root, {"/etc/OpenCL/vendors/nvidia.icd"}, "/etc/OpenCL/vendors/nvidia.icd", edits);
  add_file(root, {"/usr/bin/nvidia-smi"}, "/usr/bin/nvidia-smi", edits);
  add_file(root, {"/run/nvidia-persistenced/socket"}, "/run/nvidia-persistenced/socket", edits);
}

Edits edits_of(const Root& root, const NvidiaGpu& gpu) {
  Edits edits{.device_nodes = {{.path = gpu.node}}};
  if (gpu.pci_address.empty()) return edits;
  for (const std::string& name : root.names("/sys/bus/pci/devices/" + gpu.pci_address + "/drm"))
    if (root.exists("/dev/dri/" + name)) edits.device_nodes.push_back({.path = "/dev/dri/" + name});
  return edits;
}

}  // namespace

std::optional<Physical> nvidia_spec(const Root& root) {
  if (!root.exists("/dev/nvidiactl")) return std::nullopt;
  Physical found{.spec = {.kind = "lineshaft.dev/nvidia"}};
  const std::vector<NvidiaGpu> gpus = find_gpus(root);
  if (gpus.empty())
    fail(ErrorCode::kUnsupported,
         "/dev/nvidiactl is there, but no /dev/nvidia0; make the nodes: sudo nvidia-modprobe -c=0");
  add_common(root, found);
  for (size_t i = 0; i < gpus.size(); ++i) {
    std::vector<std::string> names = {std::to_string(i)};
    if (!gpus[i].uuid.empty()) names.push_back(gpus[i].uuid);
    add_device(found.spec, names, edits_of(root, gpus[i]));
  }
  add_all(found.spec);
  return found;
}

}  // namespace lineshaft::cdi
