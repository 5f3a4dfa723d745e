#include "platform/clock.h"

#include <ctime>

namespace lineshaft {

std::string time_of_day() {
  char text[16];
  std::time_t now = std::time(nullptr);
  std::tm local{};
  size_t size = std::strftime(text, sizeof text, "%H:%M:%S", ::localtime_r(&now, &local));
  return {text, size};
}

}  // namespace lineshaft
