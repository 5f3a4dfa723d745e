// lineshaft trace: prints a trace file, runs it on a device, or looks for the first operations on which two devices
// differ.
#include "trace/trace.h"

#include <algorithm>
#include <cstdio>
#include <iostream>

#include "cli/command.h"
#include "cli/text.h"
#include "lineshaft/base/error.h"
#include "lineshaft/device/registry.h"
#include "trace/replay.h"

namespace lineshaft::cli {
namespace {

DeviceProperties device_named(const std::string& id) {
  return find_devices(id, "--run").devices.at(0);
}

std::unique_ptr<Device> open(const DeviceProperties& properties) {
  return backend_named(properties.backend).open(properties.index);
}

int print(const std::string& path) {
  TraceReader trace(path);
  std::cout << "recorded on " << trace.device() << "\n";
  CommandList list;
  for (int64_t number = 0; trace.next(list); ++number) {
    std::cout << "list " << number << ", " << list.commands.size() << " commands\n" << to_string(list) << "\n";
    list.clear();
  }
  return kDone;
}

void print_kinds(const ReplayResult& result) {
  std::vector<size_t> order;
  for (size_t kind = 0; kind < result.kinds.size(); ++kind)
    if (result.kinds[kind].operations) order.push_back(kind);
  std::ranges::sort(order, [&](size_t a, size_t b) { return result.kinds[a].seconds > result.kinds[b].seconds; });
  std::vector<std::vector<std::string>> rows = {{"operation", "count", "ms", "share"}};
  for (size_t kind : order) {
    char ms[32], share[32];
    std::snprintf(ms, sizeof ms, "%.3f", result.kinds[kind].seconds * 1e3);
    std::snprintf(share, sizeof share, "%.1f %%", 100 * result.kinds[kind].seconds / result.seconds);
    rows.push_back({name_of(static_cast<OpKind>(kind)), std::to_string(result.kinds[kind].operations), ms, share});
  }
  std::cout << table(rows);
}

int run_on(const std::string& path, const std::string& id, const Arguments& arguments) {
  DeviceProperties properties = device_named(id);
  auto device = open(properties);
  ReplayOptions options{
      .fusion = !arguments.has("--no-fusion"), .profile = arguments.has("--profile"), .limits = properties.fusion};
  TraceReader trace(path);
  ReplayResult result = replay(trace, *device, options);
  std::printf("%s: %lld operations in %lld lists, %lld after fusion, %s uploaded, %.1f ms\n", properties.id().c_str(),
              static_cast<long long>(result.recorded), static_cast<long long>(result.lists),
              static_cast<long long>(result.executed), bytes_text(result.uploaded).c_str(), result.seconds * 1e3);
  if (options.profile) print_kinds(result);
  return kDone;
}

int compare_on(const std::string& path, const std::string& ids) {
  auto chosen = find_devices(ids, "--compare").devices;
  LS_REQUIRE(chosen.size() == 2, "--compare takes two devices, as --compare cpu,vulkan:0, and \"", ids, "\" names ",
             chosen.size());
  auto a = open(chosen[0]), b = open(chosen[1]);
  TraceReader trace(path);
  auto differences = compare(trace, *a, *b, {});
  for (const Difference& found : differences)
    std::cout << found.command << "\n  " << found.output << ": " << found.elements
              << " elements differ, the first is number " << found.first << ": " << found.a << " on " << chosen[0].id()
              << ", " << found.b << " on " << chosen[1].id() << "; at worst by " << found.worst << "\n";
  if (differences.empty()) std::cout << chosen[0].id() << " and " << chosen[1].id() << " agree\n";
  return differences.empty() ? kDone : kProblem;
}

int run_trace(const Arguments& arguments) {
  const std::string& path = arguments.positional().front();
  if (auto id = arguments.value("--run")) return run_on(path, *id, arguments);
  if (auto ids = arguments.value("--compare")) return compare_on(path, *ids);
  return print(path);
}

}  // namespace

Command trace_command() {
  return {.name = "trace",
          .summary = "Print a trace of what a program recorded, run it again, or compare two devices on it",
          .positional = "FILE",
          .options = {{"--run", "DEVICE", "run it on a device and say how long it takes"},
                      {"--profile", nullptr, "with --run: the time of each kind of operation"},
                      {"--no-fusion", nullptr, "with --run: every operation by itself"},
                      {"--compare", "A,B", "run each operation on two devices and show where they differ"}},
          .examples =
              "  LINESHAFT_TRACE=step.trace python train.py    # writes the file\n"
              "  lineshaft trace step.trace                    # print it\n"
              "  lineshaft trace step.trace --run cpu --profile\n"
              "  lineshaft trace step.trace --compare cpu,vulkan:0\n",
          .run = run_trace};
}

}  // namespace lineshaft::cli
