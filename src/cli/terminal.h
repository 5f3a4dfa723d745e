// A program that has the whole terminal: its own screen, keys as they are struck, and everything as it was afterwards.
#pragma once

#include <termios.h>

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "platform/descriptor.h"

namespace lineshaft::cli {

struct TerminalSize {
  size_t width = 0, height = 0;
};
// Of the standard output; nothing where it is no terminal.
bool is_terminal();
TerminalSize terminal_size();

class Terminal {
 public:
  Terminal();
  ~Terminal();

  // Draws the lines; those in `bold` are headings.
  void draw(const std::vector<std::string>& lines, const std::vector<size_t>& bold);

  enum class Event { kNone, kKey, kResize, kEnd };
  // Waits for a key, a change of size, or what ends the program (Ctrl-C, SIGTERM, a terminal that is gone). Ctrl-Z
  // gives the terminal back until the program goes on.
  Event wait(std::chrono::milliseconds timeout);
  char key() const { return key_; }

 private:
  void enter();
  void leave() noexcept;

  Descriptor signals_;
  bool keys_ = false;  // the standard input is the terminal
  termios before_{};
  char key_ = 0;
};

}  // namespace lineshaft::cli
