// Measures the work of the open window and says when to close it. All functions are called with the stream's lock held.
#pragma once

#include <utility>

#include "commands/work.h"
#include "lineshaft/stream/stream.h"

namespace lineshaft {

class WindowMeter {
 public:
  static constexpr double kLargeWork = 0x1p32;  // units, beyond which a window closes early

  WindowMeter(const StreamOptions& options, const CommandWindow& window) : options_(options), window_(window) {}

  enum class Size {
    kSmall,
    kLarge,  // it closes before the next operation that fusion cannot merge
    kFull,   // it closes now
  };
  // To be called after each append. The work of commands is measured for a few of them at a time.
  Size size() {
    auto commands = static_cast<int>(window_.list.commands.size());
    if (window_.list.commands.size() >= measured_ + kStride) measure();
    int most = options_.fusion ? 2 : 1;
    if (commands >= most * options_.window || work_.units > most * kLargeWork) return Size::kFull;
    return commands >= options_.window || work_.units > kLargeWork ? Size::kLarge : Size::kSmall;
  }

  // Adds bytes that the window creates: new buffers and data from the host.
  void add_bytes(int64_t bytes) { bytes_ = saturating_sum(bytes_, bytes); }
  bool makes_little() const { return bytes_ <= kShortBytes; }

  // The measures of a window that closes; take() starts again from zero.
  struct Total {
    double units;
    bool short_list;  // running it takes less time than giving it to another thread
  };
  Total take() {
    measure();
    Work work = std::exchange(work_, {});
    bool short_list = makes_little() && work.bytes <= kShortTraffic;
    measured_ = 0;
    bytes_ = 0;
    return {work.units, short_list};
  }

 private:
  static constexpr size_t kStride = 16;              // commands
  static constexpr int64_t kShortBytes = 512 << 10;  // the most that a short list creates
  static constexpr double kShortTraffic = 2 << 20;   // the most bytes that it reads and writes

  void measure() {
    for (; measured_ < window_.list.commands.size(); ++measured_) {
      const Command& command = window_.list.commands[measured_];
      if (command.kind != CommandKind::kCreate && command.kind != CommandKind::kRelease) work_ += work_of(command);
    }
  }

  const StreamOptions& options_;
  const CommandWindow& window_;
  Work work_;            // of the window's first `measured_` commands
  size_t measured_ = 0;  // may exceed the number of commands where the last creations have gone to the next window
  int64_t bytes_ = 0;
};

}  // namespace lineshaft
