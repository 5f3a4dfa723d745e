#include "platform/shared_word.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

namespace lineshaft {
namespace {

enum class Light : uint32_t { kRed, kGreen };

TEST(SharedWord, NobodySleepsOnAWordThatHasChangedAlready) {
  std::atomic<Light> word = Light::kGreen;
  auto start = std::chrono::steady_clock::now();
  wait_while(word, Light::kRed);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(900));
}

TEST(SharedWord, WhoSleepsIsWokenBeforeTheSecondIsOver) {
  std::atomic<Light> word = Light::kRed;
  auto start = std::chrono::steady_clock::now();
  std::thread sleeps([&] {
    while (word == Light::kRed) wait_while(word, Light::kRed);
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  word = Light::kGreen;
  wake(word);
  sleeps.join();
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(900));
}

}  // namespace
}  // namespace lineshaft
