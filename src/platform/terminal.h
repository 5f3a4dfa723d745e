// A program that has the whole terminal: its own screen, keys as they are struck, and everything as it was afterwards.
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
// Of the standard output; nothing where it is no terminal.
LINESHAFT_COMMAND_EXPORT bool is_terminal();
LINESHAFT_COMMAND_EXPORT TerminalSize terminal_size();

class LINESHAFT_COMMAND_EXPORT Terminal {
 public:
  Terminal();
  ~Terminal();

  // Draws the lines; those in `bold` are headings.
  void draw(const std::vector<std::string>& lines, const std::vector<size_t>& bold);

  enum class Event { kNone, kKey, kResize, kEnd };
  // Waits for a key, a change of size, or what ends the program (Ctrl-C, being told to end, a terminal that is gone).
  // Ctrl-Z gives the terminal back until the program goes on.
  Event wait(std::chrono::milliseconds timeout);
  char key() const { return key_; }

 private:
  struct State;

  std::unique_ptr<State> state_;
  char key_ = 0;
};

// What draws these lines from the top of the screen and clears the rest.
std::string screen_text(const std::vector<std::string>& lines, const std::vector<size_t>& bold);

}  // namespace lineshaft
