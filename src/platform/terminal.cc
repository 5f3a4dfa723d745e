#include "platform/terminal.h"

#include <algorithm>

namespace lineshaft {

std::string screen_text(const std::vector<std::string>& lines, const std::vector<size_t>& bold) {
  constexpr const char *kTop = "\033[H", *kRestOfLine = "\033[K", *kRestOfScreen = "\033[J";
  std::string text = kTop;
  for (size_t i = 0; i < lines.size(); ++i) {
    bool heading = std::ranges::find(bold, i) != bold.end();
    text += (heading ? "\033[1m" : "") + lines[i] + (heading ? "\033[0m" : "") + kRestOfLine;
    if (i + 1 < lines.size()) text += "\r\n";
  }
  return text + kRestOfScreen;
}

}  // namespace lineshaft
