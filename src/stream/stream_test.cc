#include "lineshaft/stream/stream.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <set>
#include <thread>

#include "lineshaft/device/registry.h"
#include "lineshaft/program/expression.h"
#include "support/expected_error.h"

namespace lineshaft {
namespace {

std::unique_ptr<OpenDevice> cpu(StreamOptions options = {}) {
  return open_device("cpu:0", std::move(options));
}

ProgramRef plus_one() {
  ProgramBuilder p;
  p.output(p.input(DType::kF32) + 1.0, DType::kF32);
  return p.finish();
}

TEST(Stream, RunsInTheOrderOfRecording) {
  for (bool fusion : {false, true}) {
    auto device = cpu({.fusion = fusion, .window = 7});
    Stream& stream = device->stream();
    BufferId buffer = stream.create(400);
    std::vector<float> values(100, 0.0f);
    stream.write(buffer, 0, values.data(), 400);
    TensorView views[] = {contiguous_view(buffer, DType::kF32, {100})};
    for (int i = 0; i < 1000; ++i) stream.record(Map{plus_one(), views, views, {}});
    stream.read(buffer, 0, values.data(), 400);
    EXPECT_EQ(values, std::vector<float>(100, 1000.0f));
    stream.release(buffer);
  }
}

TEST(Stream, ValidatingItRefusesABufferThatIsReleased) {
  auto device = cpu({.validate = true});
  Stream& stream = device->stream();
  BufferId held = stream.create(4), released = stream.create(4);
  stream.release(released);
  for (BufferId buffer : {released, BufferId::make(99, 1)}) {
    TensorView views[] = {contiguous_view(held, DType::kF32, {1}), contiguous_view(buffer, DType::kF32, {1})};
    EXPECT_THROW(stream.record(Map{plus_one(), {views, 1}, {views + 1, 1}, {}}), Error);
    EXPECT_THROW(stream.record(Map{plus_one(), {views + 1, 1}, {views, 1}, {}}), Error);
  }
  stream.release(held);
  stream.wait();
}

TEST(Stream, ThreadsRecordTogether) {
  auto device = cpu();
  Stream& stream = device->stream();
  std::vector<std::thread> threads;
  std::vector<float> results(4);
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      BufferId buffer = stream.create(4);
      float zero = 0;
      stream.write(buffer, 0, &zero, 4);
      TensorView views[] = {contiguous_view(buffer, DType::kF32, {1})};
      for (int i = 0; i < 500; ++i) stream.record(Map{plus_one(), views, views, {}});
      stream.read(buffer, 0, &results[t], 4);
      stream.release(buffer);
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(results, std::vector<float>(4, 500.0f));
}

// Says whether two threads are ever inside together, and in which order tickets come.
class OneAtATime : public Executor {
 public:
  Threads threads() const override { return Threads::kAny; }
  void submit(const CommandList&, uint64_t ticket) override {
    Inside inside(*this);
    if (ticket != ++submitted_) in_order_ = false;
  }
  uint64_t completed() const override { return submitted_; }
  void wait(uint64_t ticket) override {
    if (ticket > submitted_) in_order_ = false;
  }
  void read(BufferId, int64_t, void*, int64_t) override {
    Inside inside(*this);
    std::this_thread::yield();
  }
  std::optional<Error> take_error() override { return std::nullopt; }
  void trim() override { Inside inside(*this); }
  ExecutorMemory memory() const override { return {}; }
  bool kept_to_it() const { return alone_ && in_order_; }

 private:
  struct Inside {
    explicit Inside(OneAtATime& executor) : executor(executor) {
      if (executor.inside_++ != 0) executor.alone_ = false;
    }
    ~Inside() { --executor.inside_; }
    OneAtATime& executor;
  };
  std::atomic<int> inside_{0};
  std::atomic<bool> alone_{true}, in_order_{true};
  std::atomic<uint64_t> submitted_{0};
};

TEST(Stream, WhoWaitsWorksWhereAnyThreadMay) {
  OneAtATime executor;
  {
    Stream stream(executor, {});
    auto record = [&](BufferId buffer) {
      TensorView views[] = {contiguous_view(buffer, DType::kF32, {1})};
      stream.record(Map{plus_one(), views, views, {}});
    };
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&, t] {
        BufferId buffer = stream.create(4);
        float value = 0;
        for (int i = 0; i < 300; ++i) {
          record(buffer);
          if (t == 0) stream.wait();
          if (t == 1) stream.read(buffer, 0, &value, 4);
          if (t == 2) stream.wait(stream.record_event());
          if (t == 3 && i % 50 == 0) stream.trim();
        }
        stream.release(buffer);
      });
    for (auto& thread : threads) thread.join();
    BufferId buffer = stream.create(4);  // nobody waits for this: its window ages
    record(buffer);
    Event event = stream.record_event();
    while (!stream.idle()) std::this_thread::sleep_for(std::chrono::microseconds(200));
    EXPECT_TRUE(stream.query(event));
    stream.release(buffer);
  }
  EXPECT_TRUE(executor.kept_to_it());
}

// Notes which threads submit.
class Noting final : public OneAtATime {
 public:
  explicit Noting(Threads threads) : allowed_(threads) {}
  Threads threads() const override { return allowed_; }
  void submit(const CommandList& list, uint64_t ticket) override {
    OneAtATime::submit(list, ticket);
    std::lock_guard lock(mutex_);
    seen_.insert(std::this_thread::get_id());
  }
  bool this_thread_did() {
    std::lock_guard lock(mutex_);
    return seen_.contains(std::this_thread::get_id());
  }

 private:
  const Threads allowed_;
  std::mutex mutex_;
  std::set<std::thread::id> seen_;
};

void add_one(Stream& stream, BufferId buffer) {
  TensorView views[] = {contiguous_view(buffer, DType::kF32, {1})};
  stream.record(Map{plus_one(), views, views, {}});
}

void await_idle(Stream& stream) {
  while (!stream.idle()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

TEST(Stream, WhoRecordsWorksOnOneCore) {
  Noting executor(Executor::Threads::kRecording);
  Stream stream(executor, {.window = 8});
  BufferId buffer = stream.create(4);
  // Nobody waits; what closes by its size has run when recording goes on.
  for (int i = 0; i < 1000 && stream.counters().windows < 3; ++i) add_one(stream, buffer);
  EXPECT_TRUE(executor.this_thread_did());
  add_one(stream, buffer);
  await_idle(stream);  // the stream's thread has it run
  stream.release(buffer);
  stream.wait();
  EXPECT_TRUE(executor.kept_to_it());
}

TEST(Stream, WhoWaitsForAShortListWorks) {
  Noting executor(Executor::Threads::kOwnUnlessShort);
  Stream stream(executor, {});
  BufferId buffer = stream.create(4);
  for (int i = 0; i < 200 && !executor.this_thread_did(); ++i) {  // a window that ages on a busy machine is not here
    add_one(stream, buffer);
    stream.wait();
  }
  EXPECT_TRUE(executor.this_thread_did());
  add_one(stream, buffer);
  await_idle(stream);  // nobody waits for it, and it runs
  stream.release(buffer);
  stream.wait();
  EXPECT_TRUE(executor.kept_to_it());
}

TEST(Stream, WhatTakesLongIsLeftToTheStreamsThread) {
  Noting executor(Executor::Threads::kOwnUnlessShort);
  Stream stream(executor, {});
  for (int i = 0; i < 20; ++i) {
    BufferId buffer = stream.create(8 << 20);
    add_one(stream, buffer);
    stream.wait();
    stream.release(buffer);
  }
  EXPECT_FALSE(executor.this_thread_did());
  EXPECT_TRUE(executor.kept_to_it());
}

class Slow : public OneAtATime {
 public:
  Threads threads() const override { return Threads::kOwn; }
  void submit(const CommandList& list, uint64_t ticket) override {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    OneAtATime::submit(list, ticket);
  }
};

TEST(Stream, RecordingDoesNotRunFarAheadOfTheDevice) {
  Slow executor;
  Stream stream(executor, {});
  BufferId buffer = stream.create(1 << 10);
  TensorView views[] = {contiguous_view(buffer, DType::kF32, {1 << 8})};
  constexpr uint64_t kWindows = 150;
  for (uint64_t i = 0; i < kWindows; ++i) {
    stream.record(Map{plus_one(), views, views, {}});
    stream.flush();
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  EXPECT_GE(executor.completed(), kWindows / 2);  // a second is fifty of them at most
  stream.release(buffer);
  stream.wait();
}

// Runs nothing until it is told to.
class Blocked : public OneAtATime {
 public:
  Threads threads() const override { return Threads::kOwn; }
  void submit(const CommandList& list, uint64_t ticket) override {
    began = true;
    began.notify_all();
    go.wait(false);
    OneAtATime::submit(list, ticket);
  }
  std::atomic<bool> began{false}, go{false};
};

TEST(Stream, ReleasingWaitsForNothing) {
  Blocked executor;
  Stream stream(executor, {.fusion = false, .window = 1});
  BufferId buffer = stream.create(1 << 10), other = stream.create(16);
  TensorView views[] = {contiguous_view(buffer, DType::kF32, {1 << 8})};
  auto record = [&] { stream.record(Map{plus_one(), views, views, {}}); };
  record();
  executor.began.wait(false);
  for (int i = 0; i < 255; ++i) record();  // one more window, and recording pauses
  stream.release(other);                   // closes it; hangs here where it pauses
  executor.go = true;
  executor.go.notify_all();
  stream.release(buffer);
  stream.wait();
}

// Before one window like them has run nobody knows how long they take.
TEST(Stream, FewWindowsThatDoMuchAreRecordedAhead) {
  Slow executor;
  Stream stream(executor, {});
  BufferId buffer = stream.create(1 << 10);
  TensorView input = contiguous_view(buffer, DType::kF32, {1, 1});
  input.sizes[0] = input.sizes[1] = int64_t{1} << 15;
  input.strides[0] = input.strides[1] = 0;
  Reduce sum;
  sum.axes = 0b11;
  sum.inputs = List<TensorView>(&input, 1);
  sum.output = contiguous_view(buffer, DType::kF32, {1, 1}, 4);
  for (int i = 0; i < 640; ++i) stream.record(sum);
  uint64_t windows = stream.counters().windows;
  EXPECT_GE(windows, 640u / 32);
  EXPECT_GE(executor.completed() + 4, windows);
  stream.release(buffer);
  stream.wait();
}

TEST(Stream, AThreadThatNeverStopsRecordingStarvesNobody) {
  auto device = cpu();
  Stream& stream = device->stream();
  std::atomic<bool> stop{false};
  std::thread recorder([&] {
    BufferId buffer = stream.create(1 << 10);
    TensorView views[] = {contiguous_view(buffer, DType::kF32, {1 << 8})};
    while (!stop) stream.record(Map{plus_one(), views, views, {}});
    stream.release(buffer);
  });
  for (int i = 0; i < 10; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    stream.wait();
  }
  stop = true;
  recorder.join();
}

TEST(Stream, ASlotThatHasHadAllItsNamesIsNotUsedAgain) {
  auto device = cpu({.first_generation = 0xfffffffe});
  Stream& stream = device->stream();
  for (uint32_t slot : {1, 2, 3}) {
    BufferId buffer = stream.create(4);
    EXPECT_EQ(buffer, BufferId::make(slot, 0xfffffffe));
    stream.write(buffer, 0, "abc", 4);
    stream.release(buffer);
    stream.wait();
  }
  EXPECT_EQ(stream.statistics().allocations, 0);
}

TEST(Stream, OutOfMemoryIsRaisedWhereItHappensAndLosesNothing) {
  auto device = cpu({.budget = 1000});
  Stream& stream = device->stream();
  BufferId kept = stream.create(600);
  expect_error(ErrorCode::kOutOfMemory, "600 of 1000 bytes", [&] { stream.create(600); });
  EXPECT_EQ(stream.statistics().allocated, 600);
  stream.release(kept);
  BufferId next = stream.create(900);
  EXPECT_EQ(stream.statistics().allocated, 900);
  EXPECT_EQ(stream.statistics().peak_allocated, 900);
  stream.release(next);
}

TEST(Stream, EventsAreReachedInOrder) {
  auto device = cpu();
  Stream& stream = device->stream();
  Event start = stream.record_event();
  BufferId buffer = stream.create(1 << 20);
  TensorView views[] = {contiguous_view(buffer, DType::kF32, {1 << 18})};
  for (int i = 0; i < 10; ++i) stream.record(Map{plus_one(), views, views, {}});
  Event end = stream.record_event();
  stream.wait(end);
  EXPECT_TRUE(stream.query(start));
  EXPECT_TRUE(stream.query(end));
  EXPECT_GE(Stream::elapsed_ms(start, end), 0.0);
  stream.release(buffer);
}

TEST(Stream, WritesOfAnySizeArriveInOrder) {
  auto device = cpu();
  Stream& stream = device->stream();
  for (int64_t size : {4, 4096, 1 << 20}) {
    BufferId buffer = stream.create(size);
    for (int round = 0; round < 3; ++round) {
      std::vector<char> data(size, static_cast<char>(round)), back(size);
      stream.write(buffer, 0, data.data(), size);
      std::fill(data.begin(), data.end(), 99);  // the source is free at once
      stream.read(buffer, 0, back.data(), size);
      EXPECT_EQ(back, std::vector<char>(size, static_cast<char>(round)));
    }
    stream.release(buffer);
  }
}

TEST(Stream, AnIdleDeviceTakesAnOpenWindow) {
  auto device = cpu();
  Stream& stream = device->stream();
  BufferId buffer = stream.create(4);
  for (int i = 0; i < 2000 && !stream.idle(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  EXPECT_TRUE(stream.idle());
  stream.release(buffer);
}

}  // namespace
}  // namespace lineshaft
