// Control of the whole terminal: a screen of its own, keys without waiting for Enter, and the previous state restored
// at the end.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "base/command_export.h"

namespace lineshaft {

struct TerminalSize {
  size_t width = 0, height = 0;
};
// For the standard output. The size is 0 where it is not a terminal.
LINESHAFT_COMMAND_EXPORT bool is_terminal();
LINESHAFT_COMMAND_EXPORT TerminalSize terminal_size();

class LINESHAFT_COMMAND_EXPORT Terminal {
 public:
  Terminal();
  ~Terminal();

  // Draws the lines; those in `bold` are headings.
  void draw(const std::vector<std::string>& lines, const std::vector<size_t>& bold);

  enum class Event { kNone, kKey, kResize, kEnd };
  // Waits for a key, a change of size, or the end of the program (kEnd: Ctrl-C, SIGTERM, or a closed terminal). Ctrl-Z
  // restores the terminal until the program continues.
  Event wait(std::chrono::milliseconds timeout);
  char key() const { return key_; }

 private:
  struct State;

  std::unique_ptr<State> state_;
  char key_ = 0;
};

// The terminal codes that draw these lines from the top of the screen and clear the rest.
std::string screen_text(const std::vector<std::string>& lines, const std::vector<size_t>& bold);

}  // namespace lineshaft
