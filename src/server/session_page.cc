#include "server/session_page.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <climits>
#include <ctime>

namespace lineshaft {
namespace {

// std::atomic::wait is for the threads of one process.
void futex(std::atomic<LeaseState>& word, int operation, uint32_t value, const timespec* timeout) noexcept {
  ::syscall(SYS_futex, reinterpret_cast<uint32_t*>(&word), operation, value, timeout, nullptr, 0);
}

}  // namespace

void wait_while(std::atomic<LeaseState>& word, LeaseState value) noexcept {
  timespec second{1, 0};
  futex(word, FUTEX_WAIT, static_cast<uint32_t>(value), &second);
}

void wake(std::atomic<LeaseState>& word) noexcept {
  futex(word, FUTEX_WAKE, INT_MAX, nullptr);
}

}  // namespace lineshaft
