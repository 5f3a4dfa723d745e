// Waiting for a word in memory that processes share; std::atomic::wait is for the threads of one process.
#pragma once

#include <atomic>
#include <cstdint>

namespace lineshaft {

void wait_while_word(void* word, uint32_t value) noexcept;
void wake_word(void* word) noexcept;

// Sleeps until the word is no longer `value`, a second at most; may wake early.
template <class T>
void wait_while(std::atomic<T>& word, T value) noexcept {
  static_assert(sizeof word == sizeof(uint32_t));
  wait_while_word(&word, static_cast<uint32_t>(value));
}

// Wakes all that wait for the word, to be called once it has changed.
template <class T>
void wake(std::atomic<T>& word) noexcept {
  static_assert(sizeof word == sizeof(uint32_t));
  wake_word(&word);
}

}  // namespace lineshaft
