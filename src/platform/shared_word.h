// Waiting for a change of a word in shared memory, between processes (a futex). std::atomic::wait works only between
// threads of one process.
#pragma once

#include <atomic>
#include <cstdint>

namespace lineshaft {

void wait_while_word(void* word, uint32_t value) noexcept;
void wake_word(void* word) noexcept;

// Sleeps until the word is no longer `value`, for at most a second. It may return early.
template <class T>
void wait_while(std::atomic<T>& word, T value) noexcept {
  static_assert(sizeof word == sizeof(uint32_t));
  wait_while_word(&word, static_cast<uint32_t>(value));
}

// Wakes all threads that wait for the word. Call it after the word has changed.
template <class T>
void wake(std::atomic<T>& word) noexcept {
  static_assert(sizeof word == sizeof(uint32_t));
  wake_word(&word);
}

}  // namespace lineshaft
