// Text that came from elsewhere, made fit for a terminal and a line of a log.
#pragma once

#include <string>

namespace lineshaft {

// Each control character is replaced, so that a guest's name moves no cursor and begins no line.
inline std::string printable(std::string text, char instead = '?') {
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = instead;
  return text;
}

}  // namespace lineshaft
