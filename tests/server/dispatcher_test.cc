// Lists that are cut into turns, on real devices: the results and the events of whole lists.
#include "server/dispatcher.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "lineshaft/device/registry.h"

namespace lineshaft::tests {
namespace {

constexpr int64_t kSide = 128, kBytes = kSide * kSide * 4;
constexpr int kProducts = 160;

TensorView matrix(uint32_t slot) {
  return contiguous_view(BufferId::make(slot, 1), DType::kF32, {kSide, kSide});
}

struct Work {
  std::vector<float> first, factor;
  EventState middle, end;

  Work() : first(kSide * kSide), factor(kSide * kSide) {
    std::mt19937 random(5);
    std::normal_distribution<float> normal(0, 1 / std::sqrt(static_cast<float>(kSide)));
    for (float& value : first) value = normal(random);
    for (float& value : factor) value = normal(random);
  }

  // first, times factor again and again, each product from the one before.
  std::unique_ptr<CommandList> list() {
    auto list = std::make_unique<CommandList>();
    auto& commands = list->commands;
    for (uint32_t slot : {1, 2, 3})
      commands.push_back({.kind = CommandKind::kCreate, .buffer = BufferId::make(slot, 1), .size = kBytes});
    auto upload = [&](uint32_t slot, const std::vector<float>& values) {
      commands.push_back({.kind = CommandKind::kUpload,
                          .buffer = BufferId::make(slot, 1),
                          .size = kBytes,
                          .data = reinterpret_cast<const std::byte*>(values.data())});
    };
    upload(1, first);
    upload(3, factor);
    for (uint32_t i = 0; i < kProducts; ++i) {
      if (i == kProducts / 2) commands.push_back({.kind = CommandKind::kEvent, .event = &middle});
      list->add(Matmul{.a = matrix(1 + i % 2), .b = matrix(3), .output = matrix(2 - i % 2)}, nullptr, i);
    }
    commands.push_back({.kind = CommandKind::kEvent, .event = &end});
    return list;
  }

  std::vector<float> result(Device& device) const {
    std::vector<float> values(kSide * kSide);
    device.read(BufferId::make(1 + kProducts % 2, 1), 0, values.data(), kBytes);
    return values;
  }
};

// Others want the device all the time.
class BusyLease final : public Lease {
 public:
  void take() override { held = true; }
  void give_back() override { held = false; }
  void yield() override {
    held = false;
    ++yields;
  }
  bool contended() override { return held; }
  bool wanted() override { return held; }

  bool held = false;
  int yields = 0;
};

class DispatcherOn : public testing::TestWithParam<const char*> {
 protected:
  static std::unique_ptr<Device> open() {
    for (const DeviceProperties& device : enumerate_devices().devices)
      if (device.backend == GetParam()) return backend_named(device.backend).open(device.index);
    return nullptr;
  }
};

TEST_P(DispatcherOn, ListsThatAreCutGiveWhatWholeOnesGive) {
  auto whole = open(), cut = open();
  if (!whole) GTEST_SKIP() << "there is no such device";
  Work work;
  auto list = work.list();
  whole->submit(*list, 1);
  whole->wait(1);
  auto expected = work.result(*whole);
  EXPECT_NE(expected[0], 0);

  BusyLease lease;
  Dispatcher* running = nullptr;
  Dispatcher dispatcher(*cut, &lease, 4'000'000, [&] {
    EXPECT_TRUE(running->idle());
    EXPECT_LE(running->completed(), 1u);
  });
  running = &dispatcher;
  Work again;
  dispatcher.submit(again.list(), 1);
  auto last = dispatcher.spare();
  last->commands.push_back({.kind = CommandKind::kRelease, .buffer = BufferId::make(3, 1)});
  dispatcher.submit(std::move(last), 2);
  dispatcher.wait();
  EXPECT_EQ(dispatcher.completed(), 2u);
  EXPECT_GT(lease.yields, 3);
  ASSERT_EQ(dispatcher.events().size(), 2u);
  EXPECT_GT(dispatcher.events()[0], 0);
  EXPECT_LE(dispatcher.events()[0], dispatcher.events()[1]);
  EXPECT_EQ(again.result(*cut), expected);
  EXPECT_FALSE(cut->take_error());
  dispatcher.give_back();
  EXPECT_FALSE(lease.held);
}

TEST_P(DispatcherOn, AListThatFitsItsSliceIsNotCut) {
  auto device = open();
  if (!device) GTEST_SKIP() << "there is no such device";
  Work work;
  BusyLease lease;
  constexpr int64_t kLong = 1'000'000'000'000;
  Dispatcher dispatcher(*device, &lease, kLong, [] {});
  dispatcher.submit(work.list(), 1);
  dispatcher.wait();
  EXPECT_LE(lease.yields, 1);
  dispatcher.give_back();
}

INSTANTIATE_TEST_SUITE_P(Devices, DispatcherOn, testing::Values("cpu", "vulkan"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace lineshaft::tests
