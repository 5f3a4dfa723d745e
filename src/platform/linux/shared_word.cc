#include "platform/shared_word.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <climits>
#include <ctime>

namespace lineshaft {
namespace {

void futex(void* word, int operation, uint32_t value, const timespec* timeout) noexcept {
  ::syscall(SYS_futex, static_cast<uint32_t*>(word), operation, value, timeout, nullptr, 0);
}

}  // namespace

void wait_while_word(void* word, uint32_t value) noexcept {
  timespec second{1, 0};
  futex(word, FUTEX_WAIT, value, &second);
}

void wake_word(void* word) noexcept {
  futex(word, FUTEX_WAKE, INT_MAX, nullptr);
}

}  // namespace lineshaft
