// One thing that `lineshaft doctor` has looked at.
#pragma once

#include <optional>
#include <string>

#include "platform/graphics.h"

namespace lineshaft::cli {

enum class State { kGood, kNote, kWrong };

struct Check {
  std::string what;
  State state = State::kGood;
  std::string text;
  std::string remedy;
  bool counted = true;  // false: it is wrong only because of what another check says
};

// The server that lends this environment its devices: whether it answers, its release, what it lends. Nothing where a
// machine with a GPU of its own has no server.
std::optional<Check> check_server(const GraphicsFiles& files);

}  // namespace lineshaft::cli
